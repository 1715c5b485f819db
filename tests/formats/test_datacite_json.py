"""DataCite JSON loses nothing but what it has no place for."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from repository.formats import datacite_json
from repository.formats.base import UnreadableMetadata
from repository.formats.datacite_attributes import attributes
from repository.formats.datacite_json import json_attributes
from repository.records.metadata import Metadata, parse
from repository.records.metadata.places import Location
from tests.formats.documents import document, full_metadata
from tests.formats.strategies import METADATA


def written(metadata: Metadata) -> bytes:
    return json.dumps(json_attributes(attributes(metadata))).encode()


def sayable(metadata: Metadata) -> Metadata:
    """What JSON can say of metadata: an award's title without its language, and of a location

    one place, one point and one box; what goes beyond begins another location.
    """
    less = metadata.model_copy(deep=True)
    for entry in less.funding:
        if entry.award is not None:
            entry.award.lang = None
    return less


def fits(location: Location) -> bool:
    shapes = [*location.geometry.parts()] if location.geometry else []
    points = [s for s in shapes if s.type == "Point"]
    boxes = [s for s in shapes if s.bbox is not None]
    in_order = sorted(shapes, key=lambda s: (s.type == "Polygon", s.bbox is None))
    fit = not location.other_places and len(points) <= 1 and len(boxes) <= 1
    return fit and shapes == in_order


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(METADATA)
def test_metadata_come_back_the_same(raw: dict[str, Any]) -> None:
    metadata = sayable(parse(raw))
    metadata.locations.features = [f for f in metadata.locations.features if fits(f)]
    assert datacite_json.read(written(metadata)).metadata == metadata


def test_places_that_do_not_fit_begin_another_location() -> None:
    read = datacite_json.read(written(full_metadata())).metadata.locations.features
    assert [f.place for f in read] == ["Sông Mẫu", "Sample River", "Vịnh Thử"]
    shapes = [[part.type for part in f.geometry.parts()] if f.geometry else [] for f in read]
    assert shapes == [["Point", "Polygon", "Polygon", "Polygon"], ["Point"], []]


def test_a_document_names_its_doi_and_address() -> None:
    made = datacite_json.rest_attributes(document())
    assert made["doi"] == "10.5072/k3x9a-1mz42"
    assert made["url"] == document().url
    assert made["types"] == {"resourceTypeGeneral": "Dataset"}
    assert datacite_json.read(datacite_json.DataCiteJson().render(document())).doi == made["doi"]


def test_an_answer_of_the_rest_api_is_read() -> None:
    answer = {
        "data": {
            "id": "10.5072/abc",
            "type": "dois",
            "attributes": {
                "doi": "10.5072/abc",
                "creators": [
                    {"name": "Trần, Thị Mẫu", "affiliation": ["Viện Ví dụ"], "nameIdentifiers": []}
                ],
                "titles": [{"title": "Độ mặn", "lang": None}],
                "publisher": "Kho Ví dụ",
                "publicationYear": 2023,
                "types": {"resourceTypeGeneral": "Dataset", "resourceType": "", "ris": "DATA"},
                "identifiers": [{"identifier": "VD-1", "identifierType": "Số lưu trữ"}],
                "descriptions": [{"description": "…", "descriptionType": "Abstract"}],
                "geoLocations": [
                    {
                        "geoLocationPoint": {"pointLongitude": "105.8", "pointLatitude": "21"},
                        "geoLocationPolygon": [
                            {"polygonPoint": {"pointLongitude": x, "pointLatitude": y}}
                            for x, y in ((0, 0), (1, 0), (1, 1), (0, 0))
                        ],
                    }
                ],
                "version": None,
                "state": "findable",
            },
        }
    }
    imported = datacite_json.read(json.dumps(answer).encode())
    read = imported.metadata
    assert imported.doi == "10.5072/abc"
    assert read.creators[0].affiliations[0].name == "Viện Ví dụ"
    assert read.identifiers[0].scheme == "Số lưu trữ"
    geometry = read.locations.features[0].geometry
    assert geometry is not None
    assert [part.type for part in geometry.parts()] == ["Point", "Polygon"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[1]", "not the JSON object"),
        (b"[" * 100_000, "not JSON"),
        (b'{"titles": "x"}', "/titles: This must be a list"),
        (b'{"creators": [1], "titles": [null]}', "/creators/0: This must be an object"),
        (b'{"geoLocations": [{"geoLocationPolygon": [[1]]}, 4]}', "polygon needs at least four"),
        (
            b'{"geoLocations": [{"geoLocationBox": {"westBoundLongitude": 1}}]}',
            "bbox/1: This must be",
        ),
    ],
)
def test_what_is_wrong_is_told(data: bytes, told: str) -> None:
    with pytest.raises(UnreadableMetadata, match=told):
        datacite_json.read(data)
