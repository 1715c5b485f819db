"""Total loss, then restore: everything is equal to what was backed up."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from repository.accounts.models import User
from repository.audit.models import AuditEvent
from repository.core.clock import FixedClock
from repository.core.errors import Conflict, NotFound, RepositoryError
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.pid.models import Identifier
from repository.preservation import backup, runs, watch
from repository.preservation.drill import drill
from repository.preservation.models import BackupRun
from repository.preservation.policies import revise
from repository.preservation.restore import restore
from repository.preservation.rules import Terms
from repository.records.models import Content, File, Revision, Version
from tests.preservation.conftest import administrator, opened, publish
from tests.preservation.damage import flip, sha256
from tests.runtimes import make_settings
from tests.services.postgres import Postgres

ALL = (User, Version, Revision, File, Content, Identifier, AuditEvent)


@pytest.fixture
def empty(request: pytest.FixtureRequest, kept: Runtime, tmp_path: Path) -> Iterator[Settings]:
    """An empty machine with the same kind of database."""
    programs = {"postgres_programs": kept.settings.postgres_programs}
    if kept.database.is_sqlite:
        yield make_settings(tmp_path / "new", "", **programs)
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = postgres.create()
    yield make_settings(tmp_path / "new", postgres.url(name), **programs)
    postgres.drop(name)


def rows(session: Session) -> dict[str, list[dict[str, object]]]:
    """Every row of the tables that count, as plain values."""
    return {
        model.__tablename__: sorted(
            (
                {c.name: getattr(row, c.key) for c in model.__mapper__.columns}
                for row in session.scalars(select(model))
            ),
            key=str,
        )
        for model in ALL
    }


def test_everything_is_equal_after_total_loss(
    kept: Runtime, empty: Settings, tmp_path: Path, clock: FixedClock
) -> None:
    for number in range(5):
        files = {f"thư mục/số {n}.csv": f"{number}-{n}".encode() * 50 for n in range(6)}
        publish(kept, tmp_path / "in", f"mua-{number}", files)
        clock.advance(timedelta(minutes=1))
    backup.run(kept)
    with kept.read() as work:
        before = rows(work.session)

    done = restore(opened(kept), empty)

    assert (done.contents, done.lost) == (30, 0)
    runtime = Runtime.from_settings(empty, clock)
    with runtime.read() as work:
        after = rows(work.session)
        digests = work.session.scalars(select(Content.sha256)).all()
    later = [row for row in before["audit_events"] if row["action"] == "backup.complete"]
    before["audit_events"] = [row for row in before["audit_events"] if row not in later]
    assert len(later) == 1, "only what told that the backup was complete is younger than it"
    assert after == before
    assert after["identifiers"]
    assert sorted(runtime.store.digests()) == sorted(digests)
    for digest in digests:
        assert hashlib.sha256(b"".join(runtime.store.read(digest))).hexdigest() == digest
    runtime.close()


def test_a_restored_repository_goes_on_backing_up(
    kept: Runtime, empty: Settings, tmp_path: Path, clock: FixedClock
) -> None:
    publish(kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    backup.run(kept)
    folder = kept.settings.backup_target
    restore(opened(kept), empty)
    settings = empty.model_copy(update={"backup_target": folder})
    runtime = Runtime.from_settings(settings, clock)
    clock.advance(timedelta(days=1))
    publish(runtime, tmp_path / "in", "gio", {"b.csv": b"3,4,5"})
    made = backup.run(runtime)
    assert made.progress.bytes == 5, "what the first life backed up is known to be there"
    assert backup.verify(opened(kept), made.manifest).problems == []
    runtime.close()


def test_a_moment_in_the_past(sqlite_kept: Runtime, tmp_path: Path, clock: FixedClock) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    first = backup.run(sqlite_kept).manifest
    clock.advance(timedelta(days=1))
    publish(sqlite_kept, tmp_path / "in", "gio", {"b.csv": b"3,4"})
    backup.run(sqlite_kept)
    target = opened(sqlite_kept)
    at = first.created_at + timedelta(hours=5)
    done = restore(target, make_settings(tmp_path / "new", ""), at=at)
    assert (done.manifest.id, done.contents) == (first.id, 1)
    before = first.created_at - timedelta(days=1)
    with pytest.raises(NotFound):
        restore(target, make_settings(tmp_path / "newer", ""), at=before)


def test_what_is_not_empty_is_left_alone(sqlite_kept: Runtime, tmp_path: Path) -> None:
    backup.run(sqlite_kept)
    place = tmp_path / "new"
    place.mkdir()
    (place / "someone's.txt").write_text("keep me")
    with pytest.raises(Conflict, match="not empty"):
        restore(opened(sqlite_kept), make_settings(place, ""))
    assert [path.name for path in place.iterdir()] == ["someone's.txt"]


def test_a_damaged_backup_is_never_restored_as_if_whole(
    sqlite_kept: Runtime, tmp_path: Path
) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    backup.run(sqlite_kept)
    target = opened(sqlite_kept)
    [copy] = target.folder.glob("ocfl/**/a.csv")
    flip(copy)
    with pytest.raises(RepositoryError, match=sha256(b"1,2")):
        restore(target, make_settings(tmp_path / "new", ""))


def test_a_drill_is_kept_with_what_it_measured(
    kept: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    backup.run(kept)
    clock.advance(timedelta(hours=3))
    figures = drill(kept).figures
    assert (figures["rpo"], figures["contents"], figures["kept"]) == (3.0, 1, True)
    assert figures["rto"] < 1
    with kept.read() as work:
        run = runs.recent(work)[0]
        assert run.figures == figures
        assert watch.warnings(work) == []
    left = [path.name for path in kept.settings.data_dir.iterdir()]
    assert sorted(left) == ["backup.lock", "files"]


def test_a_failed_drill_warns(sqlite_kept: Runtime, tmp_path: Path) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    backup.run(sqlite_kept)
    [copy] = Path(sqlite_kept.settings.backup_target).glob("ocfl/**/a.csv")
    flip(copy)
    with pytest.raises(RepositoryError):
        drill(sqlite_kept)
    with sqlite_kept.read() as work:
        assert watch.FAILED[runs.DRILL] in [warned.message for warned in watch.warnings(work)]
        actions = work.session.scalars(select(AuditEvent.action)).all()
        assert "drill.fail" in actions


def test_late_backups_and_drills_warn(sqlite_kept: Runtime, clock: FixedClock) -> None:
    def messages() -> list[str]:
        return [warned.message for warned in watch.watch(sqlite_kept)]

    assert messages() == [watch.NO_BACKUP, watch.NO_DRILL]
    backup.run(sqlite_kept)
    drill(sqlite_kept)
    assert messages() == []
    clock.advance(timedelta(hours=27))
    assert messages() == [watch.LATE_BACKUP]
    with sqlite_kept.work() as work:
        revise(work, administrator(sqlite_kept), Terms(rpo_hours=48))
    assert messages() == []
    clock.advance(timedelta(days=31))
    assert messages() == [watch.LATE_BACKUP, watch.LATE_DRILL]
    messages()
    with sqlite_kept.read() as work:
        noted = select(AuditEvent).where(AuditEvent.action == "backup.late")
        assert len(work.session.scalars(noted).all()) == 3, "once a day"


def test_a_promise_that_was_not_kept_warns(sqlite_kept: Runtime, clock: FixedClock) -> None:
    backup.run(sqlite_kept)
    clock.advance(timedelta(hours=27))
    assert drill(sqlite_kept).figures["kept"] is False
    backup.run(sqlite_kept)
    with sqlite_kept.read() as work:
        assert [warned.message for warned in watch.warnings(work)] == [watch.MISSED]


def test_without_a_target_nothing_is_run_and_nothing_warned(sqlite_runtime: Runtime) -> None:
    assert watch.watch(sqlite_runtime) == []
    with pytest.raises(RepositoryError, match="REPOSITORY_BACKUP_TARGET"):
        backup.run(sqlite_runtime)
    with sqlite_runtime.read() as work:
        assert work.session.scalars(select(BackupRun.state)).all() == []
