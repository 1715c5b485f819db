"""What is published: search, one record, its versions and files."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urljoin

from flask import Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from repository.access.documents import (
    document_for,
    documents_for,
    downloadable_file,
    downloadable_version,
    find_named,
    find_version,
    latest_visible,
    packable_version,
    visible_versions,
)
from repository.access.files import file_entries
from repository.accounts.identity import current_actor
from repository.accounts.models import Actor
from repository.api import representations
from repository.api.blueprint import answers, blueprint, query
from repository.api.schemas import (
    FileListOutput,
    FileOutput,
    PageQuery,
    RecordListOutput,
    RecordOutput,
    SearchQuery,
)
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.discovery import arguments, exports
from repository.discovery.bag import bag_of, name_of
from repository.discovery.cursors import Cursor, parse_cursor
from repository.discovery.downloads import send_archive, send_content
from repository.discovery.engines.base import FACETS, Sort
from repository.discovery.search import SearchRequest, SearchResult, search
from repository.records.document import Document
from repository.records.models import Version
from repository.records.paths import normalise_path
from repository.web import paging
from repository.web.context import reading, runtime
from repository.web.urls import here

MAX_FILES_PAGE = 1000
SORTS = {
    "bestmatch": Sort.RELEVANCE,
    "newest": Sort.NEWEST,
    "oldest": Sort.OLDEST,
    "title": Sort.TITLE,
    "modified": Sort.MODIFIED,
    "mostused": Sort.MOST_USED,
    "mostviewed": Sort.MOST_USED,  # as InvenioRDM's clients ask
}


def body_of(work: Work, actor: Actor, version: Version, *, files: int = 100) -> dict[str, Any]:
    return _body(work, version, document_for(work, actor, version, files_limit=files))


def bodies_of(work: Work, actor: Actor, versions: Sequence[Version]) -> list[dict[str, Any]]:
    """As lists show them: without files."""
    documents = documents_for(work, actor, versions, files_limit=0)
    return [_body(work, *pair) for pair in zip(versions, documents, strict=True)]


def _body(work: Work, version: Version, document: Document | None) -> dict[str, Any]:
    if document is None:
        raise NotFound
    return representations.record(document) | {"stats": representations.usage(work, version)}


@blueprint.get("/records")
@answers(200, RecordListOutput, summary="Search what is published", bearer=False)
@query(SearchQuery)
def search_records() -> Response:
    """Facets are filters too: `?language=vie`. The query language is that of `/search`.

    Pages reach 10,000 results; `?cursor=*` begins a walk through all of them by date.
    """
    work, actor, page = reading(), current_actor(), paging.requested()
    found = search(
        work,
        actor,
        SearchRequest(
            query=request.args.get("q", ""),
            chosen={name: request.args.getlist(name) for name in FACETS},
            sort=_sort(),
            box=arguments.box(request.args),
            cursor=_cursor(),
            offset=page.offset,
            limit=page.size,
            all_versions=request.args.get("allversions") in ("1", "true"),
        ),
    )
    hits = bodies_of(work, actor, found.versions)
    return jsonify(
        {
            "hits": {"hits": hits, "total": found.total},
            "aggregations": {
                name: {"buckets": [{"key": b.value, "doc_count": b.count} for b in buckets]}
                for name, buckets in found.facets.items()
            },
            "sortBy": found.sort.value,
            "links": absolute(_links(found, page)),
        }
    )


def _links(found: SearchResult, page: paging.Paging) -> dict[str, str]:
    if "cursor" not in request.args:
        return page.links(found.total)
    links = {"self": here()}
    return links if found.next is None else links | {"next": here(cursor=str(found.next))}


def _cursor() -> Cursor | None:
    text = request.args.get("cursor", "")
    if not text:
        return None
    if request.args.get("sort", "newest") not in ("newest", "oldest"):
        message = N_("With a cursor the order is newest or oldest.")
        raise ValidationFailed(errors=[FieldError("/sort", message)])
    return parse_cursor(text)


def absolute(links: dict[str, str]) -> dict[str, str]:
    """A page's links as programs need them."""
    return {name: urljoin(runtime().settings.base_url, link) for name, link in links.items()}


