"""Grandfather, father, son."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.backup.retention import kept

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAILY = [NOON + timedelta(days=day) for day in range(730)]


def test_two_years_of_daily_backups() -> None:
    keep = kept(DAILY, daily=7, weekly=5, monthly=12, yearly=10)
    newest = DAILY[-1]
    assert {newest - timedelta(days=day) for day in range(7)} <= keep
    assert datetime(2026, 12, 31, 12, tzinfo=UTC) in keep, "the last of its year"
    assert len({(at.year, at.month) for at in keep}) == 13, "twelve, and 2026's"
    assert len(keep) == 22


def test_of_one_day_the_newest_stays() -> None:
    hours = [NOON + timedelta(hours=hour) for hour in range(10)]
    assert kept(hours, daily=3) == {hours[-1]}


@given(st.lists(st.sampled_from(DAILY)), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_the_newest_is_always_kept_and_nothing_is_invented(
    times: list[datetime], daily: int, weekly: int, yearly: int
) -> None:
    keep = kept(times, daily=daily, weekly=weekly, yearly=yearly)
    assert keep <= set(times)
    assert not times or max(times) in keep
    assert len(keep) <= daily + weekly + yearly + 1
    assert kept(keep, daily=daily, weekly=weekly, yearly=yearly) == keep, "twice is once"
