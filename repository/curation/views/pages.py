"""Pages that everybody may read."""

from flask import Response as FlaskResponse
from flask import render_template, request
from werkzeug.wrappers import Response

from repository.accounts.identity import current_actor
from repository.core.errors import NotFound
from repository.curation import collections
from repository.curation.roles import may_create, role_in
from repository.curation.views.blueprint import KINDS, blueprint
from repository.discovery.cards import cards_of
from repository.discovery.engines.base import Sort
from repository.discovery.overview import records_by_collection
from repository.discovery.search import SearchRequest, search
from repository.i18n.locale import language
from repository.web import paging
from repository.web.caching import public
from repository.web.context import reading, runtime
from repository.web.security import untrusted

LISTED = 24


@blueprint.get("/collections")
def index() -> Response:
    """All collections, or those of a kind or whose title has the words asked for."""
    work, actor, page = reading(), current_actor(), paging.requested(size=LISTED)
    text, kind = request.args.get("q", ""), request.args.get("kind", "")
    found, total = collections.listed(
        work, text=text, kind=kind, offset=page.offset, limit=page.size
    )
    html = render_template(
        "curation/index.html",
        collections=found,
        counts=records_by_collection(work, actor),
        total=total,
        paging=page,
        text=text,
        kind=kind,
        kinds=KINDS,
        may_create=may_create(actor),
    )
    return public(html)


@blueprint.get("/collections/<slug>")
def show(slug: str) -> Response:
    """What a collection is, what lies below it, its newest records that the reader may see."""
    work, actor, page = reading(), current_actor(), paging.requested(size=10)
    collection = collections.find(work, slug)
    if collection.slug != slug:
        raise NotFound
    result = search(
        work,
        actor,
        SearchRequest(
            chosen={"collection": [slug]},
            sort=Sort.NEWEST,
            offset=page.offset,
            limit=page.size,
            facets=("type", "topic"),
        ),
    )
    role = role_in(work, actor, collection)
    html = render_template(
        "curation/show.html",
        collection=collection,
        below=collections.children(work, collection),
        counts=records_by_collection(work, actor),
        cards=cards_of(work, actor, result.versions, lang=language()),
        result=result,
        total=result.total,
        paging=page,
        role=role.value if role else "",
    )
    return public(html)


@blueprint.get("/collections/<slug>/logo")
def logo(slug: str) -> Response:
    """The picture, typed as what its first bytes are and as nothing that could run."""
    collection = collections.find(reading(), slug)
    if not collection.logo_sha256:
        raise NotFound
    body = b"".join(runtime().store.read(collection.logo_sha256))
    response = public(FlaskResponse(body, mimetype=collection.logo_type), max_age=86400)
    return untrusted(response)
