"""What counts as use, and what is kept of whoever used it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from repository.core.clock import FixedClock
from repository.core.jobs import handler_for
from repository.core.runtime import Runtime
from repository.records.models import Record, State, Version
from repository.stats.models import UsageDay, UsageEvent, UsageSalt
from repository.stats.rules import Click, Tally, counted, is_program, is_robot, visitor_of
from repository.stats.services import Seen, months, record_seen, totals
from tests.runtimes import NOW
from tests.webapp import make_user

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def click(seconds: float, *, download: bool = False, target: str = "", version: str = "v") -> Click:
    return Click(AT + timedelta(seconds=seconds), download, False, version, target, 10)


def test_of_a_double_click_the_last_counts() -> None:
    clicks = [click(0), click(10), click(35), click(70), click(75, download=True)]
    assert [(c.at - AT).seconds for c in counted(clicks) if not c.is_download] == [35, 70]
    files = [click(0, download=True, target="a"), click(1, download=True, target="b")]
    assert len(list(counted(files))) == 2


@given(st.lists(st.floats(0, 86_000), min_size=1, max_size=40).map(sorted))
def test_counts_agree_with_each_other(seconds: list[float]) -> None:
    clicks = [click(s, download=i % 3 == 0) for i, s in enumerate(seconds)]
    tally = Tally()
    tally.add("r", clicks)
    one, every = tally.counts["v", False], tally.counts["r", False]
    assert one == every
    assert 1 <= one.views + one.downloads <= len(clicks)
    assert one.unique_views <= one.views
    assert one.unique_downloads <= one.downloads
    assert max(one.unique_views, one.unique_downloads) <= one.unique_any
    assert one.unique_any <= one.unique_views + one.unique_downloads


def test_all_versions_count_a_session_once() -> None:
    tally = Tally()
    tally.add("r", [click(0, version="v1"), click(60, version="v2"), click(7200, version="v2")])
    assert tally.counts["r", False].unique_views == 2, "two hours, two sessions"
    assert tally.counts["r", False].views == 3
    assert tally.counts["v2", False].unique_views == 2


def test_robots_and_programs(tmp_path: Path) -> None:
    for robot in ("", "Googlebot/2.1", "Mozilla/5.0 (compatible; bingbot/2.0)", "python-scrapy"):
        assert is_robot(robot) or robot == "python-scrapy"
    assert not is_robot(FIREFOX)
    assert not is_robot("curl/8.5.0")
    assert is_program("curl/8.5.0")
    assert is_program("python-requests/2.32")
    assert not is_program(FIREFOX)
    own = tmp_path / "robots.txt"
    own.write_text("our-indexer\n")
    assert is_robot("Our-Indexer/1", own)


def test_nobody_is_found_again() -> None:
    one, other = visitor_of(b"a", "192.0.2.1", FIREFOX), visitor_of(b"b", "192.0.2.1", FIREFOX)
    assert one != other
    assert "192.0.2.1" not in one


@pytest.fixture
def version(runtime: Runtime) -> str:
    user = make_user(runtime)
    with runtime.work() as work:
        work.session.add(Record(id="r1", owner_id=user.id, created_at=NOW))
        work.session.flush()
        work.session.add(
            Version(
                id="v1",
                record_id="r1",
                number=1,
                state=State.PUBLISHED.value,
                created_at=NOW,
                updated_at=NOW,
                published_at=NOW,
            )
        )
    return "v1"


def seen(at: datetime, version: str, address: str = "192.0.2.1", *, download: bool = False) -> Seen:
    return Seen(
        at, version, download, False, address, FIREFOX, "a.csv" if download else "", 10 * download
    )


def test_from_events_to_totals(runtime: Runtime, clock: FixedClock, version: str) -> None:
    now = clock.now()
    batch = [
        seen(now, version),
        seen(now + timedelta(seconds=5), version),
        seen(now, version, "192.0.2.2"),
        seen(now + timedelta(seconds=60), version, download=True),
        seen(now, "gone"),
    ]
    with runtime.work() as work:
        assert record_seen(work, batch) == 4
    for _twice in range(2):
        handler_for("stats.count")(runtime, {})
        with runtime.read() as work:
            found = totals(work, ["v1", "r1", "none"])
            assert (found["v1"].views, found["v1"].unique_views) == (2, 2)
            assert (found["r1"].downloads, found["r1"].bytes) == (1, 10)
            assert found["none"].views == 0
            this_month = months(work, "r1")[-1]
            assert (this_month.views, this_month.downloads) == (2, 1)
            assert len(months(work, "r1")) == 12


def test_a_day_that_is_over_leaves_counts_alone(
    runtime: Runtime, clock: FixedClock, version: str
) -> None:
    day = clock.now()
    with runtime.work() as work:
        record_seen(work, [seen(day, version)])
    clock.advance(timedelta(days=1, hours=2))
    handler_for("stats.count")(runtime, {})
    with runtime.work() as work:
        for table in (UsageEvent, UsageSalt):
            assert work.session.scalar(select(func.count()).select_from(table)) == 0
        assert record_seen(work, [seen(day, version)]) == 0, "too late to be counted"
    handler_for("stats.count")(runtime, {})
    with runtime.read() as work:
        assert work.session.scalar(select(func.sum(UsageDay.views))) == 2  # version and record
