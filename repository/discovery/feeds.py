"""What crawlers and feed readers are told: sitemap, robots, Atom, OpenSearch."""

from datetime import datetime

from flask import make_response, render_template, request
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response

from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS
from repository.core.errors import NotFound
from repository.discovery.blueprint import blueprint
from repository.discovery.cards import cards_of
from repository.discovery.engines.base import Sort
from repository.discovery.search import search as find
from repository.discovery.searching import request_of
from repository.discovery.standing import standing
from repository.i18n.locale import language
from repository.records.models import Version
from repository.web.caching import public
from repository.web.context import reading, runtime
from repository.web.paging import Paging

SITEMAP_SIZE = 50_000  # what sitemaps.org allows in one file
FEED_SIZE = 50
HOUR = 3600


def _listed() -> Select[tuple[str, datetime]]:
    """Standing versions that anyone may see: feeds are for nobody in particular."""
    return select(Version.id, Version.updated_at).where(
        standing(), visible_to(ANONYMOUS, runtime().clock.now())
    )


def _xml(template: str, media_type: str, **values: object) -> Response:
    response = make_response(render_template(template, **values))
    response.content_type = f"{media_type}; charset=utf-8"
    return public(response, max_age=HOUR)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """One file where it holds everything; else an index of files of 50,000 addresses."""
    listed = _listed().subquery()
    count = reading().session.scalar(select(func.count()).select_from(listed)) or 0
    if count <= SITEMAP_SIZE:
        return _sitemap_page(1)
    pages = range(1, -(-count // SITEMAP_SIZE) + 1)
    return _xml("discovery/sitemap_index.xml", "application/xml", pages=pages)


@blueprint.get("/sitemap-<int:page>.xml")
def sitemap_page(page: int) -> Response:
    return _sitemap_page(page)


def _sitemap_page(page: int) -> Response:
    query = _listed().order_by(Version.id).limit(SITEMAP_SIZE).offset((page - 1) * SITEMAP_SIZE)
    rows = reading().session.execute(query).all()
    if page != 1 and not rows:
        raise NotFound
    return _xml("discovery/sitemap.xml", "application/xml", rows=rows, first=page == 1)


@blueprint.get("/robots.txt")
def robots() -> Response:
    response = make_response(render_template("discovery/robots.txt"))
    response.content_type = "text/plain; charset=utf-8"
    return public(response, max_age=24 * HOUR)


@blueprint.get("/feed.atom")
def atom() -> Response:
    """The newest records (RFC 4287); with a search's arguments, the newest of that search."""
    asked = request_of(Paging(1, FEED_SIZE), sort=Sort.NEWEST)
    work = reading()
    result = find(work, ANONYMOUS, asked)
    cards = cards_of(work, ANONYMOUS, result.versions, lang=language())
    updated = max((v.updated_at for v in result.versions), default=work.clock.now())
    return _xml(
        "discovery/feed.atom.xml",
        "application/atom+xml",
        cards=cards,
        updated=updated,
        query=request.args.get("q", ""),
    )


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """So that browsers can search here from their address bar (OpenSearch 1.1)."""
    return _xml("discovery/opensearch.xml", "application/opensearchdescription+xml")
