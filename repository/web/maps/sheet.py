"""The sheet a map is drawn on: from longitude and latitude to x and y, and back."""

import math
from collections.abc import Iterable, Sequence

from repository.web.maps.world import Bounds

Point = tuple[float, float]
WORLD: Bounds = (-180.0, -80.0, 180.0, 80.0)
LEAST_COSINE = 0.2


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


def squared(bounds: Bounds) -> Bounds:
    """Widened to what a square sheet shows; latitudes may reach beyond the poles."""
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    cosine = max(math.cos(math.radians(y)), LEAST_COSINE)
    half = max(north - south, (east - west) * cosine) / 2
    return x - half / cosine, y - half, x + half / cosine, y + half


class Sheet:
    """Plain longitudes and latitudes, widened to their middle; x and y count from the top left."""

    def __init__(self, bounds: Bounds, width: float) -> None:
        self._west, south, east, self._north = bounds
        self._scale = width / max(east - self._west, 1e-6)
        middle = math.radians((south + self._north) / 2)
        self._stretch = self._scale / max(math.cos(middle), LEAST_COSINE)
        height = (self._north - south) * self._stretch
        self.height = round(min(max(height, width * 0.3), width * 1.2), 1)
        if height > self.height:  # a narrow strip from north to south: let it fit
            shrink = self.height / height
            self._scale *= shrink
            self._stretch *= shrink
            self._west -= (width / self._scale - (east - self._west)) / 2

    def place(self, point: Point) -> Point:
        x = (point[0] - self._west) * self._scale
        return round(x, 1), round((self._north - point[1]) * self._stretch, 1)

    def point(self, x: float, y: float) -> Point:
        """The longitude and latitude of a place on the sheet."""
        return self._west + x / self._scale, self._north - y / self._stretch

    def path(self, line: Sequence[Point]) -> str:
        return "M" + "L".join(f"{x} {y}" for x, y in map(self.place, line))
