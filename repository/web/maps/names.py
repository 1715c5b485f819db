"""Names on maps: towns, seas and archipelagos, as many as have room, to know where one is.

`names.json` is ours but for the coordinates of its towns, which are those of GeoNames (CC BY 4.0);
the greater towns come first. Maps published in Việt Nam have to show the archipelagos of Hoàng Sa
and Trường Sa (Law on Surveying and Mapping 27/2018/QH14): these are named before all else.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from repository.web.maps.land import Bounds, Point, meets, within
from repository.web.maps.sheet import Sheet

LETTER = 0.58  # of the size of the letters: the width of one, on average
LINE = 1.25
BASE = 0.35  # how far the letters stand below the middle of their line
GAP = 0.5  # between a town's dot and its name
MOST = 14
SEEN = 1.0  # of a line's height: a smaller archipelago is not named
BEYOND = 1.4  # so far may a sea's name reach beyond the sea


@dataclass(frozen=True)
class Name:
    """A name to write at x, y of the sheet, on the line of its letters.

    `texts` has it by language, `place` is its longitude and latitude, `anchor` is SVG's
    `text-anchor`, `kind` is `town`, `sea` or `islands`; the dot of a town is at `dot`.
    """

    texts: dict[str, str]
    place: Point
    x: float
    y: float
    anchor: str
    kind: str
    dot: Point | None = None


@dataclass(frozen=True)
class _Entry:
    """What `names.json` tells of one name; `extent` is in degrees."""

    kind: str
    vi: str
    en: str
    longitude: float
    latitude: float
    extent: float = 0.0

    @property
    def texts(self) -> dict[str, str]:
        return {"vi": self.vi, "en": self.en}


def names(sheet: Sheet, size: float, avoid: Iterable[Bounds] = ()) -> Iterator[Name]:
    """The names that have room on a sheet whose letters are `size` of its units high, out of
    the boxes to `avoid`; an archipelago is named in spite of them.
    """
    return islice(_all(sheet, size, list(avoid)), MOST)


def islets(sheet: Sheet) -> list[Point]:
    """Islands too small to be seen at most scales, as dots."""
    placed = (sheet.place((x, y)) for x, y in _told()["islets"])
    return [(x, y) for x, y in placed if 0 <= x <= sheet.width and 0 <= y <= sheet.height]


def _all(sheet: Sheet, size: float, avoid: list[Bounds]) -> Iterator[Name]:
    whole, taken = (0.0, 0.0, sheet.width, sheet.height), list[Bounds]()
    for entry in _entries():
        x, y = sheet.place((entry.longitude, entry.latitude))
        if not (0 <= x <= sheet.width and 0 <= y <= sheet.height):
            continue
        free = [
            (name, box)
            for name, box in _placed(entry, sheet, size)
            if within(box, whole) and not any(meets(box, other) for other in taken)
        ]
        clear = [each for each in free if not any(meets(each[1], other) for other in avoid)]
        found = clear or (free if entry.kind == "islands" else [])
        if found:
            name, box = found[0]
            taken.append(box)
            yield name


def _placed(entry: _Entry, sheet: Sheet, size: float) -> Iterator[tuple[Name, Bounds]]:
    """Where a name may stand, the best first: a town's on either side of its dot, an archipelago's
    above or below it, a sea's in its middle.
    """
    wide = max(map(len, entry.texts.values())) * size * LETTER
    place = (entry.longitude, entry.latitude)
    x, y = sheet.place(place)
    half, gap, extent = size * LINE / 2, size * GAP, entry.extent * sheet.degree

    def stand(left: float, middle: float, at: float, anchor: str) -> tuple[Name, Bounds]:
        dot = (x, y) if entry.kind == "town" else None
        line = round(middle + size * BASE, 1)
        name = Name(entry.texts, place, round(at, 1), line, anchor, entry.kind, dot)
        return name, (left, middle - half, left + wide, middle + half)

    if entry.kind == "town":
        yield stand(x + gap, y, x + gap, "start")
        yield stand(x - gap - wide, y, x - gap, "end")
    elif entry.kind == "islands" and extent >= size * SEEN:
        left = min(max(x - wide / 2, 0.0), sheet.width - wide)
        for middle in (y - extent / 2, y + extent / 2, y):
            yield stand(left, middle, left + wide / 2, "middle")
    elif entry.kind == "sea" and wide <= extent * BEYOND:
        yield stand(x - wide / 2, y, x, "middle")


@cache
def _entries() -> list[_Entry]:
    kinds = (("islands", "archipelagos"), ("sea", "seas"), ("town", "towns"))
    return [_Entry(kind, *told) for kind, key in kinds for told in _told()[key]]


@cache
def _told() -> Any:
    return json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
