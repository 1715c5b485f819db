"""What maps are drawn on: land cut to the sheet, and names that have room."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.web.maps.ground import LETTERS, ground
from repository.web.maps.land import Bounds, Ring, land
from repository.web.maps.names import Name, islets, names
from repository.web.maps.sheet import WORLD, Sheet

SEA_AND_COAST: Bounds = (98.0, 4.0, 121.0, 26.0)

bounds = st.builds(
    lambda west, south, size: (west, south, west + size, south + size),
    st.floats(-170, 150),
    st.floats(-80, 60),
    st.floats(0.05, 20),
)


def area(ring: Ring) -> float:
    return abs(sum(x * b - y * a for (x, y), (a, b) in pairwise(ring))) / 2


def box_of(name: Name, size: float) -> Bounds:
    """A box smaller than the letters take."""
    text = min(map(len, name.texts.values())) * size * 0.4
    left = {"start": name.x, "end": name.x - text, "middle": name.x - text / 2}[name.anchor]
    return left, name.y - size * 0.7, left + text, name.y


@given(bounds)
def test_land_is_closed_and_reaches_no_farther_than_just_beyond_the_map(asked: Bounds) -> None:
    west, south, east, north = asked
    edge = (east - west) * 0.05
    for ring in land(asked):
        assert ring[0] == ring[-1]
        assert all(west - edge <= x <= east + edge for x, _ in ring)
        assert all(south - edge <= y <= north + edge for _, y in ring)


def test_inland_is_all_land_and_the_open_sea_none() -> None:
    (whole,) = land((105.0, 20.8, 105.2, 21.0))
    assert area(whole) == pytest.approx(0.2 * 0.2, rel=0.1)
    assert land((114.9, 12.5, 115.4, 13.0)) == []


def test_land_is_finer_where_one_looks_closer() -> None:
    def corners(asked: Bounds) -> int:
        return sum(106 <= x <= 108 and 20 <= y <= 22 for ring in land(asked) for x, y in ring)

    assert corners((104.0, 18.0, 110.0, 24.0)) > 2 * corners((90.0, 0.0, 125.0, 30.0))
    assert corners((90.0, 0.0, 125.0, 30.0)) > 2 * corners(WORLD)


def test_no_land_runs_across_the_world_at_the_antimeridian() -> None:
    for ring in land(WORLD):
        assert all(abs(a - x) < 90 for (x, y), (a, b) in pairwise(ring) if max(y, b) > -78)


@pytest.mark.parametrize("side", [260, 640, 1000])
@pytest.mark.parametrize("letters", LETTERS)
def test_the_archipelagos_are_on_each_map_of_the_sea_around_them(side: int, letters: float) -> None:
    sheet = Sheet(SEA_AND_COAST, side, side)
    told = [each.texts["vi"] for each in names(sheet, side * letters) if each.kind == "islands"]
    assert told == ["QĐ. Hoàng Sa (Việt Nam)", "QĐ. Trường Sa (Việt Nam)"]
    assert len(islets(sheet)) > 10


@given(bounds, st.sampled_from([260, 640]), st.sampled_from(LETTERS))
def test_names_stay_on_the_sheet_and_off_each_other(
    asked: Bounds, width: int, letters: float
) -> None:
    sheet = Sheet(asked, width, width / 2)
    size = width * letters
    boxes = [box_of(each, size) for each in names(sheet, size)]
    assert all(b[0] >= 0 and b[2] <= width and b[1] >= 0 and b[3] <= width / 2 for b in boxes)
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart


def test_a_town_makes_way_for_what_the_map_is_about() -> None:
    sheet = Sheet((104.0, 19.5, 108.0, 22.5), 640, 480)
    assert "Hà Nội" in [each.texts["vi"] for each in ground(sheet).many]
    hidden = ground(sheet, avoid=[sheet.around((105.85, 21.02))]).many
    assert "Hà Nội" not in [each.texts["vi"] for each in hidden]
    assert "Hải Phòng" in [each.texts["vi"] for each in hidden]
