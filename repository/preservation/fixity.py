"""Fixity: reading every copy again, the one unseen longest first, and repairing bad ones."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, func, insert, literal, null, or_, select

from repository.audit.services import log as audit
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.preservation.models import (
    STORE,
    Copy,
    EventType,
    Outcome,
    PreservationEvent,
)
from repository.preservation.places import place_of, ready_target, rewrite
from repository.records.models import Content
from storage.backup.targets import Target
from storage.base import NotStored, StorageError

BATCH = 200
KEEP = 50
RUN_SECONDS = 20
EVERY = timedelta(minutes=10)
RETRY_BAD = timedelta(days=1)
log = structlog.get_logger(__name__)


@dataclass
class Report:
    """What a run found. `bad` are copies that could not be put right, as (place, SHA-256)."""

    checked: int = 0
    bytes: int = 0
    repaired: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)


class Throttle:
    """Lets at most so many bytes through in a second, on the average since it was made."""

    def __init__(self, bytes_per_second: int) -> None:
        self._rate, self._begun, self._passed = bytes_per_second, time.monotonic(), 0

    def passed(self, size: int) -> None:
        self._passed += size
        ahead = self._passed / self._rate - (time.monotonic() - self._begun)
        if ahead > 0:
            time.sleep(ahead)


def sweep(runtime: Runtime) -> Report:
    """One run of the scheduled check: a fair share of all bytes, at least one copy.

    The share is such that everything is read within four fifths of the interval; what was
    checked in its first half is left alone. Where it ends the next one goes on.
    """
    interval = timedelta(days=runtime.settings.fixity_interval_days)
    rate = runtime.settings.fixity_bytes_per_second
    now = runtime.clock.now()
    with runtime.work() as work:
        register_new(work)
        total = int(work.session.scalar(select(func.sum(Content.size))) or 0)
    share = int(2 * total * (EVERY / (interval * 0.8)))
    budget = min(share, rate * RUN_SECONDS)
    return check(runtime, now - interval / 2, max_bytes=budget, throttle=Throttle(rate))


def check(
    runtime: Runtime,
    before: datetime,
    *,
    max_bytes: int | None = None,
    throttle: Throttle | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check the copies last seen before `before`, oldest first, up to `max_bytes`.

    A bad result is kept as soon as it is known, good ones some at a time. `progress` gets the
    bytes of each copy.
    """
    report, target = Report(), ready_target(runtime.settings)
    if target is None and runtime.settings.backup_target:
        log.warning("backup folder is not there", folder=runtime.settings.backup_target)
    places = [STORE, place_of(target)] if target else [STORE]
    while batch := _oldest(runtime, before, places):
        good: list[Copy] = []
        for copy, size in batch:
            if _is_good(runtime, target, copy, report, throttle):
                good.append(copy)
            report.checked += 1
            report.bytes += size
            if progress is not None:
                progress(size)
            if max_bytes is not None and report.bytes >= max_bytes:
                break
            if len(good) >= KEEP:
                _keep_good(runtime, good)
                good = []
        _keep_good(runtime, good)
        if max_bytes is not None and report.bytes >= max_bytes:
            break
    return report


def register_new(work: Work) -> None:
    """Make a row for the stored copy of each content that has none yet."""
    known = select(Copy.sha256).where(Copy.sha256 == Content.sha256, Copy.place == STORE)
    moment = literal(work.clock.now(), Copy.created_at.type)
    fresh = select(Content.sha256, literal(STORE), literal(""), null(), null(), moment)
    columns = ["sha256", "place", "path", "outcome", "checked_at", "created_at"]
    work.session.execute(insert(Copy).from_select(columns, fresh.where(~known.exists())))


def _due(before: datetime, now: datetime) -> ColumnElement[bool]:
    bad = and_(Copy.outcome == Outcome.FAIL.value, Copy.checked_at < now - RETRY_BAD)
    return or_(Copy.checked_at.is_(None), Copy.checked_at < before, bad)


def _oldest(runtime: Runtime, before: datetime, places: list[str]) -> list[tuple[Copy, int]]:
    query = (
        select(Copy, Content.size)
        .join(Content, Content.sha256 == Copy.sha256)
        .where(_due(before, runtime.clock.now()), Copy.place.in_(places))
        .order_by(Copy.checked_at.asc().nulls_first(), Copy.sha256)
        .limit(BATCH)
    )
    with runtime.read() as work:
        return [(copy, size) for copy, size in work.session.execute(query)]


def _is_good(
    runtime: Runtime, target: Target | None, copy: Copy, report: Report, throttle: Throttle | None
) -> bool:
    problem = _problem(runtime, target, copy, throttle)
    if problem is None:
        return True
    _keep_bad(runtime, copy, problem)
    log.error("fixity check failed", place=copy.place, sha256=copy.sha256, problem=problem)
    if _repaired(runtime, target, copy):
        report.repaired += 1
    else:
        report.bad.append((copy.place, copy.sha256))
    return False


def _problem(
    runtime: Runtime, target: Target | None, copy: Copy, throttle: Throttle | None
) -> str | None:
    """What is wrong with a copy. A store that does not answer raises: that is no bad copy."""
    digest = hashlib.sha256()
    try:
        if copy.place == STORE or target is None:
            chunks = runtime.store.read(copy.sha256)
        else:
            chunks = target.read(copy.path)
        for chunk in chunks:
            digest.update(chunk)
            if throttle is not None:
                throttle.passed(len(chunk))
    except NotStored:
        return "missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if digest.hexdigest() == copy.sha256 else f"reads as {digest.hexdigest()}"


def _repaired(runtime: Runtime, target: Target | None, copy: Copy) -> bool:
    if target is None:
        return False
    other = place_of(target) if copy.place == STORE else STORE
    with runtime.read() as work:
        source = work.session.get(Copy, (copy.sha256, other))
    if source is None:
        return False
    path = source.path if copy.place == STORE else copy.path
    try:
        rewrite(runtime, target, copy.place, path, copy.sha256)
    except (StorageError, OSError) as error:
        log.error("copy not repaired", place=copy.place, sha256=copy.sha256, error=str(error))  # noqa: TRY400 - the cause is said
        return False
    with runtime.work() as work:
        _note(work, copy, EventType.REPLICATION, Outcome.PASS, f"repaired from {other}")
        audit(work, None, "fixity.repair", "content", copy.sha256, place=copy.place)
    return True


def _keep_good(runtime: Runtime, copies: list[Copy]) -> None:
    if copies:
        with runtime.work() as work:
            for copy in copies:
                _note(work, copy, EventType.FIXITY_CHECK, Outcome.PASS, "")


def _keep_bad(runtime: Runtime, copy: Copy, problem: str) -> None:
    with runtime.work() as work:
        _note(work, copy, EventType.FIXITY_CHECK, Outcome.FAIL, problem)
        audit(work, None, "fixity.fail", "content", copy.sha256, place=copy.place)


def _note(work: Work, copy: Copy, event_type: EventType, outcome: Outcome, detail: str) -> None:
    now = work.clock.now()
    work.session.add(
        PreservationEvent(
            at=now,
            event_type=event_type.value,
            outcome=outcome.value,
            sha256=copy.sha256,
            place=copy.place,
            detail=detail,
        )
    )
    row = work.session.get(Copy, (copy.sha256, copy.place))
    if row is not None:  # its content may have been deleted while it was read
        row.checked_at, row.outcome = now, outcome.value
