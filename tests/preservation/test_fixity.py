"""Copies are read again, oldest first; a bad one is found, told and put right from a good one."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from repository.audit.models import AuditEvent
from repository.core import jobs
from repository.core.clock import FixedClock
from repository.core.copies import STORE, Copy
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.preservation import fixity, services
from repository.preservation.cli import fixity_command
from repository.preservation.models import PreservationEvent
from repository.preservation.services import failures, last_fixity
from repository.records.models import Version
from tests.preservation.conftest import publish
from tests.preservation.damage import flip, sha256


def stored(runtime: Runtime, digest: str) -> Path:
    path = runtime.store.local_path(digest)
    assert path is not None
    return path


def test_good_copies_are_seen_and_told(runtime: Runtime, tmp_path: Path) -> None:
    version_id = publish(runtime, tmp_path / "in", "mua", {"a.csv": b"1,2", "b.csv": b"3,4"})
    with runtime.read() as work:
        version = work.session.get_one(Version, version_id)
        unseen = last_fixity(work, version)
    assert unseen is not None
    assert (unseen.checked_at, unseen.outcome, unseen.unchecked) == (None, None, 2)

    run_one(runtime)
    with runtime.read() as work:
        seen = last_fixity(work, version)
        events = work.session.scalars(select(PreservationEvent)).all()
    assert seen is not None
    assert (seen.checked_at, seen.outcome, seen.good) == (runtime.clock.now(), "pass", 2)
    assert {(e.event_type, e.outcome) for e in events} == {("fixity check", "pass")}


def test_of_many_files_it_is_counted_once_a_day_and_when_one_is_bad(
    runtime: Runtime, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "LARGE", 1)
    version_id = publish(runtime, tmp_path / "in", "mua", {"a.csv": b"1,2", "b.csv": b"3,4"})

    def told() -> tuple[object, int, int]:
        with runtime.read() as work:
            found = last_fixity(work, work.session.get_one(Version, version_id))
        assert found is not None
        return found.checked_at, found.good, found.bad

    assert told() == (None, 0, 0)
    first = clock.now()
    run_one(runtime)
    services.count_large(runtime)
    assert told() == (first, 2, 0)
    clock.advance(timedelta(hours=1))
    run_one(runtime)
    services.count_large(runtime)
    assert told() == (first, 2, 0), "it was counted an hour ago"
    flip(stored(runtime, sha256(b"1,2")))
    clock.advance(timedelta(hours=1))
    run_one(runtime)
    services.count_large(runtime)
    assert told()[1:] == (1, 1)


def run_one(runtime: Runtime) -> fixity.Report:
    with runtime.work() as work:
        fixity.register_new(work)
    return fixity.check(runtime, runtime.clock.now())


def test_a_check_up_to_a_time_to_come_ends(runtime: Runtime, tmp_path: Path) -> None:
    publish(runtime, tmp_path / "in", "mua", {"a.csv": b"1,2", "b.csv": b"3,4"})
    with runtime.work() as work:
        fixity.register_new(work)
    later = runtime.clock.now() + timedelta(days=1)
    assert fixity.check(runtime, later).checked == 2


def test_the_scheduled_check_reads_a_share_and_goes_on_where_it_ended(
    runtime: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    contents = {f"{n}.bin": bytes([n]) * 1000 for n in range(5)}
    publish(runtime, tmp_path / "in", "mua", contents)
    for _ in range(5):
        assert fixity.sweep(runtime).checked == 1
        clock.advance(timedelta(minutes=10))
    assert fixity.sweep(runtime).checked == 0, "each was seen, none is due"
    with runtime.read() as work:
        checked = work.session.scalars(select(Copy.checked_at)).all()
    assert len(set(checked)) == 5

    clock.advance(timedelta(days=46))
    first = min(moment for moment in checked if moment)
    assert fixity.sweep(runtime).checked == 1
    with runtime.read() as work:
        assert first not in work.session.scalars(select(Copy.checked_at)).all(), "oldest first"


def test_every_copy_is_seen_within_the_interval(
    runtime: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(runtime, tmp_path / "in", "mua", {f"{n}.bin": bytes([n]) * 10 for n in range(8)})
    begun = clock.now()
    while clock.now() < begun + timedelta(hours=2):
        fixity.sweep(runtime)
        clock.advance(fixity.EVERY)
    clock.advance(timedelta(days=88))
    while clock.now() < begun + timedelta(days=90):
        fixity.sweep(runtime)
        clock.advance(timedelta(hours=1))
    with runtime.read() as work:
        oldest = min(moment for moment in work.session.scalars(select(Copy.checked_at)) if moment)
    assert clock.now() - oldest < timedelta(days=90)


@pytest.mark.parametrize("damage", ["flip", "missing"])
def test_a_bad_copy_without_another_is_told(runtime: Runtime, tmp_path: Path, damage: str) -> None:
    version_id = publish(runtime, tmp_path / "in", "mua", {"a.csv": b"1,2", "b.csv": b"3,4"})
    place = stored(runtime, sha256(b"1,2"))
    if damage == "flip":
        flip(place)
    else:
        place.unlink()
    report = run_one(runtime)
    assert report.bad == [(STORE, sha256(b"1,2"))]
    with runtime.read() as work:
        told = last_fixity(work, work.session.get_one(Version, version_id))
        assert told is not None
        assert (told.outcome, told.bad, told.good) == ("fail", 1, 1)
        assert [copy.sha256 for copy in failures(work)] == [sha256(b"1,2")]
        logged = work.session.scalars(select(AuditEvent.action)).all()
        assert "fixity.fail" in logged


def test_a_copy_that_cannot_be_read_is_bad_until_it_is_back(
    runtime: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(runtime, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    place = stored(runtime, sha256(b"1,2"))
    place.unlink()
    place.mkdir()
    assert run_one(runtime).bad
    place.rmdir()
    runtime.store.write(io.BytesIO(b"1,2"))
    clock.advance(timedelta(seconds=1))
    assert run_one(runtime).bad == []
    with runtime.read() as work:
        assert failures(work) == []


def test_the_command_names_bad_copies_and_says_so(
    sqlite_runtime: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(sqlite_runtime, tmp_path / "in", "mua", {"a.csv": b"1,2", "b.csv": b"3,4"})

    def run(*arguments: str) -> tuple[int, str]:
        clock.advance(timedelta(minutes=1))
        result = CliRunner().invoke(fixity_command, arguments, obj=lambda: sqlite_runtime)
        return result.exit_code, result.stdout

    assert run() == (0, "2 copies checked, 6 bytes, 0 repaired, 0 bad\n")
    assert run() == (0, "0 copies checked, 0 bytes, 0 repaired, 0 bad\n")
    flip(stored(sqlite_runtime, sha256(b"3,4")))
    code, told = run("--all")
    assert code == 1
    assert f"bad: {sha256(b'3,4')} in the store" in told


def test_the_sweep_is_scheduled(sqlite_runtime: Runtime, tmp_path: Path) -> None:
    publish(sqlite_runtime, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    with sqlite_runtime.work() as work:
        assert "fixity.sweep" in jobs.overdue_periodic(work.session, work.clock.now())
        jobs.enqueue_periodic(work.session, work.clock.now())
    run_until_idle(sqlite_runtime)
    with sqlite_runtime.read() as work:
        assert work.session.scalars(select(Copy.outcome)).all() == ["pass"]
