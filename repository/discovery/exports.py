"""A version's metadata in other formats: by address, and by what a program's Accept prefers."""

from flask import make_response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from repository.access.documents import document_for, find_version
from repository.accounts.identity import current_actor
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.discovery.blueprint import blueprint
from repository.discovery.signposting import back_link
from repository.formats import registry
from repository.formats.base import Format
from repository.formats.record_json import RecordJson
from repository.formats.schema_org import SchemaOrg
from repository.records.document import Document
from repository.records.models import Version
from repository.web import caching
from repository.web.context import reading
from repository.web.cors import readable_elsewhere
from repository.web.problems import NotAcceptable

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
    best = request.accept_mimetypes.best_match(types)
    if best is None:
        raise NotAcceptable(_NOT_OFFERED, types=", ".join(types))
    return registry.for_media_type(RecordJson.media_type if best == PLAIN_JSON else best)


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
    response = make_response(wanted.render(document))
    response.content_type = wanted.media_type
    name = f"{version.id}.{wanted.extension}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Link"] = back_link(work, version.id, "describes")
    response.headers["Content-Location"] = url_for(
        "discovery.export", record_id=version.id, name=wanted.name
    )
    response.vary.add("Accept")
    return readable_elsewhere(caching.public(response, last_modified=version.updated_at))


def structured_data(document: Document) -> Markup:
    """schema.org as JSON-LD for the page's head; nothing in it can end the script element."""
    text = SchemaOrg().render(document).decode()
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 JSON without an angle bracket
