"""The maps: what they show, where a click leads, and that a hidden place is on none."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from repository.core.runtime import Runtime
from repository.web.maps.sheet import Sheet
from tests.discovery.library import Depositor

CAN_THO = {"type": "Point", "coordinates": [105.78, 10.03]}
RESTRICTED = {"record": "restricted", "files": "restricted"}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


def at(geometry: object, place: str = "Cần Thơ") -> dict[str, object]:
    return {"features": [{"geometry": geometry, "place": place}]}


def clicked(client: FlaskClient, query: str) -> tuple[float, ...]:
    answer = client.get(f"/search/map?{query}")
    assert answer.status_code == 303
    (box,) = parse_qs(urlsplit(answer.location).query)["bbox"]
    return tuple(map(float, box.split(",")))


def test_a_landing_page_draws_its_places(client: FlaskClient, depositor: Depositor) -> None:
    page = client.get(f"/records/{depositor.publish(locations=at(CAN_THO))}").text
    assert "Bản đồ những nơi dữ liệu nói đến" in page
    figure = page.partition("place-map")[2].partition("</figure>")[0]
    assert figure.count("<circle") == 1
    without = client.get(f"/records/{depositor.publish()}").text
    assert "place-map" not in without


def test_the_map_of_a_search_shows_what_the_reader_may_see(
    client: FlaskClient, depositor: Depositor
) -> None:
    depositor.publish(locations=at(CAN_THO))
    depositor.publish(locations=at(CAN_THO), access=RESTRICTED)
    answer = client.get("/search/map.svg")
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert answer.text.count("<circle") == 1
    assert client.get("/search/map.svg?bbox=0,0,10,10").text.count("<circle") == 0
    assert client.get("/search/map.svg?bbox=0").status_code == 400


def test_a_click_looks_closer_and_keeps_the_search(client: FlaskClient) -> None:
    west, south, east, north = clicked(client, "at.x=130&at.y=130")
    assert (west + east) / 2 == pytest.approx(109.5, abs=0.1)
    assert (south + north) / 2 == pytest.approx(15.0, abs=0.1)
    assert north - south == pytest.approx(7.4, abs=0.2)
    near = clicked(client, f"bbox={west},{south},{east},{north}&at.x=0&at.y=0")
    assert near[0] < west < near[2]
    assert near[1] < north < near[3]
    assert clicked(client, "all=1") == (-180, -90, 180, 90)
    wider = clicked(client, "out=1")
    assert wider[0] < 98
    assert wider[2] > 121
    location = client.get("/search/map?q=l%C3%BAa&type=dataset&type=image&page=4&out=1").location
    kept = parse_qs(urlsplit(location).query)
    assert (kept["q"], kept["type"], "page" in kept) == (["lúa"], ["dataset", "image"], False)


@given(
    x=st.floats(-180, 180),
    y=st.floats(-89, 89),
    west=st.floats(-170, 150),
    south=st.floats(-80, 60),
    size=st.floats(0.01, 20),
)
def test_a_place_on_the_sheet_is_found_again(
    x: float, y: float, west: float, south: float, size: float
) -> None:
    sheet = Sheet((west, south, west + size, south + size), 300, 300)
    back = sheet.point(*sheet.place((x, y)))
    assert back == pytest.approx((x, y), abs=size / 100 + 0.01)
