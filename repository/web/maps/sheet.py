"""The sheet a map is drawn on: from longitude and latitude to x and y, and back."""

import math
from collections.abc import Iterable, Sequence

from repository.web.maps.land import Bounds, Point

WORLD: Bounds = (-180.0, -80.0, 180.0, 80.0)
LEAST_COSINE = 0.2
NOTHING = 1e-6  # degrees
CLOSE = 0.5
DOT = 0.012  # of the width: half of a dot and the air around it


def bounds_of(points: Iterable[Point], margin: float = 0.15, least: float = 0.3) -> Bounds:
    """What a map of these points shows, with a margin of at least `least` degrees; the world where
    there is none.
    """
    every = list(points)
    if not every:
        return WORLD
    west, east = min(x for x, _ in every), max(x for x, _ in every)
    south, north = min(y for _, y in every), max(y for _, y in every)
    around = max((east - west) * margin, (north - south) * margin, least)
    return west - around, max(south - around, -90.0), east + around, min(north + around, 90.0)


class Sheet:
    """Plain longitudes and latitudes, stretched as at the middle of `bounds`.

    It is `width` by `height` units, and shows more than `bounds` where these have another form:
    latitudes may reach beyond the poles. x and y count from the top left.
    """

    def __init__(self, bounds: Bounds, width: float, height: float) -> None:
        self.width, self.height = width, height
        west, south, east, north = bounds
        x, y = (west + east) / 2, (south + north) / 2
        cosine = max(math.cos(math.radians(y)), LEAST_COSINE)
        wide, high = max((east - west) * cosine, NOTHING), max(north - south, NOTHING)
        self.degree = min(width / wide, height / high)  # of latitude, in units
        self._scale = self.degree * cosine  # and one of longitude
        self._west, self._north = x - width / 2 / self._scale, y + height / 2 / self.degree

    def place(self, point: Point) -> Point:
        x = (point[0] - self._west) * self._scale
        return round(x, 1), round((self._north - point[1]) * self.degree, 1)

    def point(self, x: float, y: float) -> Point:
        """The longitude and latitude of a place on the sheet."""
        return self._west + x / self._scale, self._north - y / self.degree

    def around(self, point: Point) -> Bounds:
        """The box that the dot of a place takes."""
        x, y = self.place(point)
        half = self.width * DOT
        return x - half, y - half, x + half, y + half

    @property
    def shown(self) -> Bounds:
        """What the whole sheet shows, which may be more than it was made for."""
        west, north = self.point(0, 0)
        east, south = self.point(self.width, self.height)
        return west, south, east, north

    def path(self, line: Sequence[Point]) -> str:
        """SVG path data; points that come closer than half a unit to the last are left out."""
        kept: list[Point] = []
        for x, y in map(self.place, line):
            if not kept or abs(x - kept[-1][0]) >= CLOSE or abs(y - kept[-1][1]) >= CLOSE:
                kept.append((x, y))
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept)
