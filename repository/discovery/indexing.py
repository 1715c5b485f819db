"""Keeping the index true: following the change feed, and building it anew beside the current one.

The index is disposable. Whatever is wrong with one (missing, torn, of an older format), the
remedy is the same: build another from the database, swap, and go on following.
"""

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import structlog
from sqlalchemy import func, select

from repository.core import feed
from repository.core.runtime import Runtime
from repository.discovery.documents import index_documents
from repository.discovery.engines.base import EngineError, Writer
from repository.discovery.indexes import IndexBusyError, Indexes, IndexState
from repository.records.models import Record
from repository.stats.models import UsageDay

BATCH = 500
COMMIT_EVERY = 50_000  # records; so many are walked again after a kill
POLL_SECONDS = 1.0
FAILED_SECONDS = 10.0
Progress = Callable[[int, int], None]
log = structlog.get_logger(__name__)


def follow(runtime: Runtime) -> bool:
    """Bring the current index up to the end of the feed; False where it must be built anew."""
    indexes = Indexes(runtime.settings)
    with indexes.lock("write", wait=True):
        index = indexes.usable()
        if index is None:
            return False
        try:
            _catch_up(runtime, indexes, index)
            _count_use(runtime, indexes, index)
        except EngineError:
            log.exception("the search index cannot be written", index=index.name)
            return False
    return True


def keep_following(runtime: Runtime, stop: threading.Event) -> None:
    """The body of a web node's own process where jobs run elsewhere: each node has its own index,
    and no disk is shared. Until `stop` is set; whatever fails is tried again.
    """
    while not stop.is_set():
        try:
            if not follow(runtime):
                rebuild(runtime, keep_on=lambda: not stop.is_set())
        except IndexBusyError:
            log.info("another process builds the search index")
        except Exception:
            log.exception("the search index could not follow")
            stop.wait(FAILED_SECONDS)
        stop.wait(POLL_SECONDS)


def _catch_up(runtime: Runtime, indexes: Indexes, index: Path) -> None:
    """Each batch is committed, and only then remembered: a batch may come twice, none is lost."""
    while True:
        state = indexes.state(index)
        if state is None:
            raise EngineError("nothing is known of this index")
        with runtime.read() as work:
            changes = feed.since(work.session, state.seq, BATCH)
        if not changes:
            return
        with indexes.engine.writer(index) as writer:
            records = list(dict.fromkeys(change.record_id for change in changes))
            _write(runtime, writer, records, known=True)
            writer.commit()
        indexes.keep(index, replace(state, seq=changes[-1].seq))


def _count_use(runtime: Runtime, indexes: Indexes, index: Path) -> None:
    """Once a day, the counts of the records that were used since: looks are no changes, and are
    not in the feed. The last hours of a day are counted after its end, hence from a day before.
    """
    state = indexes.state(index)
    today = runtime.clock.now().date()
    if state is None or state.used == today.isoformat():
        return
    if state.used:
        since = date.fromisoformat(state.used) - timedelta(days=1)
        with indexes.engine.writer(index) as writer:
            for records in _used_since(runtime, since):
                _write(runtime, writer, records, known=True)
            writer.commit()
    indexes.keep(index, replace(state, used=today.isoformat()))


def _used_since(runtime: Runtime, first: date) -> Iterator[list[str]]:
    after = ""
    while True:
        query = (
            select(Record.id)
            .where(Record.id > after)
            .where(
                select(UsageDay)
                .where(UsageDay.item_id == Record.id, UsageDay.day >= first)
                .exists()
            )
            .order_by(Record.id)
            .limit(BATCH)
        )
        with runtime.read() as work:
            records = list(work.session.scalars(query))
        if not records:
            return
        yield records
        after = records[-1]


def _write(runtime: Runtime, writer: Writer, records: Sequence[str], *, known: bool) -> None:
    with _uncollected(), runtime.read() as work:
        for record, documents in index_documents(work, records).items():
            writer.replace(record, documents, known=known)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for circles of references: a batch makes many objects and nearly none, and
    looking through them all again and again took a third of its time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def rebuild(
    runtime: Runtime,
    *,
    afresh: bool = False,
    progress: Progress = lambda _done, _total: None,
    keep_on: Callable[[], bool] = lambda: True,
) -> bool:
    """Build an index beside the current one and swap; searches and changes go on meanwhile.

    Goes on where an earlier attempt was interrupted, unless told to begin `afresh`. Asks
    `keep_on` after each batch, and returns False when it stopped before the end.
    Raises IndexBusyError where another process is building.
    """
    indexes = Indexes(runtime.settings)
    with indexes.lock("build", wait=False):
        index = indexes.unfinished()
        if index is not None and afresh:
            indexes.discard(index)
            index = None
        resumed = index is not None
        if index is None:
            with runtime.read() as work:
                seq = feed.last_seq(work.session)
            today = runtime.clock.now().date().isoformat()
            index = indexes.create(IndexState(seq, building=True, used=today))
        try:
            if not _walk(
                runtime, indexes, index, resumed=resumed, progress=progress, keep_on=keep_on
            ):
                return False
            _catch_up(runtime, indexes, index)
        except EngineError:
            indexes.discard(index)
            raise
        _swap(indexes, index)
    return True


def _swap(indexes: Indexes, index: Path) -> None:
    state = indexes.state(index)
    if state is None:
        raise EngineError("nothing is known of this index")
    with indexes.lock("write", wait=True):
        indexes.keep(index, replace(state, building=False, after="", done=0))
        indexes.make_current(index)


def _walk(
    runtime: Runtime,
    indexes: Indexes,
    index: Path,
    *,
    resumed: bool,
    progress: Progress,
    keep_on: Callable[[], bool],
) -> bool:
    """Every record by its id. What is not committed when this is killed is walked again."""
    state = indexes.state(index) or IndexState(0, building=True)
    with runtime.read() as work:
        total = work.session.scalar(select(func.count()).select_from(Record)) or 0
    progress(state.done, total)
    with indexes.engine.writer(index) as writer:
        after, done = state.after, state.done
        while True:
            with runtime.read() as work:
                query = select(Record.id).where(Record.id > after).order_by(Record.id).limit(BATCH)
                batch = list(work.session.scalars(query))
            if batch:
                _write(runtime, writer, batch, known=resumed)
                after, done = batch[-1], done + len(batch)
                progress(done, total)
            going_on = bool(batch) and keep_on()
            if not going_on or done - state.done >= COMMIT_EVERY:
                writer.commit()
                state = replace(state, building=True, after=after, done=done)
                indexes.keep(index, state)
            if not going_on:
                return not batch
