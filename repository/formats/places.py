"""Where the data are about, as formats without geometries say it, and as those with boxes do."""

from collections.abc import Iterator

from repository.records.metadata import Metadata
from repository.records.metadata.places import Geometry

# West, south, east, north, in degrees.
Box = tuple[float, float, float, float]


def places(metadata: Metadata) -> Iterator[str]:
    """The names of places."""
    if metadata.locations is not None:
        for feature in metadata.locations.features:
            if feature.place:
                yield feature.place


def boxes(metadata: Metadata) -> Iterator[Box]:
    """The bounds of each point and polygon."""
    if metadata.locations is not None:
        for feature in metadata.locations.features:
            for part in feature.geometry.parts() if feature.geometry is not None else ():
                yield _bounds(part)


def _bounds(part: Geometry) -> Box:
    if part.bbox:
        west, south, east, north = part.bbox
        return west, south, east, north
    coordinates = part.coordinates or []
    points = [coordinates] if part.type == "Point" else coordinates[0]
    longitudes, latitudes = [p[0] for p in points], [p[1] for p in points]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
