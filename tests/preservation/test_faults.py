"""Pulling the plug, filling the disk, flipping bits."""

import itertools
import os
import random
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from repository.core.clock import FixedClock
from repository.core.copies import STORE
from repository.core.errors import InsufficientStorage
from repository.core.paths import UNFINISHED
from repository.core.runtime import Runtime
from repository.preservation import backup, fixity
from repository.preservation import manifest as manifests
from repository.preservation.models import PreservationEvent
from repository.preservation.places import is_ready, place_of
from repository.preservation.restore import restore
from repository.preservation.services import failures
from repository.records.models import File
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

    def back_up() -> None:
        backup.run(Runtime.from_settings(sqlite_kept.settings, sqlite_kept.clock))

    for _ in range(12):
        assert killed_at(seeded.randint(1, 9), back_up) == signal.SIGKILL
        target = FolderTarget(Path(sqlite_kept.settings.backup_target))
        assert not is_ready(target) or manifests.backups(target) == []
    made = backup.run(sqlite_kept).manifest
    target = opened(sqlite_kept)
    found = backup.verify(target, made)
    assert (found.contents, found.objects, found.problems) == (12, 3, [])
    assert [path.name for path in (target.folder / "tmp").iterdir()] == []
    assert [manifest.id for manifest in manifests.backups(target)] == [made.id]


@pytest.mark.parametrize("damage", [flip, Path.unlink])
def test_killed_at_any_step_of_a_repair_a_good_copy_stays(
    sqlite_kept: Runtime, tmp_path: Path, clock: FixedClock, damage: Callable[[Path], None]
) -> None:
    """At each step in turn, until a check comes to its end."""
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": DATA})
    backup.run(sqlite_kept)
    place, ended = stored(sqlite_kept), []

    def repair() -> None:
        check_all(Runtime.from_settings(sqlite_kept.settings, clock), clock)

    for step in itertools.count(1):
        if place.exists():
            damage(place)
        clock.advance(timedelta(days=2))
        ended.append(killed_at(step, repair))
        assert backed_up(sqlite_kept).read_bytes() == DATA
        if ended[-1] == 0:
            break
    assert ended.count(signal.SIGKILL) > 5
    clock.advance(timedelta(days=2))
    assert check_all(sqlite_kept, clock).bad == []
    assert stored(sqlite_kept).read_bytes() == DATA


def test_killed_at_any_step_a_restore_goes_on_when_it_is_begun_again(
    sqlite_kept: Runtime, tmp_path: Path
) -> None:
    files = {f"{n}.csv": f"số {n}".encode() for n in range(4)}
    publish(sqlite_kept, tmp_path / "in", "mua", files)
    backup.run(sqlite_kept)
    target, seeded = opened(sqlite_kept), random.Random(20261128)
    settings = make_settings(tmp_path / "new", "")
    kills = 0
    while killed_at(seeded.randint(1, 12), lambda: restore(target, settings)):
        kills += 1
        if settings.data_dir.exists() and not (settings.data_dir / UNFINISHED).exists():
            break  # after the last step: then all of it is there
    assert kills
    again = Runtime.from_settings(settings)
    assert sorted(again.store.digests()) == sorted(map(sha256, files.values()))
    with again.read() as work:
        assert work.session.query(File).count() == 4
    again.close()


def killed_at(step: int, act: Callable[[], object]) -> int:
    """The signal that ended a process that was killed at its Nth moment of `act`; 0: none did."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        child = os.fork()
    if child == 0:
        failed = 1
        try:
            kill_at(step)
            act()
            failed = 0
        finally:
            os._exit(failed)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status)


def kill_at(step: int) -> None:
    """Before and after a file gets or loses its name, and a commit, `kill -9` may come."""
    moments = itertools.count(1)

    def moment() -> None:
        if next(moments) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def surrounded(*args: Any, **kwargs: Any) -> Any:
            moment()
            result = function(*args, **kwargs)
            moment()
            return result

        return surrounded

    for owner, name in ((Path, "rename"), (Path, "replace"), (Path, "unlink"), (Session, "commit")):
        setattr(owner, name, around(getattr(owner, name)))


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
