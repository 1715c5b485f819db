"""Where data are about, as the index knows it: one box around all places of a version.

A set with a station in Hà Nội and one in Cần Thơ is found between the two as well. A box whose
west lies east of its east crosses the antimeridian (RFC 7946, 5.2).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from repository.discovery.engines.base import BOX_FIELDS
from repository.discovery.engines.nodes import And, Node, Or, Range

# West, south, east, north, in degrees.
Box = tuple[float, float, float, float]
UNITS = 10_000  # of a degree: about 11 metres
NOWHERE = dict.fromkeys(BOX_FIELDS, 10_000_000)  # east of every box that can be asked for
MAX_DEPTH = 6  # of nested coordinates: a MultiPolygon has four levels


def numbers(locations: Mapping[str, Any] | None) -> dict[str, int]:
    """The box fields of an index document, from the stored `locations` of its metadata."""
    found = envelope(locations)
    if found is None:
        return NOWHERE
    return {name: round(value * UNITS) for name, value in zip(BOX_FIELDS, found, strict=True)}


def envelope(locations: Mapping[str, Any] | None) -> Box | None:
    """The box around every geometry; None where there is none."""
    features = (locations or {}).get("features", ())
    geometries = [feature["geometry"] for feature in features if feature.get("geometry")]
    boxes = [box for geometry in geometries for box in _boxes(geometry)]
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    west, east = min(wests), max(easts)
    if any(west_ > east_ for west_, _, east_, _ in boxes):
        west, east = -180.0, 180.0
    return west, min(souths), east, max(norths)


def _boxes(geometry: Mapping[str, Any]) -> Iterator[Box]:
    for member in geometry.get("geometries") or ():
        yield from _boxes(member)
    if geometry.get("bbox"):
        west, south, east, north = geometry["bbox"]
        yield west, south, east, north
        return
    points = list(_points(geometry.get("coordinates") or (), MAX_DEPTH))
    if points:
        longitudes, latitudes = zip(*points, strict=True)
        yield min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _points(coordinates: Any, depth: int) -> Iterator[tuple[float, float]]:
    if depth and isinstance(coordinates, list | tuple) and coordinates:
        if isinstance(coordinates[0], int | float):
            yield coordinates[0], coordinates[1]
        else:
            for each in coordinates:
                yield from _points(each, depth - 1)


def parse_box(text: str) -> Box | None:
    """`west,south,east,north` in degrees (OGC API Features, 7.15.3); None if it is no box."""
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        return None
    fits = abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if fits and math.isfinite(west + east) else None


def overlapping(box: Box) -> Node:
    """Whatever has a place and touches the box."""
    west, south, east, north = (round(value * UNITS) for value in box)
    level = (Range("south", None, north), Range("north", south, None))
    if west <= east:
        return And((*level, Range("west", None, east), Range("east", west, None)))
    edge = 180 * UNITS
    sides = (
        And((Range("west", None, edge), Range("east", west, None))),
        Range("west", None, east),
    )
    return And((*level, Or(sides)))
