"""Maps: of the places a record is about, and of where the results of a search are.

The search's map is an image that one clicks on to look closer. It needs no script, no tiles and
nobody else's server; who uses no pointer has the regions of the advanced form.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from repository.accounts.identity import current_actor
from repository.discovery import arguments, places
from repository.discovery.blueprint import blueprint
from repository.discovery.places import Box
from repository.discovery.search import search
from repository.formats.places import boxes
from repository.records.metadata import Metadata
from repository.web.caching import public
from repository.web.context import reading
from repository.web.maps.ground import LETTERS, Ground, Letters, ground
from repository.web.maps.land import Point
from repository.web.maps.sheet import Sheet, bounds_of

WIDTH, HEIGHT = 640, 320
POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # its own; no word in it is a stranger's
SIDE = 260  # CSS pixels of the search's map, where a click is measured
SMALL = 0.036  # of its width
MAX_DRAWN = 300
LAND = 3.0  # degrees around the places of a record: enough coast to know where one is
CLOSER = 3.0
HOME: Box = (98.0, 4.0, 121.0, 26.0)  # Việt Nam and the East Sea
EARTH: Box = (-180.0, -90.0, 180.0, 90.0)
DOT = 0.02  # of the map's width: what is smaller is drawn as a dot


@dataclass(frozen=True)
class Drawing:
    """`dots` are x and y, `areas` are x, y, width and height."""

    ground: Ground
    dots: list[Point]
    areas: list[tuple[float, float, float, float]]


def map_of(metadata: Metadata) -> Drawing | None:
    """The places of one record; None where it names none by coordinates."""
    found = list(boxes(metadata))
    corners = [corner for box in found for corner in ((box[0], box[1]), (box[2], box[3]))]
    sheet = Sheet(bounds_of(corners, margin=0.6, least=LAND), WIDTH, HEIGHT)
    return _drawing(sheet, found) if found else None


def _drawing(sheet: Sheet, found: list[Box], letters: Letters = LETTERS) -> Drawing:
    dots, areas, taken = [], [], []
    for west, south, east, north in found:
        (left, bottom), (right, top) = sheet.place((west, south)), sheet.place((east, north))
        if max(right - left, bottom - top) < DOT * sheet.width:
            dots.append(((left + right) / 2, (top + bottom) / 2))
            taken.append(sheet.around(((west + east) / 2, (south + north) / 2)))
        else:
            areas.append((left, top, max(right - left, 1.0), max(bottom - top, 1.0)))
    return Drawing(ground(sheet, letters, avoid=taken), dots, areas)


@blueprint.get("/search/map.svg")
def search_map() -> Response:
    """Where the first of the results are, within the box that is asked for."""
    asked = arguments.read(request.args, offset=0, limit=MAX_DRAWN)
    result = search(reading(), current_actor(), asked)
    found = [
        box
        for version in result.versions
        if (box := places.envelope(version.metadata_json.get("locations"))) is not None
    ]
    drawing = _drawing(Sheet(asked.box or HOME, SIDE, SIDE), found, (SMALL, SMALL))
    response = Response(render_template("discovery/map.svg", map=drawing))
    response.content_type = "image/svg+xml; charset=utf-8"
    response.headers["Content-Security-Policy"] = POLICY
    return public(response, max_age=60)


@blueprint.get("/search/map")
def move_map() -> Response:
    """From a click on the map, or a button beside it, to the search within what it then shows."""
    box = arguments.box(request.args) or HOME
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in MOVES]
    west, south, east, north = EARTH if "all" in request.args else _moved(box)
    values: dict[str, list[str]] = {}
    for key, value in kept:
        values.setdefault(key, []).append(value)
    asked = {**values, "bbox": f"{west:.4g},{south:.4g},{east:.4g},{north:.4g}"}
    return redirect(url_for("discovery.search", **asked), 303)  # type: ignore[arg-type] # Flask takes any


MOVES = ("at.x", "at.y", "out", "all", "bbox", "page")


def _moved(box: Box) -> Box:
    sheet = Sheet(box, SIDE, SIDE)
    view = sheet.shown
    x, y = sheet.point(*_clicked())
    factor = CLOSER if "out" in request.args else 1 / CLOSER
    width, height = (view[2] - view[0]) * factor / 2, (view[3] - view[1]) * factor / 2
    return (
        max(x - width, -180.0),
        max(y - height, -90.0),
        min(x + width, 180.0),
        min(y + height, 90.0),
    )


def _clicked() -> tuple[int, int]:
    """In the middle, where there was no click."""
    pair = list(_numbers())
    return (pair[0], pair[1]) if len(pair) == 2 else (SIDE // 2, SIDE // 2)


def _numbers() -> Iterator[int]:
    for name in ("at.x", "at.y"):
        text = request.args.get(name, "")
        if text.isascii() and text.isdigit() and int(text[:4]) <= SIDE:
            yield int(text[:4])
