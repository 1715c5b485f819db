"""Fixity: reading every copy again, the one unseen longest first, and repairing bad ones."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, func, insert, literal, null, or_, select, update

from repository.audit.services import log as audit
from repository.core.copies import STORE, Copy
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.preservation.models import EventType, FixitySum, Outcome, PreservationEvent
from repository.preservation.places import ready_targets, rewrite
from repository.preservation.services import count_large
from repository.records.models import Content, File
from storage.backup.encrypted import Undecipherable
from storage.backup.targets import Target
from storage.base import NotStored, StorageError

BATCH = 1000
KEEP_BYTES = 256 << 20
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
    """One run of the scheduled check: of each place a fair share of all bytes, at least one copy.

    The share is such that everything is read within four fifths of the interval; what was
    checked in its first half is left alone. Where it ends the next one goes on.
    """
    rate, report = runtime.settings.fixity_bytes_per_second, Report()
    now, throttle = runtime.clock.now(), Throttle(rate)
    with runtime.work() as work:
        register_new(work)
        total = int(work.session.scalar(select(func.sum(Content.size))) or 0)
    for place, days in _places(runtime).items():
        interval = timedelta(days=days)
        share = int(total * (EVERY / (interval * 0.8)))
        budget = min(share, rate * RUN_SECONDS)
        check(
            runtime,
            now - interval / 2,
            places=[place],
            max_bytes=budget,
            throttle=throttle,
            report=report,
        )
    count_large(runtime)
    return report


def _places(runtime: Runtime) -> dict[str, int]:
    targets = ready_targets(runtime)
    days = {place: days for place, (_target, days) in targets.items()}
    stores = dict.fromkeys(runtime.stores, runtime.settings.fixity_interval_days)
    return {**stores, **days}


def check_due(runtime: Runtime, progress: Callable[[int], None]) -> Report:
    """All copies whose interval is over."""
    report, now = Report(), runtime.clock.now()
    for place, days in _places(runtime).items():
        check(runtime, now - timedelta(days), places=[place], progress=progress, report=report)
    count_large(runtime)
    return report


def check(
    runtime: Runtime,
    before: datetime,
    *,
    places: list[str] | None = None,
    max_bytes: int | None = None,
    throttle: Throttle | None = None,
    progress: Callable[[int], None] | None = None,
    report: Report | None = None,
) -> Report:
    """Check the copies last seen before `before`, oldest first, up to `max_bytes`, in all `places`
    or in those named.

    A bad result is kept as soon as it is known, good ones some at a time: what a crash leaves
    unrecorded is only read again. Each copy is checked once, though `before` be a time to come.
    `progress` gets the bytes of each copy. A place that does not answer any more is left for the
    next run.
    """
    report = report or Report()
    before = min(before, runtime.clock.now())
    targets = {place: target for place, (target, _days) in ready_targets(runtime).items()}
    reader = Reader(runtime, targets, throttle)
    for place in places or [*runtime.stores, *targets]:
        try:
            _check_place(reader, before, place, report, max_bytes, progress)
        except StorageError as error:
            log.error("place of copies does not answer", place=place, error=str(error))  # noqa: TRY400 - the cause is said
    return report


@dataclass(frozen=True)
class Reader:
    """What copies are read through."""

    runtime: Runtime
    targets: Mapping[str, Target]
    throttle: Throttle | None


def _check_place(
    reader: Reader,
    before: datetime,
    place: str,
    report: Report,
    max_bytes: int | None,
    progress: Callable[[int], None] | None,
) -> None:
    begun = report.bytes
    while batch := _oldest(reader.runtime, before, place):
        good: list[str] = []
        kept = report.bytes
        try:
            for copy, size in batch:
                if _is_good(reader, copy, report):
                    good.append(copy.sha256)
                report.checked += 1
                report.bytes += size
                if progress is not None:
                    progress(size)
                if max_bytes is not None and report.bytes - begun >= max_bytes:
                    return
                if report.bytes - kept >= KEEP_BYTES:
                    _keep_good(reader.runtime, place, good)
                    good, kept = [], report.bytes
        finally:
            _keep_good(reader.runtime, place, good)


def register_new(work: Work) -> None:
    """Make a row for the stored copy of each content that has none: it is in the first."""
    known = select(Copy.sha256).where(Copy.sha256 == Content.sha256, Copy.place.startswith(STORE))
    moment = literal(work.clock.now(), Copy.created_at.type)
    fresh = select(Content.sha256, literal(STORE), literal(""), null(), null(), moment)
    columns = ["sha256", "place", "path", "outcome", "checked_at", "created_at"]
    work.session.execute(insert(Copy).from_select(columns, fresh.where(~known.exists())))


def _due(before: datetime, now: datetime) -> ColumnElement[bool]:
    bad = and_(Copy.outcome == Outcome.FAIL.value, Copy.checked_at < now - RETRY_BAD)
    return or_(Copy.checked_at.is_(None), Copy.checked_at < before, bad)


def _oldest(runtime: Runtime, before: datetime, place: str) -> list[tuple[Copy, int]]:
    query = (
        select(Copy, Content.size)
        .join(Content, Content.sha256 == Copy.sha256)
        .where(_due(before, runtime.clock.now()), Copy.place == place)
        .order_by(Copy.checked_at.asc().nulls_first(), Copy.sha256)
        .limit(BATCH)
    )
    with runtime.read() as work:
        return [(copy, size) for copy, size in work.session.execute(query)]


def _is_good(reader: Reader, copy: Copy, report: Report) -> bool:
    problem = _problem(reader, copy)
    if problem is None:
        if copy.place in reader.targets:
            reader.targets[copy.place].renew(copy.path)
        return True
    _keep_bad(reader.runtime, copy, problem)
    log.error("fixity check failed", place=copy.place, sha256=copy.sha256, problem=problem)
    if _repaired(reader, copy):
        report.repaired += 1
    else:
        report.bad.append((copy.place, copy.sha256))
    return False


def _problem(reader: Reader, copy: Copy) -> str | None:
    """What is wrong with a copy. A place that does not answer raises: that is no bad copy."""
    digest = hashlib.sha256()
    try:
        if copy.place in reader.runtime.stores:
            chunks = reader.runtime.stores[copy.place].read(copy.sha256)
        else:
            chunks = reader.targets[copy.place].read(copy.path)
        for chunk in chunks:
            digest.update(chunk)
            if reader.throttle is not None:
                reader.throttle.passed(len(chunk))
    except Undecipherable:
        return "cannot be decrypted"
    except NotStored:
        return "missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if digest.hexdigest() == copy.sha256 else f"reads as {digest.hexdigest()}"


def _repaired(reader: Reader, copy: Copy) -> bool:
    """From whichever other copy is read and found good, those in stores first."""
    runtime = reader.runtime
    with runtime.read() as work:
        others = work.session.scalars(
            select(Copy).where(Copy.sha256 == copy.sha256, Copy.place != copy.place)
        ).all()
    for source in sorted(others, key=lambda other: other.place not in runtime.stores):
        if source.place not in (*runtime.stores, *reader.targets):
            continue
        try:
            bad, good = (copy.place, copy.path), (source.place, source.path)
            rewrite(runtime, reader.targets, bad, good, copy.sha256)
        except (StorageError, OSError) as error:
            log.error(  # noqa: TRY400 - the cause is said
                "copy not repaired", place=copy.place, sha256=copy.sha256, error=str(error)
            )
            continue
        with runtime.work() as work:
            detail = f"repaired from {source.place}"
            _note(work, copy.place, [copy.sha256], EventType.REPLICATION, Outcome.PASS, detail)
            audit(work, None, "fixity.repair", "content", copy.sha256, place=copy.place)
        return True
    return False


def _keep_good(runtime: Runtime, place: str, good: list[str]) -> None:
    if good:
        with runtime.work() as work:
            _note(work, place, good, EventType.FIXITY_CHECK, Outcome.PASS, "")


def _keep_bad(runtime: Runtime, copy: Copy, problem: str) -> None:
    with runtime.work() as work:
        _note(work, copy.place, [copy.sha256], EventType.FIXITY_CHECK, Outcome.FAIL, problem)
        audit(work, None, "fixity.fail", "content", copy.sha256, place=copy.place)
        touched = select(File.version_id).where(File.sha256 == copy.sha256)
        stale = update(FixitySum).where(FixitySum.version_id.in_(touched))
        work.session.execute(stale.values(counted_at=None))


def _note(
    work: Work,
    place: str,
    contents: list[str],
    event_type: EventType,
    outcome: Outcome,
    detail: str,
) -> None:
    """One event a copy, and its new state, in two statements however many there are."""
    now = work.clock.now()
    common = {"at": now, "event_type": event_type.value, "outcome": outcome.value}
    told = {**common, "place": place, "detail": detail}
    rows = [{**told, "sha256": sha256} for sha256 in contents]
    work.session.execute(insert(PreservationEvent), rows)
    # Without a row where the content was deleted while it was read.
    copies = update(Copy).where(Copy.place == place, Copy.sha256.in_(contents))
    work.session.execute(copies.values(checked_at=now, outcome=outcome.value))
