from collections.abc import Sequence
from contextlib import suppress

import pytest
from sqlalchemy import text

from repository.core import feed
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from tests.waiting import eventually

seen: list[str] = []
told: list[str] = []


@feed.follower("test")
def _follow(runtime: Runtime, record_ids: Sequence[str]) -> None:
    seen.extend(record_ids)
    told.append("test")


@feed.follower("other")
def _other(runtime: Runtime, record_ids: Sequence[str]) -> None:
    told.append("other")


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()
    told.clear()


def test_a_follower_gets_each_change_once_and_in_order(runtime: Runtime) -> None:
    for record_id in ("a", "b", "a"):
        with runtime.work() as work:
            work.changed(record_id)
    run_until_idle(runtime)
    assert seen == ["a", "b"]
    run_until_idle(runtime)
    assert seen == ["a", "b"]
    with runtime.work() as work:
        work.changed("b")
    run_until_idle(runtime)
    assert seen == ["a", "b", "b"]


def test_followers_take_turns_on_a_long_feed(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BATCH", 1)
    monkeypatch.setattr(feed, "TURN_SECONDS", 0)
    for record_id in ("a", "b", "c"):
        with runtime.work() as work:
            work.changed(record_id)
    run_until_idle(runtime)
    assert seen == ["a", "b", "c"]
    both = list(zip(told[::2], told[1::2], strict=True))
    assert [sorted(pair) for pair in both] == [["other", "test"]] * 3


def test_nothing_is_told_of_a_transaction_that_rolls_back(runtime: Runtime) -> None:
    with suppress(ZeroDivisionError), runtime.work() as work:
        work.changed("a")
        raise ZeroDivisionError
    run_until_idle(runtime)
    assert seen == []


def test_a_change_that_commits_late_never_hides_behind_one_that_was_passed(
    postgres_runtime: Runtime,
) -> None:
    """The one that began first commits last; a follower that reads in between loses neither."""
    runtime = postgres_runtime
    with runtime.work() as slow:
        slow.session.execute(text("SELECT 1"))
        slow.changed("slow")
        with runtime.work() as fast:
            fast.changed("fast")
        run_until_idle(runtime)
        assert seen == ["fast"]
    run_until_idle(runtime)
    assert seen == ["fast", "slow"]


def test_numbers_become_visible_in_order(postgres_runtime: Runtime) -> None:
    """While one transaction holds a number it has not committed, no other can take the next."""
    import threading

    runtime = postgres_runtime
    second = threading.Thread(target=lambda: _change(runtime, "second"))
    with runtime.database.session(write=True) as session:
        feed.append(runtime.database, session, ["first"], runtime.clock.now())
        second.start()
        eventually(lambda: _someone_waits_for_a_lock(runtime))
        with runtime.read() as work:
            assert feed.since(work.session, 0, 10) == []
        session.commit()
    second.join()
    with runtime.read() as work:
        assert [c.record_id for c in feed.since(work.session, 0, 10)] == ["first", "second"]


def _change(runtime: Runtime, record_id: str) -> None:
    with runtime.work() as work:
        work.changed(record_id)


def _someone_waits_for_a_lock(runtime: Runtime) -> bool:
    with runtime.read() as work:
        query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(work.session.scalar(query))
