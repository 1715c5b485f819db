"""Land for maps, from a file of our own: no tile server is asked, no border is drawn.

`land.json` is made of Natural Earth's land (public domain): the world at 1:110m, South East Asia at
1:50m, Việt Nam and the sea before it at 1:10m.
"""

import json
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Ring = list[Point]  # closed: the last point is the first
Bounds = tuple[float, float, float, float]  # west, south, east, north

MARGIN = 0.02  # of the width, so that the edges of what was cut off lie outside of the map
KEPT = 128  # of the maps that were asked for last


@lru_cache(KEPT)
def land(bounds: Bounds) -> list[Ring]:
    """The land within `bounds`, of the finest sheet that covers them; what lies in a ring within a
    ring is water.
    """
    margin = (bounds[2] - bounds[0]) * MARGIN
    wanted = (bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
    sheets = _sheets()
    rings = next((rings for covered, rings in sheets if within(wanted, covered)), sheets[-1][1])
    cut = (_cut(ring, wanted) for box, ring in rings if meets(box, wanted))
    return [ring for ring in cut if len(ring) > 3]


def within(inner: Bounds, outer: Bounds) -> bool:
    west, south, east, north = outer
    return west <= inner[0] and south <= inner[1] and inner[2] <= east and inner[3] <= north


def meets(one: Bounds, other: Bounds) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def _cut(ring: Ring, bounds: Bounds) -> Ring:
    """What of a ring lies within, closed along the edges (Sutherland and Hodgman, 1974)."""
    west, south, east, north = bounds
    sides: tuple[tuple[int, float, Callable[[float], bool]], ...] = (
        (0, west, lambda x: x >= west),
        (0, east, lambda x: x <= east),
        (1, south, lambda y: y >= south),
        (1, north, lambda y: y <= north),
    )
    for axis, edge, is_inside in sides:
        found: Ring = []
        for before, after in pairwise(ring):
            comes, goes = is_inside(before[axis]), is_inside(after[axis])
            if comes:
                found.append(before)
            if comes != goes:
                share = (edge - before[axis]) / (after[axis] - before[axis])
                found.append(
                    (
                        before[0] + share * (after[0] - before[0]),
                        before[1] + share * (after[1] - before[1]),
                    )
                )
        ring = [*found, found[0]] if found else []
    return ring


@cache
def _sheets() -> list[tuple[Bounds, list[tuple[Bounds, Ring]]]]:
    """Each sheet's bounds, and its rings with the box around each; the finest first."""
    told: Any = json.loads(Path(__file__).with_name("land.json").read_text(encoding="utf-8"))
    return [
        (tuple(sheet["bounds"]), [(_around(ring), ring) for ring in sheet["rings"]])
        for sheet in told["sheets"]
    ]


def _around(ring: Ring) -> Bounds:
    longitudes, latitudes = [x for x, _ in ring], [y for _, y in ring]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
