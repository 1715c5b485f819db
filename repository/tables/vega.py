"""A chart as a Vega-Lite specification, to be drawn by the reader's browser or by any notebook.

It stands alone: values, titles, and the form of numbers and dates in the reader's language are in
it. Fields are called `x` and `y`, whatever the columns are, as Vega reads dots and brackets in
names as paths. Version 6 of https://vega.github.io/vega-lite/docs/spec.html.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from repository.tables.charts import DATED, HEIGHT, MAX_BARS, WIDTH, Chart, moment_of, number_of
from repository.tables.places import places
from repository.web.maps.sheet import Point, bounds_of
from repository.web.maps.world import Bounds, coastlines

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MAX_LABEL = 200  # characters of a cell
FEW = 100  # so many points of a line are shown; more are there for the pointer only
LETTER = 12  # pixels
PLAIN_BELOW = 10_000  # whole numbers below are written without separators, as years are
MERCATOR_ENDS = 85.0  # degrees
COAST = "#87847a"  # seen on white and on black
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
    made = _map(chart) if chart.kind == "map" else _plot(chart, language)
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


def _map(chart: Chart) -> Json | None:
    found = list(dict.fromkeys(places(chart.points)))
    if not found:
        return None
    bounds = bounds_of(found, least=1.0)
    projection, height = _projection(bounds)
    coast = {"type": "MultiLineString", "coordinates": list(_near(bounds))}
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
                "data": {"values": [{"type": "Feature", "geometry": coast}]},
                "mark": {"type": "geoshape", "filled": False, "color": COAST, "aria": False},
            },
            {
                "data": {"values": [{"x": x, "y": y} for x, y in found]},
                "mark": {"type": "circle", "size": 60, "opacity": 0.7},
                "encoding": {
                    "longitude": {"field": "x", "type": "quantitative"},
                    "latitude": {"field": "y", "type": "quantitative"},
                    "tooltip": degrees,
                },
            },
        ],
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


def _near(bounds: Bounds) -> Iterator[list[Point]]:
    """The pieces of coast in `bounds` and as far again around; the world's would be 100 kB."""
    west, south, east, north = bounds
    x, y = east - west, north - south
    for line in coastlines(bounds):
        piece: list[Point] = []
        for point in line:
            if west - x <= point[0] <= east + x and south - y <= point[1] <= north + y:
                piece.append(point)
                continue
            if len(piece) > 1:
                yield piece
            piece = []
        if len(piece) > 1:
            yield piece
