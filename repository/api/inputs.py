"""Reading what was sent, with a pointer to what is wrong."""

import re
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.deposit.uploads import Plan, plan
from repository.records.access import AccessSettings
from repository.records.data_class import DataClass
from repository.records.file_access import FileAccess
from repository.records.metadata import accept

MAX_IN_PARTS = 100
Model = TypeVar("Model", bound=BaseModel)


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


def body_of(model: type[Model]) -> Model:
    """The body as a model says, or an error at each wrong value."""
    try:
        return model.model_validate(json_object())
    except ValidationError as error:
        wrong = ["".join(f"/{part}" for part in e["loc"]) for e in error.errors()]
        message = N_("This value is not taken here; /api/docs tells which are.")
        raise ValidationFailed(errors=[FieldError(at, message) for at in wrong]) from error


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
    if pointer.startswith("/access/data_class"):
        known = {"known": ", ".join(DataClass)}
        return FieldError(pointer, N_("Choose one of: %(known)s."), known)
    if pointer.startswith(("/access/terms", "/access/personal_data")):
        message = N_("Use terms with vi and en, and personal_data with contains and ground.")
        return FieldError(pointer, message)
    return FieldError(
        pointer,
        N_(
            "Use record and files with 'public' or 'restricted', embargo with active, until "
            "(YYYY-MM-DD) and reason, and retention with delete_files_at and reason."
        ),
    )


def file_access_of(body: dict[str, Any]) -> FileAccess:
    try:
        return FileAccess.model_validate(body.get("access"))
    except ValidationError as error:
        wrong = ["".join(f"/{part}" for part in ("access", *e["loc"])) for e in error.errors()]
        message = N_(
            "Use files with 'default', 'public', 'restricted' or 'hidden'; embargo_until and "
            "delete_at (YYYY-MM-DD); delete_reason and license."
        )
        errors = [FieldError(pointer, message) for pointer in wrong]
        raise ValidationFailed(errors=errors) from error


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


def announced_files(settings: Settings) -> list[str | Plan]:
    """The files of the body: a path for one that comes whole, a plan for one in parts.

    InvenioRDM's `transfer`: type L (the body of one request) or M (parts).
    """
    found: list[str | Plan] = []
    for index, item in enumerate(json_list()):
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(key, str):
            message = N_("Send the file's path as a string.")
            raise ValidationFailed(errors=[FieldError(f"/{index}/key", message)])
        transfer = item.get("transfer", {})
        kind = transfer.get("type", "L") if isinstance(transfer, dict) else None
        if kind not in ("L", "M"):
            message = N_("The transfer types are L (whole) and M (in parts).")
            raise ValidationFailed(errors=[FieldError(f"/{index}/transfer/type", message)])
        found.append(_plan(settings, key, item, transfer, index) if kind == "M" else key)
    if sum(isinstance(item, Plan) for item in found) > MAX_IN_PARTS:
        message = N_("Announce at most %(most)s files in parts at a time.")
        raise ValidationFailed(errors=[FieldError("", message, {"most": MAX_IN_PARTS})])
    return found


def _plan(
    settings: Settings, key: str, item: dict[str, Any], transfer: dict[str, Any], index: int
) -> Plan:
    return plan(
        settings,
        key,
        _number(item, "size", f"/{index}/size") or 0,
        part_size=_number(transfer, "part_size", f"/{index}/transfer/part_size"),
        parts=_number(transfer, "parts", f"/{index}/transfer/parts"),
        sha256=_digest(item.get("checksum"), f"/{index}/checksum"),
        fingerprint=_digest(transfer.get("fingerprint"), f"/{index}/transfer/fingerprint") or "",
        replace=transfer.get("replace") is True,
        pointer=f"/{index}",
    )


def _number(body: dict[str, Any], name: str, pointer: str) -> int | None:
    value = body.get(name)
    if value is None or (isinstance(value, int) and 0 < value < 1 << 60):
        return value
    raise ValidationFailed(errors=[FieldError(pointer, N_("Send a whole number above 0."))])


def _digest(value: Any, pointer: str) -> str | None:
    """Of `sha256:…`; digests of other algorithms (`md5:…`) are let be."""
    if value is None or (isinstance(value, str) and value.startswith("md5:")):
        return None
    digest = str(value).removeprefix("sha256:").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        message = N_("Send a checksum such as sha256: and 64 hexadecimal digits.")
        raise ValidationFailed(errors=[FieldError(pointer, message)])
    return digest
