"""Rows as dots on a map: two columns hold longitude and latitude, in degrees."""

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup, escape

from repository.tables.charts import WIDTH
from repository.web.maps.sheet import Point, Sheet, bounds_of
from repository.web.maps.world import coastlines

LONGITUDE = ("longitude", "lon", "lng", "long", "kinh_do", "kinh độ", "kinhdo", "x")
LATITUDE = ("latitude", "lat", "vi_do", "vĩ độ", "vido", "y")


def guess(columns: Sequence[str]) -> tuple[str, str] | None:
    """The columns of longitude and latitude by their names; None where they are not told."""
    longitude, latitude = _named(columns, LONGITUDE), _named(columns, LATITUDE)
    return (longitude, latitude) if longitude and latitude else None


def _named(columns: Sequence[str], names: Sequence[str]) -> str:
    """The whole name before one that begins so, as `decimalLongitude` before `lon_source`."""
    told = {column.lower(): column for column in columns}
    for name in names:
        if name in told:
            return told[name]
    long = [name for name in names if len(name) > 4]
    return next((told[c] for c in told if any(name in c for name in long)), "")


def draw(points: Sequence[Sequence[Any]], title: str) -> Markup:
    """The map, or nothing where no pair is a place on earth."""
    found = list(places(points))
    if not found:
        return Markup("")
    bounds = bounds_of(found, least=1.0)
    sheet = Sheet(bounds, WIDTH)
    coast = Markup("").join(
        Markup('<path d="{}"/>').format(sheet.path(line)) for line in coastlines(bounds)
    )
    dots = Markup("\n").join(
        Markup('<circle class="dot" cx="{}" cy="{}" r="4"><title>{}, {}</title></circle>').format(
            *sheet.place(place), f"{place[0]:g}", f"{place[1]:g}"
        )
        for place in dict.fromkeys(found)
    )
    return Markup(
        '<svg class="chart map" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<g class="coast">{}</g>{}</svg>'
    ).format(WIDTH, sheet.height, escape(title), coast, dots)


def places(points: Sequence[Sequence[Any]]) -> Iterator[Point]:
    """Longitudes and latitudes on earth; other pairs are left out."""
    for x, y in points:
        if x is None or y is None:
            continue
        longitude, latitude = float(x), float(y)
        if -180 <= longitude <= 180 and -90 <= latitude <= 90:
            yield longitude, latitude
