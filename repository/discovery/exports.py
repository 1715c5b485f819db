"""A version's metadata in other formats: by address, and by what a program's Accept prefers."""

from flask import make_response, request, url_for
from markupsafe import Markup
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response

from repository.access.documents import document_for, find_version
from repository.accounts.identity import current_actor
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.discovery.blueprint import blueprint
from repository.discovery.citing import chosen_language, chosen_style
from repository.discovery.signposting import back_link
from repository.formats import registry
from repository.formats.base import Format, profile_of
from repository.formats.bibliography import Bibliography
from repository.formats.record_json import RecordJson
from repository.formats.schema_org import SchemaOrg
from repository.records.document import Document
from repository.records.models import Version
from repository.web import caching
from repository.web.context import reading
from repository.web.cors import readable_elsewhere
from repository.web.problems import NotAcceptable
from repository.web.security import has_bearer

FILES = 1000
PAGE = ("text/html", "application/xhtml+xml")
PLAIN_JSON = "application/json"
_NOT_OFFERED = N_("This can be given as one of: %(types)s.")


def preferred() -> Format | None:
    """The format that the Accept header prefers to a page; None where it wants the page.

    Raises NotAcceptable, which lists what there is (RFC 9110, section 15.5.7).
    """
    if not request.accept_mimetypes:
        return None
    types = [*PAGE, *(each.media_type for each in registry.formats()), PLAIN_JSON]
    best = best_of([*types, *_narrowed()])
    if best is None:
        raise NotAcceptable(_NOT_OFFERED, types=", ".join(types))
    return named_by(best)


def preferred_to_json() -> Format | None:
    """For the API: the format that is preferred to its own JSON, None where that is as good."""
    types = [PLAIN_JSON, *(each.media_type for each in registry.formats())]
    best = best_of([*types, *_narrowed()])
    return None if best in (None, PLAIN_JSON) else named_by(str(best))


def best_of(types: list[str]) -> str | None:
    best: str | None = request.accept_mimetypes.best_match(types)
    return best


def named_by(media_type: str) -> Format | None:
    """The format of a media type, whose `profile` tells it from others of the same type.

    None for a page's type. Other parameters are the format's own business.
    """
    if media_type == PLAIN_JSON:
        media_type = RecordJson.media_type
    exact = registry.for_media_type(media_type)
    if exact is not None:
        return exact
    base, told = parse_options_header(media_type)
    found = [each for each in registry.formats() if each.media_type.split(";")[0] == base]
    wanted = told.get("profile", "").split()
    return next((each for each in found if profile_of(each) in wanted), next(iter(found), None))


def _narrowed() -> list[str]:
    """Types asked for with parameters: offered as they were asked, where the type is known."""
    asked = [value for value, _quality in request.accept_mimetypes if ";" in value]
    return [value for value in asked if named_by(value) is not None]


def _rendered(document: Document, wanted: Format) -> bytes:
    """With the style and language that the address or else the Accept header names."""
    if not isinstance(wanted, Bibliography):
        return wanted.render(document)
    asked = [value for value, _quality in request.accept_mimetypes]
    mine = next((value for value in asked if value.startswith(Bibliography.media_type)), "")
    told = parse_options_header(mine)[1] | request.args.to_dict()
    style, spoken = chosen_style(told.get("style")), chosen_language(told.get("locale"))
    return wanted.styled(document, style, spoken)


@blueprint.get("/records/<record_id>/export/<name>")
def export(record_id: str, name: str) -> Response:
    """Raises NotFound for a version the reader may not see, or a format there is not."""
    wanted = registry.find(name)
    if wanted is None:
        raise NotFound
    return answer(find_version(reading(), current_actor(), record_id), wanted)


def answer(version: Version, wanted: Format) -> Response:
    """The metadata that the reader may know, rendered."""
    work, actor = reading(), current_actor()
    document = document_for(work, actor, version, files_limit=FILES)
    if document is None:
        raise NotFound
    response = make_response(_rendered(document, wanted))
    response.content_type = wanted.media_type
    name = f"{version.id}.{wanted.extension}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Link"] = back_link(work, version.id, "describes")
    response.headers["Content-Location"] = url_for(
        "discovery.export", record_id=version.id, name=wanted.name
    )
    response.vary.add("Accept")
    if has_bearer():
        return readable_elsewhere(response)
    return readable_elsewhere(caching.public(response, last_modified=version.updated_at))


def structured_data(document: Document) -> Markup:
    """schema.org as JSON-LD for the page's head; nothing in it can end the script element."""
    text = SchemaOrg().render(document).decode()
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 JSON without an angle bracket
