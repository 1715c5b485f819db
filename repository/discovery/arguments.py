"""What the arguments of an address ask for: of the search page, the API, a feed, a kept search."""

from werkzeug.datastructures import MultiDict

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.discovery.engines.base import FACETS, Sort
from repository.discovery.places import Box, parse_box
from repository.discovery.search import SearchRequest

MAX_YEAR = 9999


def read(
    asked: MultiDict[str, str], *, offset: int, limit: int, sort: Sort | None = None
) -> SearchRequest:
    """Raises ValidationFailed naming an argument that is wrong."""
    return SearchRequest(
        query=asked.get("q", ""),
        chosen={name: asked.getlist(name) for name in FACETS if asked.get(name)},
        year_from=_year(asked, "from"),
        year_to=_year(asked, "to"),
        sort=sort or _sort(asked),
        offset=offset,
        limit=limit,
        box=box(asked),
    )


def box(asked: MultiDict[str, str]) -> Box | None:
    """The argument `bbox`. Raises ValidationFailed when it is no box."""
    text = asked.get("bbox", "").strip()
    found = parse_box(text) if text else None
    if text and found is None:
        message = N_("Give the box as west, south, east, north, in degrees.")
        raise ValidationFailed(errors=[FieldError("/bbox", message)])
    return found


def _year(asked: MultiDict[str, str], name: str) -> int | None:
    text = asked.get(name, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and int(text[:5]) <= MAX_YEAR:
        return int(text)
    raise ValidationFailed(errors=[FieldError(f"/{name}", N_("Write a year such as 2024."))])


def _sort(asked: MultiDict[str, str]) -> Sort | None:
    name = asked.get("sort", "")
    return Sort(name) if name in set(Sort) else None
