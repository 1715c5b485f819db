"""GeoJSON (RFC 7946) and KML (OGC 12-007r2) on a map that is one SVG of our own making."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml import etree

from repository.core.messages import N_
from repository.core.settings import MIB
from repository.formats.base import UnreadableMetadata
from repository.formats.xml import parse
from repository.previews.base import CannotShow, Preview, Source
from repository.previews.text import shown_as_text
from repository.previews.trees import AS_TEXT
from repository.web.maps.ground import ground
from repository.web.maps.land import Point
from repository.web.maps.sheet import Sheet, bounds_of

MAX_BYTES = 10 * MIB
MAX_POINTS = 20_000
MAX_FEATURES = 2000
MAX_LISTED = 100
MAX_PROPERTIES = 12
MAX_TEXT = 200
WIDTH, HEIGHT = 960.0, 600.0
PARTLY = N_("Only a part of the features is drawn.")
NOT_DEGREES = N_("Its coordinates are not degrees of longitude and latitude.")


@dataclass
class Feature:
    """Points, and lines of which the closed ones are areas' edges, as longitude and latitude."""

    name: str = ""
    properties: list[tuple[str, str]] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    lines: list[list[Point]] = field(default_factory=list)
    areas: list[list[Point]] = field(default_factory=list)


class _TooManyPoints(Exception):
    pass


class _Pen:
    """Takes coordinates as long as there is room for them."""

    def __init__(self) -> None:
        self.left = MAX_POINTS
        self.is_partial = False

    def point(self, pair: Any) -> Point:
        self.left -= 1
        if self.left < 0:
            self.is_partial = True
            raise _TooManyPoints
        x, y = float(pair[0]), float(pair[1])
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError("not a number")
        if not (-360 <= x <= 360 and -90.01 <= y <= 90.01):
            raise CannotShow(NOT_DEGREES)
        return x, y

    def line(self, pairs: Any) -> list[Point]:
        return [self.point(pair) for pair in pairs]


class GeoJson:
    name = "map"

    def knows(self, source: Source) -> bool:
        return source.media_type == "application/geo+json" or source.ending == "geojson"

    def show(self, source: Source) -> Preview:
        pen = _Pen()
        try:
            found = json.loads(source.whole(MAX_BYTES))
            features = _collected(_geojson_features(found, pen), pen)
        except (CannotShow, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            return shown_as_text(source, str(error) if isinstance(error, CannotShow) else AS_TEXT)
        return drawn(features, pen.is_partial)


class Kml:
    name = "map"

    def knows(self, source: Source) -> bool:
        return source.ending == "kml"

    def show(self, source: Source) -> Preview:
        pen = _Pen()
        try:
            root = parse(source.whole(MAX_BYTES))
            features = _collected(_kml_features(root, pen), pen)
        except (CannotShow, UnreadableMetadata, ValueError, IndexError) as error:
            return shown_as_text(source, str(error) if isinstance(error, CannotShow) else AS_TEXT)
        return drawn(features, pen.is_partial)


def _collected(features: Iterator[Feature], pen: _Pen) -> list[Feature]:
    found: list[Feature] = []
    try:
        for feature in features:
            if len(found) >= MAX_FEATURES:
                pen.is_partial = True
                break
            found.append(feature)
    except _TooManyPoints:
        return found
    return found


def _geojson_features(found: Any, pen: _Pen) -> Iterator[Feature]:
    kind = found["type"]
    if kind == "FeatureCollection":
        for each in found["features"]:
            yield from _geojson_features(each, pen)
        return
    feature = Feature()
    geometry = found
    if kind == "Feature":
        geometry = found.get("geometry")
        told = found.get("properties") or {}
        pairs = [(str(k)[:MAX_TEXT], _said(v)) for k, v in islice(told.items(), MAX_PROPERTIES)]
        feature.properties = pairs
        named = {key.lower(): value for key, value in pairs}
        feature.name = next((named[n] for n in ("name", "title", "ten", "tên") if n in named), "")
    if geometry is not None:
        _draw(feature, geometry, pen, depth=0)
    yield feature


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:MAX_TEXT]


def _draw(feature: Feature, geometry: Any, pen: _Pen, depth: int) -> None:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        if depth > 4:
            raise ValueError("collections in collections")
        for each in geometry["geometries"]:
            _draw(feature, each, pen, depth + 1)
        return
    places = geometry["coordinates"]
    if kind == "Point":
        feature.points.append(pen.point(places))
    elif kind == "MultiPoint":
        feature.points += pen.line(places)
    elif kind == "LineString":
        feature.lines.append(pen.line(places))
    elif kind == "MultiLineString":
        feature.lines += [pen.line(each) for each in places]
    elif kind == "Polygon":
        feature.areas += [pen.line(each) for each in places]
    elif kind == "MultiPolygon":
        feature.areas += [pen.line(ring) for polygon in places for ring in polygon]
    else:
        raise ValueError("no geometry of GeoJSON")


def _kml_features(root: etree._Element, pen: _Pen) -> Iterator[Feature]:
    """Names and places alone: descriptions, styles, links and overlays are left."""
    for placemark in root.iter("{*}Placemark"):
        feature = Feature(name=(placemark.findtext("{*}name") or "").strip()[:MAX_TEXT])
        for element in placemark.iter("{*}coordinates"):
            pairs = [each.split(",") for each in (element.text or "").split()]
            parent = element.getparent()
            kind = etree.QName(parent).localname if parent is not None else ""
            if kind == "Point":
                feature.points += pen.line(pairs)
            elif kind == "LinearRing":
                feature.areas.append(pen.line(pairs))
            else:
                feature.lines.append(pen.line(pairs))
        yield feature


def drawn(features: list[Feature], is_partial: bool) -> Preview:
    """The features over land, on plain longitudes and latitudes, widened to their middle."""
    bounds = bounds_of(
        point
        for feature in features
        for line in (feature.points, *feature.lines, *feature.areas)
        for point in line
    )
    sheet = Sheet(bounds, WIDTH, HEIGHT)
    shapes = [
        {
            "name": feature.name,
            "points": [sheet.place(point) for point in feature.points],
            "lines": [sheet.path(line) for line in feature.lines],
            "areas": "".join(f"{sheet.path(ring)}Z" for ring in feature.areas),
        }
        for feature in features
    ]
    values = {
        "ground": ground(sheet),
        "shapes": shapes,
        "features": features[:MAX_LISTED],
        "count": len(features),
        "bounds": bounds,
    }
    return Preview("map", values, (PARTLY,) if is_partial else ())
