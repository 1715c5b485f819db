"""Moving content between stores while everything is in use.

Copy, read again, compare, note the new copy; only then may the old one go, and only after days of
grace, if the new one is still there. Killed at any step, nothing is lost: bytes without a row are
met again by the next run, and a row whose bytes were just deleted has another copy beside it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import select, update

from repository.core.copies import STORE, Copy
from repository.core.failpoints import reach
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.preservation.fixity import register_new
from repository.preservation.models import EventType, Outcome, PreservationEvent
from repository.preservation.placement import country_of, misplaced
from repository.records.models import Content
from storage.backup.targets import hash_of, stream_of
from storage.base import NotStored, ObjectStore, StorageError

BATCH = 100
log = structlog.get_logger(__name__)


@dataclass
class Moved:
    """What a run did; `failed` by SHA-256 why not, `done` whether nothing was left to try."""

    contents: int = 0
    bytes: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    done: bool = False


def place_all(
    runtime: Runtime, *, seconds: float | None = None, tell: Callable[[int], None] | None = None
) -> Moved:
    """Bring what lies wrong to where it belongs, for at most so many seconds. May run twice, or
    twice at once.
    """
    moved, end, after = Moved(), time.monotonic() + (seconds or 0), ""
    with runtime.work() as work:
        register_new(work)
    while not moved.done:
        with runtime.read() as work:
            query = misplaced(work).limit(BATCH)
            column = query.selected_columns[0]
            found = work.session.execute(query.where(column > after).order_by(column)).all()
        moved.done = not found
        for sha256, size, place, country in found:
            after = sha256
            try:
                _move(runtime, sha256, size, place, country)
            except (StorageError, OSError) as error:
                log.warning("content not moved", sha256=sha256, place=place, error=str(error))
                moved.failed[sha256] = str(error)
                continue
            moved.contents += 1
            moved.bytes += size
            if tell is not None:
                tell(size)
            if seconds is not None and time.monotonic() > end:
                return moved
    return moved


def _move(runtime: Runtime, sha256: str, size: int, place: str, country: str) -> None:
    if place not in runtime.stores:
        raise StorageError(f"the settings name no store for {place}")
    with runtime.read() as work:
        copy = work.session.get(Copy, (sha256, place))
    if copy is None or copy.outcome != Outcome.PASS.value:
        _copy(runtime, sha256, size, runtime.stores[place])
    reach("move.copied")
    with runtime.work() as work:
        work.lock(f"content:{sha256}")
        if work.session.get(Content, sha256) is None:  # deleted meanwhile
            runtime.stores[place].delete(sha256)
            return
        _note(work, sha256, place, country)
    reach("move.noted")


def _copy(runtime: Runtime, sha256: str, size: int, store: ObjectStore) -> None:
    """Write what is not there, read it again; what is there and bad is written anew."""
    for _again in range(2):
        store.write(stream_of(runtime.store.read(sha256)), size=size, sha256=sha256)
        reach("move.written")
        if hash_of(store.read(sha256)).sha256 == sha256:
            return
        store.delete(sha256)
    raise StorageError("what was written reads as something else")


def _note(work: Work, sha256: str, place: str, country: str) -> None:
    """The new copy is proved; the others go after the days of grace, those abroad at once."""
    now = work.clock.now()
    copy = work.session.get(Copy, (sha256, place)) or Copy(
        sha256=sha256, place=place, created_at=now
    )
    copy.outcome, copy.checked_at, copy.drop_at = Outcome.PASS.value, now, None
    work.session.add(copy)
    others = (Copy.sha256 == sha256, Copy.place != place, Copy.place.startswith(STORE))
    grace = timedelta(days=work.settings.store_grace_days)
    for other in work.session.scalars(select(Copy).where(*others)):
        if country and country_of(work.settings, other.place) != country:
            other.drop_at = min(other.drop_at or now, now)
        elif other.drop_at is None:
            other.drop_at = now + grace
    _event(work, sha256, place, EventType.REPLICATION)


def _event(work: Work, sha256: str, place: str, event_type: EventType) -> None:
    work.session.add(
        PreservationEvent(
            at=work.clock.now(),
            event_type=event_type.value,
            outcome=Outcome.PASS.value,
            sha256=sha256,
            place=place,
            detail="by a placement rule",
        )
    )


def drop_due(runtime: Runtime) -> int:
    """Delete copies whose grace is over and that have a good one beside them; how many.

    Where the other one is not there or its store does not answer, the copy stays for another day.
    """
    dropped, after = 0, ""
    while True:
        with runtime.read() as work:
            due = Copy.drop_at <= work.clock.now()
            query = select(Copy).where(due, Copy.place.in_(runtime.stores), Copy.sha256 > after)
            found = work.session.scalars(query.order_by(Copy.sha256).limit(BATCH)).all()
        if not found:
            return dropped
        for copy in found:
            after = copy.sha256
            try:
                dropped += _drop(runtime, copy)
            except StorageError as error:
                log.warning("copy not dropped", sha256=copy.sha256, error=str(error))


def _drop(runtime: Runtime, copy: Copy) -> bool:
    if not any(_is_there(runtime, copy.sha256, place) for place in _kept(runtime, copy.sha256)):
        _put_off(runtime, copy)
        return False
    with runtime.work() as work:
        work.lock(f"content:{copy.sha256}")
        row = work.session.get(Copy, (copy.sha256, copy.place))
        if row is None or row.drop_at is None:  # something points at it again
            return False
        runtime.stores[copy.place].delete(copy.sha256)
        reach("move.dropped")
        work.session.delete(row)
        _event(work, copy.sha256, copy.place, EventType.DELETION)
    return True


def _kept(runtime: Runtime, sha256: str) -> list[str]:
    good = (Copy.drop_at.is_(None), Copy.outcome == Outcome.PASS.value)
    with runtime.read() as work:
        query = select(Copy.place).where(Copy.sha256 == sha256, *good)
        return [place for place in work.session.scalars(query) if place in runtime.stores]


def _is_there(runtime: Runtime, sha256: str, place: str) -> bool:
    with runtime.read() as work:
        content = work.session.get(Content, sha256)
    try:
        return content is not None and runtime.stores[place].size(sha256) == content.size
    except NotStored:
        return False


def _put_off(runtime: Runtime, copy: Copy) -> None:
    with runtime.work() as work:
        later = work.clock.now() + timedelta(days=1)
        which = (Copy.sha256 == copy.sha256, Copy.place == copy.place, Copy.drop_at.is_not(None))
        work.session.execute(update(Copy).where(*which).values(drop_at=later))
