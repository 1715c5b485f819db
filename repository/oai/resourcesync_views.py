"""Where ResourceSync's lists are fetched."""

from collections.abc import Iterator

from flask import Blueprint, abort
from werkzeug.wrappers import Response

from repository.oai import resourcesync
from repository.web.caching import public
from repository.web.context import reading
from repository.web.cors import readable_elsewhere

LIST_SECONDS = 300
blueprint = Blueprint("resourcesync", __name__)


def _answer(pieces: Iterator[str] | None) -> Response:
    """Written as a whole: a list of 50,000 is some 20 MB, and an error amid it is no list."""
    if pieces is None:
        abort(404)
    response = Response("".join(pieces), content_type="application/xml; charset=utf-8")
    return readable_elsewhere(public(response, max_age=LIST_SECONDS))


@blueprint.get("/.well-known/resourcesync")
def description() -> Response:
    return _answer(resourcesync.description(reading()))


@blueprint.get("/resourcesync/capabilitylist.xml")
def capability_list() -> Response:
    return _answer(resourcesync.capabilities(reading()))


@blueprint.get("/resourcesync/resourcelist.xml")
def resource_index() -> Response:
    return _answer(resourcesync.resource_index(reading()))


@blueprint.get("/resourcesync/resourcelist-<any(metadata, files):kind>-<int:page>.xml")
def resource_list(kind: str, page: int) -> Response:
    return _answer(resourcesync.resource_list(reading(), kind, page) if page else None)


@blueprint.get("/resourcesync/changelist.xml")
def change_index() -> Response:
    return _answer(resourcesync.change_index(reading()))


@blueprint.get("/resourcesync/changelist-<int:page>.xml")
def change_list(page: int) -> Response:
    return _answer(resourcesync.change_list(reading(), page) if page else None)
