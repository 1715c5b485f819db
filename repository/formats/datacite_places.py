"""DataCite's geoLocations and the model's GeoJSON (property 18).

A location is a list of its parts, each named and valued, in the order they are written: XML may
repeat and mix them, JSON may not.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from repository.records.metadata.places import Location, Locations, box

Part = tuple[str, Any]

PLACE, POINT = "geoLocationPlace", "geoLocationPoint"
BOX, POLYGON = "geoLocationBox", "geoLocationPolygon"
_BOUNDS = (
    "westBoundLongitude",
    "southBoundLatitude",
    "eastBoundLongitude",
    "northBoundLatitude",
)


def parts_of(location: Location) -> list[Part]:
    """Names first, then geometries. Holes of polygons and the description have no place here."""
    names = [location.place, *location.other_places]
    parts: list[Part] = [(PLACE, name) for name in names if name is not None]
    for geometry in location.geometry.parts() if location.geometry else ():
        coordinates = geometry.coordinates or []
        if geometry.type == "Point":
            parts.append((POINT, _point(coordinates)))
        elif geometry.bbox is not None:
            parts.append((BOX, dict(zip(_BOUNDS, geometry.bbox, strict=True))))
        else:
            points = [{"polygonPoint": _point(position)} for position in coordinates[0]]
            if geometry.in_polygon_point is not None:
                points.append({"inPolygonPoint": _point(geometry.in_polygon_point)})
            parts.append((POLYGON, points))
    return parts


def located(locations: Locations) -> list[list[Part]]:
    return [parts_of(feature) for feature in locations.features]


def as_objects(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The parts as JSON objects: polygons share one, what else repeats goes into the next."""
    objects: list[dict[str, Any]] = [{}]
    for name, value in parts:
        if name == POLYGON:
            objects[0].setdefault(POLYGON, []).append(value)
            continue
        if all(name in taken for taken in objects):
            objects.append({})
        next(free for free in objects if name not in free)[name] = value
    return objects


def from_object(entry: Any) -> list[Part]:
    """The parts of a geoLocation in JSON. A polygon may stand alone or in a list of them."""
    if not isinstance(entry, Mapping):
        return []
    parts = [(name, entry[name]) for name in (PLACE, POINT, BOX) if entry.get(name)]
    polygons = entry.get(POLYGON) or []
    if isinstance(polygons, list) and polygons and isinstance(polygons[0], Mapping):
        polygons = [polygons]
    return parts + [(POLYGON, polygon) for polygon in polygons]


def locations_from(entries: Iterable[list[Part]]) -> dict[str, Any]:
    """The GeoJSON features of geoLocations, for the model to check; empty without any."""
    features = [_feature(parts) for parts in entries if parts]
    return {"features": features} if features else {}


def _feature(parts: list[Part]) -> dict[str, Any]:
    names = [value for name, value in parts if name == PLACE]
    shapes = [_geometry(name, value) for name, value in parts if name != PLACE]
    feature: dict[str, Any] = {}
    if names:
        feature["place"] = names[0]
    if names[1:]:
        feature["other_places"] = names[1:]
    if len(shapes) == 1:
        feature["geometry"] = shapes[0]
    elif shapes:
        feature["geometry"] = {"type": "GeometryCollection", "geometries": shapes}
    return feature


def _geometry(name: str, value: Any) -> dict[str, Any]:
    if name == POINT:
        return {"type": "Point", "coordinates": _position(value)}
    if name == BOX:
        bounds = value if isinstance(value, Mapping) else {}
        west, south, east, north = (_number(bounds.get(bound)) for bound in _BOUNDS)
        return box(west, south, east, north)
    points = [p for p in value if isinstance(p, Mapping)] if isinstance(value, list) else []
    ring = [_position(p["polygonPoint"]) for p in points if "polygonPoint" in p]
    inside = [_position(p["inPolygonPoint"]) for p in points if p.get("inPolygonPoint")]
    polygon: dict[str, Any] = {"type": "Polygon", "coordinates": [ring]}
    return polygon | ({"in_polygon_point": inside[0]} if inside else {})


def _point(position: list[float]) -> dict[str, float]:
    return {"pointLongitude": position[0], "pointLatitude": position[1]}


def _position(point: Any) -> list[Any]:
    told = point if isinstance(point, Mapping) else {}
    return [_number(told.get("pointLongitude")), _number(told.get("pointLatitude"))]


def _number(value: Any) -> Any:
    """A number that may have been written as text; what is none stays for the model to name."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