def _sort() -> Sort | None:
    name = request.args.get("sort")
    if not name:
        return None
    if name not in SORTS:
        message = N_("Choose one of: %(known)s.")
        raise ValidationFailed(errors=[FieldError("/sort", message, {"known": ", ".join(SORTS)})])
    return SORTS[name]


@blueprint.get("/records/<id>")
@answers(200, RecordOutput, summary="Read a record", bearer=False)
def read_record(id: str) -> BaseResponse:  # noqa: A002 - the field's name for it
    """Also in any other metadata format, where the Accept header prefers it to JSON."""
    work, actor = reading(), current_actor()
    version = find_named(work, actor, id)
    in_a_format = exports.negotiated(version, (exports.PLAIN_JSON,))
    return in_a_format or jsonify(body_of(work, actor, version))


@blueprint.get("/records/<id>/versions")
@answers(200, RecordListOutput, summary="List a record's versions", bearer=False)
@query(PageQuery)
def list_versions(id: str) -> Response:  # noqa: A002
    work, actor, page = reading(), current_actor(), paging.requested()
    version = find_named(work, actor, id)
    links = visible_versions(work, actor, version.record_id, limit=paging.MAX_DEPTH)
    shown = links[page.offset : page.offset + page.size]
    hits = bodies_of(work, actor, [find_version(work, actor, v.id) for v in shown])
    return jsonify(
        {"hits": {"hits": hits, "total": len(links)}, "links": absolute(page.links(len(links)))}
    )


@blueprint.get("/records/<id>/versions/latest")
@answers(301, None, summary="Go to the newest version", bearer=False)
def latest_version(id: str) -> BaseResponse:  # noqa: A002
    work, actor = reading(), current_actor()
    latest = latest_visible(work, actor, find_named(work, actor, id).record_id)
    if latest is None:
        raise NotFound
    return redirect(f"{work.settings.base_url}/api/records/{latest.id}", 301)


def _with_files(work: Work, actor: Actor, identifier: str) -> Version:
    return downloadable_version(work, actor, find_named(work, actor, identifier).id)


@blueprint.get("/records/<id>/files")
@answers(200, FileListOutput, 403, summary="List a record's files", bearer=False)
def list_files(id: str) -> Response:  # noqa: A002
    """In the order of their paths, at most 1000; `links.next` leads on. A file whose
    `access.files` is `restricted` has no content for the reader.
    """
    work, actor = reading(), current_actor()
    version = _with_files(work, actor, id)
    after = request.args.get("after", "")
    entries = file_entries(work, actor, version, after=after, limit=MAX_FILES_PAGE, locked=True)
    api = f"{work.settings.base_url}/api/records/{version.id}/files"
    links = {"self": api}
    if len(entries) == MAX_FILES_PAGE:
        links["next"] = f"{api}?after={quote(entries[-1].path)}"
    return jsonify(
        {
            "enabled": version.files_enabled,
            "entries": [representations.record_file(work, version, e) for e in entries],
            "links": links,
        }
    )


@blueprint.get("/records/<id>/files/<path:key>")
@answers(200, FileOutput, 403, summary="Read a file's entry", bearer=False)
def read_file(id: str, key: str) -> Response:  # noqa: A002
    work, actor = reading(), current_actor()
    version = _with_files(work, actor, id)
    path = normalise_path(key)
    entries = file_entries(work, actor, version, after=path[:-1], limit=1, locked=True)
    entry = next(iter(entries), None)
    if entry is None or entry.path != path:
        raise NotFound
    return jsonify(representations.record_file(work, version, entry))


@blueprint.get("/records/<id>/files/<path:key>/content")
@answers(200, None, 206, 304, 403, 416, summary="Download a file", bearer=False)
def download_file(id: str, key: str) -> BaseResponse:  # noqa: A002
    work, actor = reading(), current_actor()
    version = _with_files(work, actor, id)
    return send_content(downloadable_file(work, actor, version.id, normalise_path(key)))


@blueprint.get("/records/<id>/files-archive")
@answers(200, None, 206, 304, 403, 416, summary="Download all files as a ZIP", bearer=False)
def download_files(id: str) -> BaseResponse:  # noqa: A002
    """A BagIt bag (RFC 8493) of known length; ranges go on where a download broke off."""
    work, actor = reading(), current_actor()
    version = packable_version(work, actor, find_named(work, actor, id).id)
    return send_archive(version, bag_of(runtime(), actor, version), name_of(version))
