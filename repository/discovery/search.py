"""Searching what was published: the one service behind the page, the API and suggestions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from repository.accounts.models import Actor
from repository.core.messages import N_
from repository.core.work import Work
from repository.discovery import places
from repository.discovery.cursors import Cursor, cursor_after
from repository.discovery.documents import access_filter, published_number
from repository.discovery.engines.base import FACETS, Found, Search, Sort
from repository.discovery.engines.nodes import Keyword, Node, Range
from repository.discovery.hits import visible_in_order
from repository.discovery.query import Note, parse
from repository.discovery.readers import ask
from repository.discovery.suggestions import did_you_mean
from repository.records.models import Version

FACET_SIZE = 12
YEARS = 300  # of them all, for a picture of when
MAX_CHOSEN = 20
BUILDING = N_("The search index is being built; results may be missing for a little while.")


@dataclass(frozen=True)
class SearchRequest:
    """What is asked: a query in the query language, facet values, a range of years, an order.

    `record` looks only among the versions of one record; `box` only where data touch it. With a
    `cursor` the order is by publication and `offset` does not count.
    """

    query: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort | None = None
    offset: int = 0
    limit: int = 20
    all_versions: bool = False
    record: str | None = None
    box: places.Box | None = None
    cursor: Cursor | None = None
    published_after: datetime | None = None
    facets: Sequence[str] = FACETS


@dataclass(frozen=True)
class Bucket:
    """A facet value, how many results have it, and whether it was chosen."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class SearchResult:
    """`words` are what to highlight. `did_you_mean` is a query that would find something. `next`
    is where a walk by cursor goes on; None at its end, and where none was asked for.
    """

    versions: list[Version]
    total: int
    facets: dict[str, list[Bucket]]
    words: tuple[str, ...]
    notes: tuple[Note, ...]
    sort: Sort
    did_you_mean: str | None = None
    next: Cursor | None = None


def search(work: Work, actor: Actor, request: SearchRequest) -> SearchResult:
    """Find versions that `actor` may see. Never raises for what is asked in the query."""
    parsed = parse(request.query)
    by_date = parsed.is_empty or request.cursor is not None
    default = Sort.NEWEST if by_date else Sort.RELEVANCE
    chosen = _known(request.chosen)
    sizes = {name: YEARS if name == "years" else FACET_SIZE for name in request.facets}
    asked = Search(
        query=parsed.tree,
        filters=_filters(work, actor, request),
        chosen=chosen,
        facets=sizes,
        sort=request.sort or default,
        offset=0 if request.cursor else request.offset,
        limit=1 if request.cursor else request.limit,
    )
    found = ask(work.settings, asked)
    following: Cursor | None = None
    if found is not None and request.cursor is not None:
        found, following = _from(work, asked, request, found)
    if found is not None and "years" in sizes and _has_years(request):
        found = _with_all_years(work, actor, asked, request, found)
    notes = parsed.notes
    if found is None:
        found = Found([], 0, {name: [] for name in sizes})
        notes = (*notes, Note(BUILDING))
    better = None if found.total or not parsed.words else did_you_mean(work, actor, parsed.words)
    return SearchResult(
        versions=visible_in_order(work, actor, found.ids),
        total=found.total,
        facets={name: _buckets(found, name, chosen.get(name, ())) for name in found.facets},
        words=parsed.words,
        notes=notes,
        sort=asked.sort,
        did_you_mean=better,
        next=following,
    )


def ids_of(work: Work, actor: Actor, request: SearchRequest, limit: int) -> list[str]:
    """The ids of all versions found, `limit` at most, without order; whoever takes one up asks
    again what `actor` may do with it.
    """
    asked = Search(
        query=parse(request.query).tree,
        filters=_filters(work, actor, request),
        chosen=_known(request.chosen),
        sort=Sort.OLDEST,
        limit=limit,
    )
    found = ask(work.settings, asked)
    return list(found.ids) if found else []


def _from(
    work: Work, asked: Search, request: SearchRequest, all_of_it: Found
) -> tuple[Found, Cursor | None]:
    """What is found from a position on, with the total and the facets of the whole."""
    cursor = request.cursor or Cursor()
    here = replace(
        asked,
        filters=[*asked.filters, *cursor.filter(asked.sort)],
        facets={},
        offset=cursor.given,
        limit=request.limit,
    )
    found = ask(work.settings, here) or Found([], 0, {})
    more = found.total > cursor.given + len(found.ids)
    following = cursor_after(work, cursor, found.ids) if more and found.ids else None
    return replace(all_of_it, ids=found.ids), following


def _has_years(request: SearchRequest) -> bool:
    return request.year_from is not None or request.year_to is not None


def _with_all_years(
    work: Work, actor: Actor, asked: Search, request: SearchRequest, found: Found
) -> Found:
    """Years are counted as if none were chosen, as every facet is: so others can be."""
    filters = _filters(work, actor, replace(request, year_from=None, year_to=None))
    ever = replace(asked, filters=filters, facets={"years": YEARS}, offset=0, limit=1)
    counted = ask(work.settings, ever) or Found([], 0, {"years": []})
    return replace(found, facets={**found.facets, **counted.facets})


def _known(chosen: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(chosen[name])[:MAX_CHOSEN] for name in FACETS if chosen.get(name)}


def _filters(work: Work, actor: Actor, request: SearchRequest) -> list[Node]:
    filters = [access_filter(work, actor, all_versions=request.all_versions)]
    if _has_years(request):
        filters.append(Range("year", request.year_from, request.year_to))
    if request.published_after is not None:
        filters.append(Range("published", published_number(request.published_after) + 1, None))
    if request.box is not None:
        filters.append(places.overlapping(request.box))
    if request.record is not None:
        filters.append(Keyword("record", request.record))
    return filters


def _buckets(found: Found, name: str, chosen: Sequence[str]) -> list[Bucket]:
    """The counted values, and the chosen ones even where nothing has them any more."""
    counted = [Bucket(value, count, value in chosen) for value, count in found.facets[name]]
    known = {bucket.value for bucket in counted}
    return [*(Bucket(value, 0, True) for value in chosen if value not in known), *counted]
