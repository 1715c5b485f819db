"""A version's metadata in other formats: by address, and by what a program's Accept prefers."""

import json
from collections.abc import Sequence

from flask import make_response, request, url_for
from markupsafe import Markup
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response

from repository.access.documents import exportable_document, find_version
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
from repository.formats.schema_org import for_search_engines
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
_NOT_APT = N_("This record has nothing to say in that format; its page lists those it has.")


def negotiated(version: Version, own: Sequence[str] = PAGE) -> Response | None:
    """The metadata in the format that the Accept header prefers to a view's own types; None where
    those are as good.

    A page raises NotAcceptable, which lists what there is (RFC 9110, section 15.5.7); the API
    answers with its JSON.
    """
    if not request.accept_mimetypes:
        return None
    wanted = _preferred(registry.formats(), own)
    if wanted is None:
        return None
    document = _document(version)
    if not registry.suits(wanted[0], document):
        wanted = _preferred(registry.offered(document), own)
    return _answer(document, *wanted) if wanted is not None else None


def _preferred(offered: Sequence[Format], own: Sequence[str]) -> tuple[Format, str] | None:
    """With the media type that was asked for."""
    types = [*dict.fromkeys((*own, *(each.media_type for each in offered), PLAIN_JSON))]
    best = best_of([*types, *registry.ALIASES, *_narrowed(offered)])
    if best is None and PLAIN_JSON not in own:
        raise NotAcceptable(_NOT_OFFERED, types=", ".join(types))
    found = named_by(best) if best is not None and best not in own else None
    return (found, str(best)) if found is not None else None


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


def _narrowed(offered: Sequence[Format]) -> list[str]:
    """Types asked for with parameters: offered as they were asked, where the type is known."""
    asked = [value for value, _quality in request.accept_mimetypes if ";" in value]
    return [value for value in asked if named_by(value) in offered]


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
    """Raises NotFound for a version the reader may not see, or a format there is not for it."""
    wanted = registry.find(name)
    if wanted is None:
        raise NotFound
    document = _document(find_version(reading(), current_actor(), record_id))
    if not registry.suits(wanted, document):
        raise NotFound(_NOT_APT)
    return _answer(document, wanted, wanted.media_type)


def _document(version: Version) -> Document:
    """What the reader may take away. Raises NotFound, Forbidden."""
    return exportable_document(reading(), current_actor(), version, files_limit=FILES)


def _answer(document: Document, wanted: Format, media_type: str) -> Response:
    response = make_response(_rendered(document, wanted))
    named_otherwise = media_type in registry.ALIASES
    response.content_type = media_type if named_otherwise else wanted.media_type
    name = f"{document.id}.{wanted.extension}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Link"] = back_link(reading(), document.id, "describes")
    response.headers["Content-Location"] = url_for(
        "discovery.export", record_id=document.id, name=wanted.name
    )
    response.vary.add("Accept")
    if has_bearer():
        return readable_elsewhere(response)
    return readable_elsewhere(caching.public(response, last_modified=document.updated_at))


def structured_data(document: Document) -> Markup:
    """schema.org as JSON-LD for the page's head; nothing in it can end the script element."""
    text = json.dumps(for_search_engines(document), ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 JSON without an angle bracket
