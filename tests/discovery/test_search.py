"""The search service, on each engine."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from repository.accounts.models import ANONYMOUS, Actor
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.discovery.cursors import Cursor, parse_cursor
from repository.discovery.engines.base import Sort
from repository.discovery.overview import newest, overview
from repository.discovery.search import SearchRequest, SearchResult, search
from repository.discovery.suggestions import more_like, suggest
from repository.records.models import Grant, Record, State, Version
from tests.discovery.conftest import NOW, Publish

OWNER = Actor(1, "researcher")
OTHER = Actor(2, "researcher")
CURATOR = Actor(3, "curator")


def find(
    runtime: Runtime, query: str = "", actor: Actor = ANONYMOUS, **more: object
) -> SearchResult:
    with runtime.read() as work:
        return search(work, actor, SearchRequest(query, **more))  # type: ignore[arg-type]


def titles(result: SearchResult) -> list[str]:
    return [version.metadata_json["titles"][0]["title"] for version in result.versions]


def test_what_was_published_is_found_without_marks(indexed: Runtime, publish: Publish) -> None:
    publish("Dữ liệu khí hậu đồng bằng sông Cửu Long", "Climate of the Mekong delta")
    for query in ("du lieu khi hau", "CLIMATES", '"khí hậu"', "nguyen van vi", "2024 khi"):
        assert find(indexed, query).total == (0 if "2024" in query else 1), query


def test_the_last_of_very_many_grants_counts_as_the_first(
    indexed: Runtime, publish: Publish
) -> None:
    last = publish("Bí mật", record="rzzzz", access="restricted")
    others = [f"r-{number}" for number in range(1500)]
    with indexed.work() as work:
        rows = [{"id": each, "owner_id": 1, "created_at": NOW} for each in others]
        work.session.execute(insert(Record), rows)
        grants = [
            {"record_id": each, "user_id": 2, "permission": "view", "created_at": NOW}
            for each in [*others, last.record_id]
        ]
        work.session.execute(insert(Grant), grants)
    assert find(indexed, "bi mat", OTHER).total == 1
    assert find(indexed, "bi mat", OTHER).versions[0].id == last.id
    assert find(indexed, "bi mat").total == 0


def test_a_changed_and_a_withdrawn_version(indexed: Runtime, publish: Publish) -> None:
    version = publish("Trước")
    with indexed.work() as work:
        kept = work.session.get_one(Version, version.id)
        kept.state = State.WITHDRAWN.value
        work.changed(kept.record_id)
    assert (
        find(indexed, "trước").versions == []
    )  # the index still has it; the database knows better
    publish("Sau")
    assert find(indexed).total == 1


@pytest.mark.parametrize(
    ("access", "until", "actor", "seen"),
    [
        ("public", None, ANONYMOUS, True),
        ("restricted", None, ANONYMOUS, False),
        ("restricted", None, OTHER, False),
        ("restricted", None, OWNER, True),
        ("restricted", None, CURATOR, True),
        ("restricted", date(2026, 3, 2), ANONYMOUS, False),
        ("restricted", date(2026, 3, 1), ANONYMOUS, True),
        ("restricted", None, Actor(1, "researcher", frozenset()), False),
    ],
)
def test_hidden_records_are_in_no_total_and_no_facet(
    indexed: Runtime,
    publish: Publish,
    *,
    access: str,
    until: date | None,
    actor: Actor,
    seen: bool,
) -> None:
    publish("Bí mật", access=access, until=until, subjects=[{"subject": "mật"}])
    found = find(indexed, "bi mat", actor)
    assert (found.total, len(found.versions)) == (int(seen), int(seen))
    assert [bucket.count for bucket in found.facets["topic"]] == [1] * seen
    with indexed.read() as work:
        assert len(suggest(work, actor, "bí")) == int(seen)
    assert (find(indexed, "bi mot", actor).did_you_mean is not None) == seen


def test_an_embargo_lifts_without_indexing(indexed: Runtime, publish: Publish) -> None:
    publish("Sắp mở", access="restricted", until=NOW.date() + timedelta(days=1))
    assert find(indexed).total == 0
    assert isinstance(indexed.clock, FixedClock)
    indexed.clock.advance(timedelta(days=1))
    assert find(indexed).total == 1


def test_only_the_newest_version_one_may_see(indexed: Runtime, publish: Publish) -> None:
    publish("Bản một", record="r")
    publish("Bản hai", record="r")
    publish("Bản ba", record="r", access="restricted", until=NOW.date() + timedelta(days=1))
    assert titles(find(indexed, "bản")) == ["Bản hai"]
    assert titles(find(indexed, "bản", OWNER))[:1] == ["Bản ba"]
    assert titles(find(indexed, "bản", CURATOR)) == ["Bản ba"]
    assert find(indexed, "bản", all_versions=True, record="r").total == 2
    indexed.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    assert titles(find(indexed, "bản")) == ["Bản ba"]


def test_facets_years_and_pages(indexed: Runtime, publish: Publish) -> None:
    for year in (2019, 2020, 2021):
        publish(f"Lúa {year}", publication_date=f"{year}", languages=[{"id": "vie"}, {"id": "eng"}])
    publish("Lúa", resource_type={"id": "software"}, publication_date="2021-05")
    found = find(indexed, "lúa", chosen={"type": ["dataset"]}, year_from=2020, limit=1, offset=1)
    assert (found.total, len(found.versions)) == (2, 1)
    assert {b.value: (b.count, b.chosen) for b in found.facets["type"]} == {
        "dataset": (2, True),
        "software": (1, False),
    }
    assert {b.value: b.count for b in found.facets["language"]} == {"vie": 2, "eng": 2}
    assert find(indexed, chosen={"type": ["no such"]}).facets["type"][0].chosen


def test_did_you_mean_and_its_marks(indexed: Runtime, publish: Publish) -> None:
    publish("Khí tượng thủy văn", "Hydrology of rivers", subjects=[{"subject": "Runoff"}])
    assert find(indexed, "hydrolgy rivers").did_you_mean == "hydrology rivers"
    assert find(indexed, "thuy vann").did_you_mean == "thủy văn"
    assert find(indexed, "hydrolgy of glaciers").did_you_mean == "hydrology of"
    assert find(indexed, "runof zzzzqqqq").did_you_mean == "runoff"
    assert find(indexed, "zzzzqqqq").did_you_mean is None
    assert find(indexed, "zzzzqqqq yyyyxxxx").did_you_mean is None


def test_english_words_in_a_vietnamese_text_have_their_other_forms(
    indexed: Runtime, publish: Publish
) -> None:
    publish("Trạm đo (monitoring stations) 2019–2023 ở Tây Nguyên")
    assert find(indexed, "monitored station").total == 1


def test_suggestions_and_neighbours(indexed: Runtime, publish: Publish) -> None:
    rice = publish("Giống lúa chịu mặn", subjects=[{"subject": "nông nghiệp"}])
    other = publish("Sâu bệnh trên lúa", subjects=[{"subject": "nông nghiệp"}])
    publish("Thiên văn")
    with indexed.read() as work:
        assert [v.id for v in suggest(work, ANONYMOUS, "giong lu")] == [rice.id]
        assert suggest(work, ANONYMOUS, "g") == []
        assert [v.id for v in suggest(work, ANONYMOUS, "giong l")] == [rice.id]
        assert [v.id for v in more_like(work, ANONYMOUS, rice)] == [other.id]


def test_the_front_page_counts_what_all_may_see(indexed: Runtime, publish: Publish) -> None:
    publish("Một")
    publish("Hai", access="restricted")
    with indexed.read() as work:
        assert overview(work, ANONYMOUS).total == 1
        assert [v.metadata_json["titles"][0]["title"] for v in newest(work, ANONYMOUS)] == ["Một"]


def test_before_the_first_index_there_is_a_note(indexed: Runtime) -> None:
    found = find(indexed, "lúa")
    assert found.versions == []
    assert "being built" in found.notes[0].message


def place(*coordinates: float) -> dict[str, object]:
    return {"features": [{"geometry": {"type": "Point", "coordinates": list(coordinates)}}]}


@pytest.mark.parametrize(
    ("box", "names"),
    [
        ((104.3, 8.5, 106.9, 11.1), ["Cần Thơ"]),
        ((-180, -90, 180, 90), ["Suva", "Hà Nội", "Cần Thơ"]),
        ((170, -30, -170, 0), ["Suva"]),
        ((102, 22, 103, 23), []),
    ],
)
def test_what_has_a_place_within_a_box(
    indexed: Runtime, publish: Publish, box: tuple[float, ...], names: list[str]
) -> None:
    publish("Cần Thơ", locations=place(105.78, 10.03))
    publish("Hà Nội", locations=place(105.85, 21.03))
    publish("Suva", locations={"features": [{"geometry": FIJI}]})
    publish("Không nơi nào")
    assert titles(find(indexed, box=box)) == names


FIJI = {
    "type": "Polygon",
    "bbox": [177, -19, -179, -16],
    "coordinates": [[[177, -19], [-179, -19], [-179, -16], [177, -16], [177, -19]]],
}


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])
def test_a_walk_by_cursor_gives_each_version_once(
    indexed: Runtime, publish: Publish, sort: Sort
) -> None:
    """Also among versions of one moment, and with others coming in on the way."""
    expected = {publish(f"Bản ghi {number}").id for number in range(7)}
    with indexed.work() as work:
        for version in work.session.scalars(select(Version).where(Version.id.in_(expected))):
            if int(version.id[1:]) % 3:
                version.published_at = NOW - timedelta(days=1)
            work.changed(version.record_id)
    run_until_idle(indexed)
    seen: list[str] = []
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        found = find(indexed, "bản", cursor=parse_cursor(str(cursor)), sort=sort, limit=2)
        assert found.total >= len(expected)
        assert found.facets["type"][0].count >= len(expected)
        seen += [version.id for version in found.versions]
        cursor = found.next
    assert sorted(seen) == sorted(expected)


def test_years_are_counted_as_if_none_were_chosen(indexed: Runtime, publish: Publish) -> None:
    for year in (2019, 2020, 2020, 2021):
        publish(f"Lúa {year}", publication_date=str(year))
    with indexed.read() as work:
        found = search(work, ANONYMOUS, SearchRequest("lua", year_from=2020, year_to=2020))
    assert found.total == 2
    assert {each.value: each.count for each in found.facets["years"]} == {
        "2019": 1,
        "2020": 2,
        "2021": 1,
    }
    assert [each.count for each in found.facets["type"]] == [2]
