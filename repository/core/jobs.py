"""The outbox: work that must happen because a transaction committed.

A row is written in the transaction that makes the work necessary, so that neither exists
without the other. One row stands for one thing to bring about (its `key`), not for one attempt:
asking again re-arms the row, also while it runs, and `generation` tells a finished run whether it
was asked again meanwhile. A claim is a compare-and-set with a lease; the job of a worker that was
killed is taken up when its lease ends. Handlers get ids, read the newest state, and may run twice.
Jobs run in lanes, so that a backup of three hours keeps no record out of the search.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    String,
    Text,
    Update,
    case,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from repository.core.db import Base

if TYPE_CHECKING:
    from repository.core.runtime import Runtime

MAX_BACKOFF = timedelta(hours=6)
MAX_ERROR_LENGTH = 4000


class Job(Base):
    """What is to be brought about, and how far it has come."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_state_run_at", "state", "run_at"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    key: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(100), index=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default="queued")
    generation: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Claim:
    """A job that is ours until its lease ends."""

    id: int
    kind: str
    key: str
    payload: dict[str, Any]
    generation: int
    attempts: int
    lease: str


class Lane(StrEnum):
    """What a kind of job may wait for; the jobs of one lane wait for each other alone."""

    PROMPT = "prompt"  # what readers see next: index, OAI-PMH, notices
    OUTSIDE = "outside"  # another service answers: the registry, the mail server
    FILES = "files"  # somebody waits while bytes are read: uploads put together, tables profiled
    UPKEEP = "upkeep"  # nobody waits, and it may take hours: fixity, backups, dumps


class RetryLater(Exception):
    """Raised by a handler to be run again after `seconds`, without that counting as a failure."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


Handler = Callable[["Runtime", dict[str, Any]], None]
_handlers: dict[str, Handler] = {}
_periodic: dict[str, timedelta] = {}
_lanes: dict[str, Lane] = {}


def handler(
    kind: str, *, every: timedelta | None = None, lane: Lane = Lane.PROMPT
) -> Callable[[Handler], Handler]:
    """Register `function(runtime, payload)` as what a job of this kind does.

    With `every`, the runner also asks for it by itself, that long after it last ended.
    """

    def register(function: Handler) -> Handler:
        if _handlers.setdefault(kind, function) is not function:
            raise ValueError(f"two handlers for jobs of kind {kind}")
        _lanes[kind] = lane
        if every is not None:
            _periodic[kind] = every
        return function

    return register


def handler_for(kind: str) -> Handler:
    return _handlers[kind]


def overdue_periodic(session: Session, now: datetime) -> list[str]:
    """Kinds of periodic jobs that are new, or whose pause since their last end is over."""
    keys = [f"periodic:{kind}" for kind in _periodic]
    known = {job.kind: job for job in session.scalars(select(Job).where(Job.key.in_(keys)))}
    return [
        kind
        for kind, every in _periodic.items()
        if (job := known.get(kind)) is None
        or (job.state in ("done", "failed") and (job.finished_at or job.run_at) + every <= now)
    ]


def enqueue_periodic(session: Session, now: datetime) -> None:
    for kind in overdue_periodic(session, now):
        enqueue(session, now, kind, f"periodic:{kind}", {})


def enqueue(
    session: Session,
    now: datetime,
    kind: str,
    key: str,
    payload: dict[str, Any],
    *,
    delay: timedelta = timedelta(0),
) -> None:
    """Ask for a job, or ask again for one that is there: its newest payload wins, and of a job
    that waits the earlier time, so that asking again and again puts nothing off.
    """
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    fresh = {"payload": payload, "run_at": now + delay, "attempts": 0, "dispatched_at": None}
    sooner = (Job.state == "queued") & (Job.run_at < now + delay)
    session.execute(
        insert(Job)
        .values(kind=kind, key=key, state="queued", generation=1, created_at=now, **fresh)
        .on_conflict_do_update(
            index_elements=[Job.key],
            set_=fresh
            | {
                "run_at": case((sooner, Job.run_at), else_=now + delay),
                "generation": Job.generation + 1,
                "state": case((Job.state == "running", "running"), else_="queued"),
            },
        )
    )


def due(
    session: Session, now: datetime, limit: int = 100, *, lane: Lane | None = None
) -> list[int]:
    """Ids of jobs that may be claimed now, of one lane or of all, in the order in which they were
    asked for.
    """
    query = select(Job.id).where(_claimable(now)).order_by(Job.run_at, Job.id).limit(limit)
    if lane is not None:
        others = [kind for kind, its in _lanes.items() if its != lane]
        mine = [kind for kind, its in _lanes.items() if its == lane]
        # a kind of a later release, which nothing here handles, must fail where it is seen
        query = query.where(Job.kind.not_in(others) if lane == Lane.PROMPT else Job.kind.in_(mine))
    return list(session.scalars(query))


def _claimable(now: datetime) -> ColumnElement[bool]:
    queued = (Job.state == "queued") & (Job.run_at <= now)
    abandoned = (Job.state == "running") & (Job.lease_until <= now)
    return or_(queued, abandoned)


def claim(session: Session, job_id: int, now: datetime, lease: timedelta) -> Claim | None:
    """Take a job by compare-and-set; None when another worker has it or it is not due."""
    token = secrets.token_hex(16)
    taken = session.execute(
        update(Job)
        .where(Job.id == job_id, _claimable(now))
        .values(state="running", lease=token, lease_until=now + lease, attempts=Job.attempts + 1)
        .returning(Job.kind, Job.key, Job.payload, Job.generation, Job.attempts)
    ).one_or_none()
    if taken is None:
        return None
    kind, key, payload, generation, attempts = taken
    return Claim(job_id, kind, key, payload, generation, attempts, token)


def _held(claimed: Claim) -> Update:
    """The row, as long as the claim is still ours and not another worker's since."""
    return update(Job).where(
        Job.id == claimed.id, Job.state == "running", Job.lease == claimed.lease
    )


