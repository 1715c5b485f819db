"""Rows as dots on a map: two columns hold longitude and latitude, in degrees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from repository.tables.charts import HEIGHT, WIDTH
from repository.web.maps.ground import Ground, ground
from repository.web.maps.land import Point
from repository.web.maps.sheet import Sheet, bounds_of

MAX_AVOIDED = 200  # dots that names keep clear of: among more there is no room anyway
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


@dataclass(frozen=True)
class Dots:
    """Places on a sheet: x, y, and the title of each."""

    ground: Ground
    dots: list[tuple[float, float, str]]


def drawing(points: Sequence[Sequence[Any]]) -> Dots | None:
    """None where no pair is a place on earth."""
    found = list(dict.fromkeys(places(points)))
    if not found:
        return None
    sheet = Sheet(bounds_of(found, least=1.0), WIDTH, HEIGHT)
    dots = [(*sheet.place((x, y)), f"{x:g}, {y:g}") for x, y in found]
    return Dots(ground(sheet, avoid=map(sheet.around, found[:MAX_AVOIDED])), dots)


def places(points: Sequence[Sequence[Any]]) -> Iterator[Point]:
    """Longitudes and latitudes on earth; other pairs are left out."""
    for x, y in points:
        if x is None or y is None:
            continue
        longitude, latitude = float(x), float(y)
        if -180 <= longitude <= 180 and -90 <= latitude <= 90:
            yield longitude, latitude
