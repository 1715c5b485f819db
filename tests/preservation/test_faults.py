"""Pulling the plug, filling the disk, flipping bits."""

import itertools
import os
import random
import resource
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from repository.core.clock import FixedClock
from repository.core.errors import InsufficientStorage
from repository.core.runtime import Runtime
from repository.preservation import backup, fixity
from repository.preservation import manifest as manifests
from repository.preservation.models import STORE, PreservationEvent
from repository.preservation.places import is_ready, place_of
from repository.preservation.restore import restore
from repository.preservation.services import failures
from storage.backup.targets import FolderTarget
from tests.preservation.conftest import opened, publish
from tests.preservation.damage import flip, sha256
from tests.runtimes import make_settings

DATA = b"1,2,3\n" * 100


def stored(runtime: Runtime, data: bytes = DATA) -> Path:
    path = runtime.store.local_path(sha256(data))
    assert path is not None
    return path


def backed_up(runtime: Runtime) -> Path:
    [path] = Path(runtime.settings.backup_target).glob("ocfl/**/a.csv")
    return path


def check_all(runtime: Runtime, clock: FixedClock) -> fixity.Report:
    clock.advance(timedelta(seconds=1))
    with runtime.work() as work:
        fixity.register_new(work)
    return fixity.check(runtime, runtime.clock.now())


@pytest.fixture
def twice(kept: Runtime, tmp_path: Path) -> Runtime:
    """A content with a copy in the store and one in the backup."""
    publish(kept, tmp_path / "in", "mua", {"a.csv": DATA})
    backup.run(kept)
    return kept


@pytest.mark.parametrize("damage", [flip, Path.unlink])
def test_a_bad_original_is_put_right_from_the_backup(
    twice: Runtime, clock: FixedClock, damage: object
) -> None:
    assert callable(damage)
    damage(stored(twice))
    report = check_all(twice, clock)
    assert (report.checked, report.repaired, report.bad) == (2, 1, [])
    assert stored(twice).read_bytes() == DATA
    with twice.read() as work:
        assert failures(work) == []
        events = work.session.scalars(
            select(PreservationEvent).where(PreservationEvent.place == STORE)
        ).all()
        told = [(event.event_type, event.outcome) for event in events]
        assert told == [("fixity check", "fail"), ("replication", "pass")]


def test_a_bad_backup_copy_is_put_right_from_the_original(
    twice: Runtime, clock: FixedClock
) -> None:
    flip(backed_up(twice))
    report = check_all(twice, clock)
    assert (report.repaired, report.bad) == (1, [])
    assert backed_up(twice).read_bytes() == stored(twice).read_bytes() == DATA


def test_two_bad_copies_do_not_overwrite_each_other(twice: Runtime, clock: FixedClock) -> None:
    flip(stored(twice))
    backed_up(twice).chmod(0o640)
    backed_up(twice).write_bytes(b"something else")
    before = stored(twice).read_bytes(), backed_up(twice).read_bytes()
    report = check_all(twice, clock)
    place = place_of(opened(twice))
    assert sorted(report.bad) == [(place, sha256(DATA)), (STORE, sha256(DATA))]
    assert (stored(twice).read_bytes(), backed_up(twice).read_bytes()) == before


def test_a_disk_that_is_not_mounted_is_no_lost_backup(twice: Runtime, clock: FixedClock) -> None:
    folder = Path(twice.settings.backup_target)
    folder.rename(folder.with_name("unplugged"))
    folder.mkdir()
    report = check_all(twice, clock)
    assert (report.checked, report.bad) == (1, [])
    assert list(folder.iterdir()) == []


def test_a_lost_original_does_not_keep_the_rest_from_being_saved(
    sqlite_kept: Runtime, tmp_path: Path
) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": DATA, "b.csv": b"fine"})
    publish(sqlite_kept, tmp_path / "in", "gio", {"c.csv": b"fine too"})
    flip(stored(sqlite_kept))
    made = backup.run(sqlite_kept)
    assert (made.manifest.contents.count, made.manifest.contents.missing) == (3, 1)
    assert len(made.progress.bad) == 2, "the version as a whole, and the content"
    target = opened(sqlite_kept)
    done = restore(target, make_settings(tmp_path / "new", ""))
    assert (done.contents, done.lost) == (2, 1)


def test_killed_at_any_write_the_next_run_completes(sqlite_kept: Runtime, tmp_path: Path) -> None:
    for number in range(3):
        files = {f"{n}.csv": f"{number}-{n}".encode() for n in range(4)}
        publish(sqlite_kept, tmp_path / "in", f"mua-{number}", files)
    seeded = random.Random(20261123)
    for _ in range(12):
        assert killed_at(sqlite_kept, seeded.randint(1, 9)) == signal.SIGKILL
        target = FolderTarget(Path(sqlite_kept.settings.backup_target))
        assert not is_ready(target) or manifests.backups(target) == []
    made = backup.run(sqlite_kept).manifest
    target = opened(sqlite_kept)
    found = backup.verify(target, made)
    assert (found.contents, found.objects, found.problems) == (12, 3, [])
    assert [path.name for path in (target.folder / "tmp").iterdir()] == []
    assert [manifest.id for manifest in manifests.backups(target)] == [made.id]


def killed_at(runtime: Runtime, step: int) -> int:
    """The signal that ended a process that made a backup and was killed at its Nth write."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        child = os.fork()
    if child == 0:
        try:
            kill_at(step)
            backup.run(Runtime.from_settings(runtime.settings, runtime.clock))
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def kill_at(step: int) -> None:
    """Before and after each file gets its name `kill -9` may come; count to `step`."""
    publish, moments = FolderTarget._publish, itertools.count(1)

    def moment() -> None:
        if next(moments) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(self: FolderTarget, arrived: Path, place: Path) -> None:
        moment()
        publish(self, arrived, place)
        moment()

    FolderTarget._publish = counted  # type: ignore[method-assign]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process grows past `size`: a full disk, as far as writing can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_nothing_half_is_left(sqlite_kept: Runtime, tmp_path: Path) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"large.bin": bytes(8 << 20)})
    with largest_file(4 << 20), pytest.raises(InsufficientStorage, match="is full"):
        backup.run(sqlite_kept)
    target = opened(sqlite_kept)
    assert manifests.backups(target) == []
    assert list((target.folder / "tmp").iterdir()) == []
    made = backup.run(sqlite_kept).manifest
    assert backup.verify(target, made).problems == []
