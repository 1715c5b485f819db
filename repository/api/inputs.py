"""Reading what was sent, with a pointer to what is wrong."""

from typing import Any

from flask import request
from pydantic import ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.records.access import AccessSettings
from repository.records.metadata import accept


def json_object(*, required: bool = True) -> dict[str, Any]:
    """The body as a JSON object; an empty one where none was sent and none is needed."""
    body = _json(required=required)
    if body is None and not required:
        return {}
    if not isinstance(body, dict):
        raise ValidationFailed(errors=[FieldError("", N_("Send a JSON object."))])
    return body


def json_list() -> list[Any]:
    body = _json(required=True)
    if not isinstance(body, list):
        raise ValidationFailed(errors=[FieldError("", N_("Send a JSON list."))])
    return body


def _json(*, required: bool) -> Any:
    if not required and not request.get_data(cache=True):
        return None
    if not request.is_json:
        raise UnsupportedMediaType
    return request.get_json()


def metadata_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The metadata, InvenioRDM's `title` and `description` made into titles by language."""
    metadata = body.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise ValidationFailed(errors=[FieldError("/metadata", N_("Send a JSON object."))])
    return accept(metadata)


def access_of(body: dict[str, Any]) -> AccessSettings | None:
    access = body.get("access")
    if access is None:
        return None
    try:
        settings = AccessSettings.model_validate(access)
    except ValidationError as error:
        raise ValidationFailed(errors=[_access_error(e) for e in error.errors()]) from error
    if wrong := list(settings.problems()):
        raise ValidationFailed(errors=wrong)
    return settings


def _access_error(error: Any) -> FieldError:
    pointer = "".join(f"/{part}" for part in ("access", *error["loc"]))
    if error["type"] == "extra_forbidden":
        return FieldError(pointer, N_("There is no such setting of access."))
    return FieldError(
        pointer,
        N_(
            "Use record and files with 'public' or 'restricted', and embargo with active, until "
            "(YYYY-MM-DD) and reason."
        ),
    )


def files_enabled_of(body: dict[str, Any]) -> bool | None:
    files = body.get("files")
    if files is None:
        return None
    enabled = files.get("enabled", True) if isinstance(files, dict) else None
    if not isinstance(enabled, bool):
        message = N_('Use {"enabled": true} or {"enabled": false}.')
        raise ValidationFailed(errors=[FieldError("/files", message)])
    return enabled


def external_doi_of(body: dict[str, Any]) -> str | None:
    """The DOI of another registry that the draft came with, in InvenioRDM's `pids`."""
    pids = body.get("pids")
    doi = pids.get("doi") if isinstance(pids, dict) else None
    if isinstance(doi, dict) and doi.get("provider") == "external":
        identifier = doi.get("identifier")
        return identifier if isinstance(identifier, str) and identifier else None
    return None


def expected_revision() -> int | None:
    """The revision in `If-Match`, as the ETag of a draft gives it."""
    tags = request.if_match
    if not tags or tags.star_tag:
        return None
    numbers = [tag for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 10]
    return int(numbers[0]) if numbers else -1
