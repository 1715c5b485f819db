"""Where the data are about (DataCite property 18), as GeoJSON (RFC 7946)."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from repository.core.messages import N_
from repository.records.metadata.terms import Part
from repository.records.metadata.text import Line, LongText

_POSITION = N_("Give a longitude from -180 to 180 and a latitude from -90 to 90, in this order.")
_RING = N_("A polygon needs at least four points, the last the same as the first.")
_BOX = N_("Give the box as west, south, east, north, in degrees.")
_EMPTY = N_("Give a place name or a geometry.")
_NO_COORDINATES = N_("Give the coordinates of this geometry.")
_NO_GEOMETRIES = N_("Give the geometries of this collection.")
MAX_POINTS = 5_000
MAX_PARTS = 200

Position = Annotated[list[float], Field(min_length=2, max_length=2)]


class Geometry(Part):
    """A GeoJSON geometry of the kinds DataCite can carry; positions are [longitude, latitude].

    A Polygon with `bbox` is a box: the four numbers are west, south, east, north.
    `in_polygon_point` lies inside a polygon that is larger than half the earth. Rings of records
    from elsewhere are not always closed; they are kept as they are.
    """

    type: Literal["Point", "MultiPoint", "Polygon", "MultiPolygon", "GeometryCollection"]
    coordinates: Annotated[list[Any], Field(max_length=MAX_POINTS)] | None = None
    geometries: Annotated[list["Geometry"], Field(max_length=MAX_PARTS)] | None = None
    bbox: Annotated[list[float], Field(min_length=4, max_length=4)] | None = None
    in_polygon_point: Position | None = None

    @model_validator(mode="after")
    def _is_on_earth(self) -> Self:
        if self.type == "GeometryCollection":
            if not self.geometries:
                raise PydanticCustomError("problem", _NO_GEOMETRIES)
        elif not self.coordinates:
            raise PydanticCustomError("problem", _NO_COORDINATES)
        else:
            self.coordinates = _checked(self.type, self.coordinates)
        if self.in_polygon_point is not None:
            self.in_polygon_point = _position(self.in_polygon_point)
        if self.bbox is not None:
            west, south, east, north = self.bbox
            self._check_box(west, south, east, north)
        return self

    @staticmethod
    def _check_box(west: float, south: float, east: float, north: float) -> None:
        """West may be greater than east: the box then crosses the antimeridian (RFC 7946, 5.2)."""
        try:
            _position([west, south])
            _position([east, north])
        except PydanticCustomError:
            raise PydanticCustomError("problem", _BOX) from None

    def parts(self) -> Iterator["Geometry"]:
        """The points and polygons this is made of."""
        if self.type == "GeometryCollection":
            for member in self.geometries or []:
                yield from member.parts()
        elif self.type.startswith("Multi"):
            single = "Point" if self.type == "MultiPoint" else "Polygon"
            for part in self.coordinates or []:
                yield Geometry.model_validate({"type": single, "coordinates": part})
        else:
            yield self


class Location(Part):
    """A GeoJSON feature. `other_places` are further names where a source gives several."""

    geometry: Geometry | None = None
    place: Line | None = None
    other_places: list[Line] = Field(default_factory=list, max_length=100)
    description: LongText | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.geometry is None and self.place is None:
            raise PydanticCustomError("problem", _EMPTY)
        return self

    @model_validator(mode="before")
    @classmethod
    def _feature(cls, value: Any) -> Any:
        return without(value, "type", "Feature")


class Locations(Part):
    """A GeoJSON feature collection, as InvenioRDM has it."""

    features: list[Location] = Field(default_factory=list, max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _collection(cls, value: Any) -> Any:
        return without(value, "type", "FeatureCollection")


def without(value: Any, key: str, told: str) -> Any:
    """`value` less a member that says what its place says already."""
    if isinstance(value, dict) and value.get(key) == told:
        return {k: v for k, v in value.items() if k != key}
    return value


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """The GeoJSON of a box, whose ring any map can draw."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    bounds = [west, south, east, north]
    return {"type": "Polygon", "bbox": bounds, "coordinates": [ring]}


def _checked(kind: str, coordinates: list[Any]) -> list[Any]:
    if kind == "Point":
        return _position(coordinates)
    if kind == "MultiPoint":
        return [_position(point) for point in coordinates]
    if kind == "Polygon":
        return _polygon(coordinates)
    return [_polygon(polygon) for polygon in coordinates]


def _polygon(rings: Any) -> list[list[list[float]]]:
    if not isinstance(rings, list) or not rings:
        raise PydanticCustomError("problem", _RING)
    return [_ring(ring) for ring in rings]


def _ring(points: Any) -> list[list[float]]:
    if not isinstance(points, list) or not 4 <= len(points) <= MAX_POINTS:
        raise PydanticCustomError("problem", _RING)
    return [_position(point) for point in points]


def _position(point: Any) -> list[float]:
    """A longitude and a latitude; a height behind them is passed over, as DataCite has none."""
    numbers = point[:2] if isinstance(point, list) and len(point) in (2, 3) else []
    if len(numbers) < 2 or not all(_is_number(n) for n in numbers):
        raise PydanticCustomError("problem", _POSITION)
    longitude, latitude = map(float, numbers)
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise PydanticCustomError("problem", _POSITION)
    return [longitude, latitude]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