def renew(session: Session, claimed: Claim, until: datetime) -> None:
    session.execute(_held(claimed).values(lease_until=until))


def finish(session: Session, claimed: Claim, now: datetime) -> None:
    """Done; or queued again where it was asked for again while it ran."""
    unchanged = Job.generation == claimed.generation
    session.execute(
        _held(claimed)
        .where(unchanged)
        .values(state="done", finished_at=now, lease_until=None, last_error=None)
    )
    session.execute(_held(claimed).values(state="queued", lease_until=None, dispatched_at=None))


def fail(
    session: Session,
    claimed: Claim,
    now: datetime,
    error: str,
    *,
    first_step: float,
    max_attempts: int,
    after: float | None = None,
) -> None:
    """Put a job back with exponential back-off, or set it aside for a person to look at.

    `first_step` and `after` are seconds. `after` replaces the back-off, and then the attempt
    does not count. A job asked for again meanwhile starts anew.
    """
    backoff = min(timedelta(seconds=first_step * 2 ** (claimed.attempts - 1)), MAX_BACKOFF)
    exhausted = after is None and claimed.attempts >= max_attempts
    session.execute(
        _held(claimed)
        .where(Job.generation == claimed.generation)
        .values(
            state="failed" if exhausted else "queued",
            run_at=now + (backoff if after is None else timedelta(seconds=after)),
            attempts=claimed.attempts - (after is not None),
            last_error=error[:MAX_ERROR_LENGTH],
            finished_at=now if exhausted else None,
            lease_until=None,
            dispatched_at=None,
        )
    )
    session.execute(_held(claimed).values(state="queued", lease_until=None, dispatched_at=None))


def retry(session: Session, job_id: int, now: datetime) -> bool:
    """An operator's 'try now': a failed or waiting job becomes due at once, attempts forgotten."""
    result = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(("failed", "queued")))
        .values(state="queued", run_at=now, attempts=0, dispatched_at=None)
        .returning(Job.id)
    )
    return result.one_or_none() is not None
