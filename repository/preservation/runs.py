"""The record of backups and drills."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy import select

from repository.audit.services import log as audit
from repository.core.errors import Conflict, InsufficientStorage, Unavailable
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.core.work import Work
from repository.preservation.models import BackupRun
from repository.preservation.policies import Duty
from storage.base import StorageError, StoreFull

BACKUP, DRILL = "backup", "drill"
BUSY = N_("A backup or drill is running already.")
FULL = N_("The backup site %(site)s (%(place)s) is full. Make room or name another place.")
BROKEN = N_("The backup site %(site)s (%(place)s) cannot be used: %(reason)s")
log = structlog.get_logger(__name__)


@contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """One backup, prune or drill at a time; the lock goes with the process. Raises Conflict."""
    with (settings.data_dir / "backup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(BUSY) from error
        yield


@contextmanager
def recorded(runtime: Runtime, kind: str, duty: Duty) -> Iterator[BackupRun]:
    """Keep that it began, and how it ended: complete, or failed with what a person can act upon.

    The block fills in `backup_id` and `figures`.
    """
    with runtime.work() as work:
        run = BackupRun(
            kind=kind,
            state="running",
            policy=duty.policy.label,
            site=duty.site.name,
            backup_id="",
            figures={},
            error="",
            started_at=work.clock.now(),
        )
        work.session.add(run)
    try:
        yield run
    except Exception as raised:
        error = _explained(raised, duty)
        _close(runtime, run, "failed", str(error))
        log.error(f"{kind} failed", duty=duty.label, error=str(error))  # noqa: TRY400, G004 - the cause is said
        if error is raised:
            raise
        raise error from raised
    _close(runtime, run, "complete", "")


def _explained(error: Exception, duty: Duty) -> Exception:
    site, place = duty.site.name, duty.site.address
    if isinstance(error, StoreFull):
        return InsufficientStorage(FULL, site=site, place=place)
    if isinstance(error, StorageError):
        return Unavailable(BROKEN, site=site, place=place, reason=str(error))
    return error


def _close(runtime: Runtime, run: BackupRun, state: str, error: str) -> None:
    with runtime.work() as work:
        row = work.session.get_one(BackupRun, run.id)
        row.state, row.error, row.finished_at = state, error[:2000], work.clock.now()
        row.backup_id, row.figures = run.backup_id, dict(run.figures)
        action = f"{run.kind}.{'complete' if state == 'complete' else 'fail'}"
        audit(work, None, action, "backup", run.backup_id or str(run.id))


def latest(work: Work, kind: str, duty: Duty, state: str | None = "complete") -> BackupRun | None:
    """The newest run of a kind that has ended so; any that has ended, where `state` is None."""
    query = select(BackupRun).where(
        BackupRun.kind == kind,
        BackupRun.site == duty.site.name,
        BackupRun.policy.startswith(f"{duty.policy.name} v"),
        BackupRun.state == state if state else BackupRun.state != "running",
    )
    return work.session.scalar(query.order_by(BackupRun.started_at.desc(), BackupRun.id.desc()))


def recent(work: Work, limit: int = 30) -> Sequence[BackupRun]:
    newest = select(BackupRun).order_by(BackupRun.started_at.desc(), BackupRun.id.desc())
    return work.session.scalars(newest.limit(limit)).all()


def is_due(work: Work, kind: str, duty: Duty) -> bool:
    """Whether the policy wants another one by now; nothing is tried before there is a backup."""
    terms, last = duty.policy.terms, latest(work, kind, duty)
    pause = timedelta(hours=terms.every_hours) if kind == BACKUP else timedelta(terms.drill_days)
    if kind == DRILL and (not terms.database or latest(work, BACKUP, duty) is None):
        return False
    return last is None or last.started_at + pause <= work.clock.now()
