"""The record of backups and drills, and what an operator has to be warned of."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from repository.audit.models import AuditEvent
from repository.audit.services import log as audit
from repository.core.errors import Conflict, InsufficientStorage, Unavailable
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.core.work import Work
from repository.preservation.models import BackupRun
from repository.preservation.policies import current
from storage.base import StorageError, StoreFull

BACKUP, DRILL = "backup", "drill"
BUSY = N_("A backup or drill is running already.")
FULL = N_("The backup folder %(folder)s is full. Make room or name another one, then run again.")
BROKEN = N_("The backup folder %(folder)s cannot be used: %(reason)s")
NO_BACKUP = N_("There has been no complete backup yet.")
LATE_BACKUP = N_("The last complete backup is older than %(hours)s hours.")
NO_DRILL = N_("No restore has been tried yet.")
LATE_DRILL = N_("The last restore that was tried is older than %(days)s days.")
MISSED = N_(
    "The last restore that was tried would have lost %(rpo)s hours of work and taken %(rto)s "
    "hours; %(promised_rpo)s and %(promised_rto)s are promised."
)
FAILED = {
    BACKUP: N_("The last backup failed: %(reason)s"),
    DRILL: N_("The last restore that was tried failed: %(reason)s"),
}
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Warned:
    """One thing to look at: an English msgid and its params."""

    message: str
    params: dict[str, Any]


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
def recorded(runtime: Runtime, kind: str) -> Iterator[BackupRun]:
    """Keep that it began, and how it ended: complete, or failed with what a person can act upon.

    The block fills in `backup_id` and `figures`.
    """
    with runtime.work() as work:
        run = BackupRun(
            kind=kind,
            state="running",
            policy=current(work).label,
            backup_id="",
            figures={},
            error="",
            started_at=work.clock.now(),
        )
        work.session.add(run)
    try:
        yield run
    except Exception as raised:
        error = _explained(raised, runtime.settings.backup_target)
        _close(runtime, run, "failed", str(error))
        log.error(f"{kind} failed", error=str(error))  # noqa: TRY400, G004 - the cause is said
        if error is raised:
            raise
        raise error from raised
    _close(runtime, run, "complete", "")


def _explained(error: Exception, folder: str) -> Exception:
    if isinstance(error, StoreFull):
        return InsufficientStorage(FULL, folder=folder)
    if isinstance(error, StorageError):
        return Unavailable(BROKEN, folder=folder, reason=str(error))
    return error


def _close(runtime: Runtime, run: BackupRun, state: str, error: str) -> None:
    with runtime.work() as work:
        row = work.session.get_one(BackupRun, run.id)
        row.state, row.error, row.finished_at = state, error[:2000], work.clock.now()
        row.backup_id, row.figures = run.backup_id, dict(run.figures)
        action = f"{run.kind}.{'complete' if state == 'complete' else 'fail'}"
        audit(work, None, action, "backup", run.backup_id or str(run.id))


def latest(work: Work, kind: str, state: str | None = "complete") -> BackupRun | None:
    """The newest run of a kind that has ended so; any that has ended, where `state` is None."""
    query = select(BackupRun).where(BackupRun.kind == kind)
    query = query.where(BackupRun.state == state if state else BackupRun.state != "running")
    return work.session.scalar(query.order_by(BackupRun.started_at.desc(), BackupRun.id.desc()))


def recent(work: Work, limit: int = 30) -> Sequence[BackupRun]:
    newest = select(BackupRun).order_by(BackupRun.started_at.desc(), BackupRun.id.desc())
    return work.session.scalars(newest.limit(limit)).all()


def is_due(work: Work, kind: str) -> bool:
    """Whether the policy wants another one by now."""
    terms, last = current(work).terms, latest(work, kind)
    pause = timedelta(hours=terms.every_hours) if kind == BACKUP else timedelta(terms.drill_days)
    return last is None or last.started_at + pause <= work.clock.now()


def warnings(work: Work) -> list[Warned]:
    """What is late or failed, by the promises of the policy in force. None without a target."""
    if not work.settings.backup_target:
        return []
    terms, now = current(work).terms, work.clock.now()
    found = [
        *_late(latest(work, BACKUP), now - timedelta(hours=terms.rpo_hours), NO_BACKUP,
               Warned(LATE_BACKUP, {"hours": terms.rpo_hours})),
        *_late(latest(work, DRILL), now - timedelta(days=terms.drill_days + 1), NO_DRILL,
               Warned(LATE_DRILL, {"days": terms.drill_days})),
    ]  # fmt: skip
    drill = latest(work, DRILL)
    if drill is not None and not drill.figures.get("kept", True):
        found.append(Warned(MISSED, drill.figures))
    for kind in (BACKUP, DRILL):
        last = latest(work, kind, state=None)
        if last is not None and last.state == "failed":
            found.append(Warned(FAILED[kind], {"reason": last.error}))
    return found


def _late(run: BackupRun | None, limit: datetime, never: str, late: Warned) -> Iterator[Warned]:
    if run is None:
        yield Warned(never, {})
    elif run.started_at < limit:
        yield late


def watch(runtime: Runtime) -> list[Warned]:
    """Log what is late or failed, and note it in the audit log once for each day."""
    with runtime.work() as work:
        found = warnings(work)
        if found:
            work.lock("backup-watch")
        for warned in found:
            text = warned.message % warned.params
            log.error("backup needs attention", problem=text)
        if found and not _noted_today(work):
            audit(work, None, "backup.late", "backup", "", problems=len(found))
    return found


def _noted_today(work: Work) -> bool:
    since = work.clock.now() - timedelta(days=1)
    query = select(AuditEvent.id).where(AuditEvent.action == "backup.late", AuditEvent.at > since)
    return work.session.scalar(query.limit(1)) is not None
