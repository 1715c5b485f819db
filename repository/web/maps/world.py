"""Coastlines for maps, from a file of our own: no tile server is asked, no border is drawn.

`outline.json` is made of Natural Earth's land (public domain): the world at 1:110m, and the seas
around Việt Nam at 1:50m.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

Bounds = tuple[float, float, float, float]  # west, south, east, north
Line = list[tuple[float, float]]


def coastlines(bounds: Bounds) -> list[Line]:
    """The lines that come near `bounds`: the finer ones where these cover it."""
    told = _outline()
    fine = told["around_vietnam"]
    west, south, east, north = fine["bounds"]
    within = west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north
    lines = fine["lines"] if within else told["world"]
    return [line for line in lines if _meets(line, bounds)]


def _meets(line: Line, bounds: Bounds) -> bool:
    longitudes, latitudes = [x for x, _ in line], [y for _, y in line]
    return (
        min(longitudes) <= bounds[2]
        and max(longitudes) >= bounds[0]
        and min(latitudes) <= bounds[3]
        and max(latitudes) >= bounds[1]
    )


@cache
def _outline() -> Any:
    return json.loads(Path(__file__).with_name("outline.json").read_text(encoding="utf-8"))
