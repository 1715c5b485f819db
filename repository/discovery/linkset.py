"""All typed links of a version, of its files and of its exports: a linkset (RFC 9264).

It is written while it is sent, a thousand files at a time: a version of 100,000 files begins to
answer as soon as one of ten, and no more than those are in memory.
"""

import json
from collections.abc import Callable, Iterator, Sequence

from flask import make_response, request, stream_with_context, url_for
from werkzeug.wrappers import Response

from repository.access.documents import document_for, find_version
from repository.access.files import addresses_in_batches
from repository.accounts.identity import current_actor
from repository.core.errors import NotFound
from repository.discovery.blueprint import blueprint
from repository.discovery.signposting import (
    LINKSET_JSON,
    LINKSET_TEXT,
    TypedLink,
    links_of,
    packages_of,
)
from repository.records.document import Document
from repository.records.models import Version
from repository.web import caching
from repository.web.context import reading
from repository.web.cors import readable_elsewhere

Files = Callable[[], Iterator[list[TypedLink]]]
TYPES = (LINKSET_JSON, LINKSET_TEXT)
_BACK = {"item": "collection", "describedby": "describes"}


@blueprint.get("/records/<record_id>/linkset")
def linkset(record_id: str) -> Response:
    """As `application/linkset+json`."""
    return _answer(record_id, _as_json, LINKSET_JSON)


@blueprint.get("/records/<record_id>/linkset.txt")
def linkset_text(record_id: str) -> Response:
    """As `application/linkset`: the syntax of the header, one link on a line."""
    return _answer(record_id, _as_text, LINKSET_TEXT)


def preferred(version: Version, own: Sequence[str]) -> Response | None:
    """The linkset where the Accept header prefers it to a page's `own` types."""
    best = request.accept_mimetypes.best_match([*own, *TYPES]) if request.accept_mimetypes else None
    if best not in TYPES:
        return None
    as_json = best == LINKSET_JSON
    response = _answer(version.id, _as_json if as_json else _as_text, best)
    endpoint = "discovery.linkset" if as_json else "discovery.linkset_text"
    response.headers["Content-Location"] = url_for(endpoint, record_id=version.id)
    response.vary.add("Accept")
    return response


def _answer(
    record_id: str, write: Callable[[Document, Files], Iterator[str]], media_type: str
) -> Response:
    work, actor = reading(), current_actor()
    version = find_version(work, actor, record_id)
    document = document_for(work, actor, version, files_limit=0)
    if document is None:
        raise NotFound
    today = work.clock.now().date()
    etag = caching.etag_of(version.id, version.revision, version.state, today, media_type)
    if caching.unchanged(etag):
        return readable_elsewhere(caching.not_modified(etag))
    body = write(document, lambda: _items(version))
    response = make_response(stream_with_context(body))
    response.implicit_sequence_conversion = False  # else its length is taken by reading it whole
    response.content_type = media_type
    return readable_elsewhere(caching.public(response, etag=etag))


def _items(version: Version) -> Iterator[list[TypedLink]]:
    for files in addresses_in_batches(reading(), current_actor(), version):
        yield [TypedLink(address, "item", media_type) for address, media_type in files]


def _known(document: Document) -> list[TypedLink]:
    """All but the files."""
    return [*links_of(reading(), document), *packages_of(document)]


def _back(document: Document, link: TypedLink) -> TypedLink:
    """From a file or an export to the landing page."""
    return TypedLink(document.url, _BACK[link.rel], "text/html")


def _as_json(document: Document, files: Files) -> Iterator[str]:
    """One context for the page, its items last, then one for each thing that leads back."""
    known = _known(document)
    by_relation: dict[str, list[dict[str, str]]] = {"item": []}
    for link in known:
        by_relation.setdefault(link.rel, []).append(link.target())
    items = by_relation.pop("item")
    page = json.dumps({"anchor": document.url, **by_relation, "item": items}, ensure_ascii=False)
    yield '{"linkset": [' + page[:-2]  # up to the end of the list of items
    separator = ", " if items else ""
    for batch in files():
        yield separator + ", ".join(_json(link.target()) for link in batch)
        separator = ", "
    yield "]}"
    yield "".join(f", {_context(document, link)}" for link in known if link.rel in _BACK)
    for batch in files():
        yield "".join(f", {_context(document, link)}" for link in batch)
    yield "]}"


def _context(document: Document, link: TypedLink) -> str:
    back = _back(document, link)
    return _json({"anchor": link.href, back.rel: [back.target()]})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _as_text(document: Document, files: Files) -> Iterator[str]:
    yield ",\n".join(_lines(document, _known(document)))
    for batch in files():
        yield ",\n" + ",\n".join(_lines(document, batch))
    yield "\n"


def _lines(document: Document, links: list[TypedLink]) -> Iterator[str]:
    for link in links:
        yield f'{link}; anchor="{document.url}"'
        if link.rel in _BACK:
            yield f'{_back(document, link)}; anchor="{link.href}"'
