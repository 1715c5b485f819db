"""A chart as a Vega-Lite specification, to be drawn by the reader's browser or by any notebook.

It stands alone: values, titles, and the form of numbers and dates in the reader's language are in
it. Fields are called `x` and `y`, whatever the columns are, as Vega reads dots and brackets in
names as paths. Version 6 of https://vega.github.io/vega-lite/docs/spec.html.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from repository.tables.charts import DATED, HEIGHT, MAX_BARS, WIDTH, Chart, moment_of, number_of
from repository.tables.places import places
from repository.web.maps.land import Bounds, Ring, land
from repository.web.maps.names import names
from repository.web.maps.sheet import Sheet, bounds_of

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MAX_LABEL = 200  # characters of a cell
FEW = 100  # so many points of a line are shown; more are there for the pointer only
LETTER = 12  # pixels
PLAIN_BELOW = 10_000  # whole numbers below are written without separators, as years are
MERCATOR_ENDS = 85.0  # degrees
PLACE = {
    "longitude": {"field": "x", "type": "quantitative"},
    "latitude": {"field": "y", "type": "quantitative"},
}
ANCHORS = {"start": ("left", 6), "end": ("right", -6), "middle": ("center", 0)}
LETTERS = 11  # pixels
NAMES = "#767676"  # read on white and on black
LAND = "#87847a"  # seen on white and on black
NUMBER = ",.10~r"
NUMBERS_VI = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
DATES = {
    ("vi", "date"): "%d/%m/%Y",
    ("vi", "datetime"): "%H:%M %d/%m/%Y",
    ("en", "date"): "%Y-%m-%d",
    ("en", "datetime"): "%Y-%m-%d %H:%M",
}

Json = dict[str, Any]


def specification(chart: Chart, title: str, language: str) -> Json | None:
    """None where there is nothing to draw. `language` is `vi` or `en`."""
    made = _map(chart, language) if chart.kind == "map" else _plot(chart, language)
    if made is None:
        return None
    locale: Json = {"locale": {"number": NUMBERS_VI}} if language == "vi" else {}
    return {"$schema": SCHEMA, "description": title, "config": locale, **made}


def _plot(chart: Chart, language: str) -> Json | None:
    values = list(_values(chart))
    if not values:
        return None
    across = _across(chart, values, language)
    up: Json = {"field": "y", "type": "quantitative", "title": chart.y}
    if chart.kind != "bar":
        up["scale"] = {"zero": False}
    told = {"field": "x", "type": across["type"], "title": chart.x}
    if form := across.get("axis", {}).get("format", "" if chart.kind == "bar" else NUMBER):
        told["format"] = form
    tooltip = [told, {**up, "format": NUMBER}]
    tooltip[1].pop("scale", None)
    marks: dict[str, Json] = {
        "bar": {"type": "bar"},
        "line": {"type": "line", "point": True if len(values) <= FEW else "transparent"},
        "scatter": {"type": "point", "filled": True, "opacity": 0.6},
    }
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": values},
        "mark": marks[chart.kind],
        "encoding": {"x": across, "y": up, "tooltip": tooltip},
    }


def _across(chart: Chart, values: Sequence[Json], language: str) -> Json:
    told: Json = {"field": "x", "title": chart.x}
    if chart.kind == "bar":
        room = WIDTH / len(values) / LETTER
        level = all(len(each["x"]) <= room for each in values)
        axis = {"labelOverlap": True, "labelLimit": 120, "labelAngle": 0 if level else -45}
        return told | {"type": "nominal", "sort": None, "axis": axis}
    if chart.x_type in DATED:
        form = DATES[language, chart.x_type]
        return told | {
            "type": "temporal",
            "axis": {"format": form, "tickCount": 5, "labelOverlap": True},
        }
    told |= {"type": "quantitative", "scale": {"zero": False}}
    if chart.x_type == "integer" and all(abs(each["x"]) < PLAIN_BELOW for each in values):
        told["axis"] = {"format": "d", "tickMinStep": 1}
    return told


def _values(chart: Chart) -> Iterator[Json]:
    points = chart.points[:MAX_BARS] if chart.kind == "bar" else chart.points
    for x, y, *_rest in points:
        up = number_of(y)
        if x is None or up is None:
            continue
        if chart.kind == "bar":
            yield {"x": str(x)[:MAX_LABEL], "y": up}
        elif chart.x_type in DATED:
            # Without an offset, it is the same hour in every browser's own time.
            if (moment := moment_of(x)) is not None:
                yield {"x": moment.isoformat(), "y": up}
        elif (number := number_of(x)) is not None:
            yield {"x": int(number) if number.is_integer() else number, "y": up}


def _map(chart: Chart, language: str) -> Json | None:
    found = list(dict.fromkeys(places(chart.points)))
    if not found:
        return None
    bounds = bounds_of(found, least=1.0)
    projection, height = _projection(bounds)
    west, south, east, north = bounds  # the drawing may be higher than they are
    x, y = east - west, north - south
    rings = land((west - x, max(south - y, -90.0), east + x, min(north + y, 90.0)))
    ground = {"type": "MultiPolygon", "coordinates": _polygons(rings)}
    degrees = [
        {"field": field, "type": "quantitative", "title": title, "format": NUMBER}
        for field, title in (("x", chart.x), ("y", chart.y))
    ]
    return {
        "width": WIDTH,
        "height": height,
        "autosize": "none",
        "projection": projection,
        "layer": [
            {
                "data": {"values": [{"type": "Feature", "geometry": ground}]},
                "mark": {"type": "geoshape", "color": LAND, "fillOpacity": 0.12, "aria": False}
                | {"stroke": LAND, "strokeWidth": 0.5},
            },
            *_names(bounds, height, language),
            {
                "data": {"values": [{"x": x, "y": y} for x, y in found]},
                "mark": {"type": "circle", "size": 60, "opacity": 0.7},
                "encoding": PLACE | {"tooltip": degrees},
            },
        ],
    }


def _names(bounds: Bounds, height: float, language: str) -> Iterator[Json]:
    """A layer for each side of a place its name may stand on."""
    found = list(names(Sheet(bounds, WIDTH, height), LETTERS))
    for anchor, (align, aside) in ANCHORS.items():
        values = [
            {"x": name.place[0], "y": name.place[1], "name": name.texts[language]}
            for name in found
            if name.anchor == anchor
        ]
        yield {
            "data": {"values": values},
            "mark": {"type": "text", "align": align, "baseline": "middle", "dx": aside}
            | {"fontSize": LETTERS, "color": NAMES, "aria": False},
            "encoding": PLACE | {"text": {"field": "name"}},
        }


def _projection(bounds: Bounds) -> tuple[Json, int]:
    """Mercator's, which keeps shapes, that shows `bounds`; and the height of the drawing."""
    west, south, east, north = bounds
    low, high = (_mercator(max(min(y, MERCATOR_ENDS), -MERCATOR_ENDS)) for y in (south, north))
    scale = WIDTH / math.radians(east - west)
    height = min(max((high - low) * scale, WIDTH * 0.3), WIDTH * 1.2)
    scale = min(scale, height / (high - low))
    middle = math.degrees(math.atan(math.sinh((low + high) / 2)))
    return {
        "type": "mercator",
        "center": [(west + east) / 2, middle],
        "scale": scale,
        "translate": [WIDTH / 2, height / 2],
        "clipExtent": [[0, 0], [WIDTH, height]],
    }, round(height)


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))


def _polygons(rings: Iterable[Ring]) -> list[list[Ring]]:
    """Each ring as a polygon whose inside d3 takes to be on the right of its way."""
    return [[ring if _area(ring) < 0 else ring[::-1]] for ring in rings]


def _area(ring: Ring) -> float:
    """Twice the area on a plane; more than 0 where the ring runs against the clock."""
    return sum(x * later - y * far for (x, y), (far, later) in pairwise(ring))
