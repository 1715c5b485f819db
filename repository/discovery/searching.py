"""The search page, what it suggests while one types, and its description for browsers."""

from flask import jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from repository.accounts.identity import current_actor
from repository.discovery import arguments
from repository.discovery.blueprint import blueprint
from repository.discovery.cards import cards_of
from repository.discovery.engines.base import Sort
from repository.discovery.search import SearchRequest, SearchResult
from repository.discovery.search import search as find
from repository.discovery.suggestions import suggest as find_suggestions
from repository.discovery.years import timeline
from repository.i18n.locale import language
from repository.web import paging
from repository.web.caching import public
from repository.web.context import reading
from repository.web.paging import Paging
from repository.web.urls import absolute_url

FACET_ORDER = (  # the first few stand open
    *("type", "topic", "institution", "collection"),
    *("access", "license", "language", "format", "funder"),
)
NOT_IN_A_FEED = ("page", "size", "sort")


@blueprint.get("/search")
def search() -> Response:
    """Everything is in the address: a search can be linked to, and works without scripts."""
    page = paging.requested()
    asked = request_of(page)
    result = find(reading(), current_actor(), asked)
    return public(_page(asked, result, page), max_age=30)


def request_of(page: Paging, *, sort: Sort | None = None) -> SearchRequest:
    """What the address asks for. Raises ValidationFailed naming an argument that is wrong."""
    return arguments.read(request.args, offset=page.offset, limit=page.size, sort=sort)


def _page(asked: SearchRequest, result: SearchResult, page: Paging) -> str:
    work, actor = reading(), current_actor()
    return render_template(
        "discovery/search.html",
        asked=asked,
        result=result,
        cards=cards_of(work, actor, result.versions, result.words, language()),
        paging=page,
        timeline=timeline(result.facets["years"], asked.year_from, asked.year_to),
        sorts=list(Sort),
        facet_order=FACET_ORDER,
        feed_url=_feed_url(),
    )


def _feed_url() -> str:
    kept = {
        name: v for name, v in request.args.to_dict(flat=False).items() if name not in NOT_IN_A_FEED
    }
    return url_for("discovery.atom", **kept)  # type: ignore[arg-type] # Flask takes any


@blueprint.get("/search/suggest")
def suggest() -> Response:
    """Titles that what was typed may become: a fragment for the page, JSON for browsers' bars."""
    work, actor = reading(), current_actor()
    typed = request.args.get("q", "")
    cards = cards_of(work, actor, find_suggestions(work, actor, typed), [typed], language())
    if request.args.get("format") == "opensearch":
        titles = [card.title.striptags() for card in cards]
        links = [absolute_url("discovery.landing", record_id=card.id) for card in cards]
        return public(jsonify([typed, titles, [], links]), max_age=60)
    return public(render_template("discovery/suggestions.html", cards=cards), max_age=60)
