"""Rendering everything anew in the formats whose code has changed, or that are new.

In steps, each of which is kept, so that a stopped rebuild goes on where it was. Items that come
out the same keep their datestamps: an upgrade that changes nothing is not noticed by harvesters.
"""

from collections.abc import Callable

from sqlalchemy import delete, func, select

from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.oai import stamper
from repository.oai.models import OaiFailure, OaiFormat, OaiFragment
from repository.oai.render import fingerprints
from repository.records.models import State, Version

STEP = 200


def run(runtime: Runtime, progress: Callable[[int], None] | None = None) -> int:
    """Bring every format up to date; how many versions were looked at. Calls `progress` with the
    number so far after each step.
    """
    done = 0
    with runtime.work() as work:
        behind = _begin(work)
    while behind:
        done_to = min(state.done_to for state in behind)
        together = frozenset(state.prefix for state in behind if state.done_to == done_to)
        with runtime.read() as work:
            version_ids = _step(work, done_to)
        if version_ids:
            prefixes = None if together == fingerprints().keys() else together
            stamper.refresh_versions(runtime, version_ids, prefixes)
        with runtime.work() as work:
            behind = _advance(work, together, version_ids)
        done += len(version_ids)
        if progress is not None:
            progress(done)
    return done


def again(work: Work) -> None:
    """Have everything rendered anew by the next run, whatever the code says: sets, for example,
    may be made of more than a record.
    """
    for state in work.session.scalars(select(OaiFormat)):
        state.done_to, state.done, state.finished_at = "", 0, None
    work.enqueue("oai.rebuild", "periodic:oai.rebuild", {})


def states(work: Work) -> list[OaiFormat]:
    return list(work.session.scalars(select(OaiFormat).order_by(OaiFormat.prefix)))


def total(work: Work) -> int:
    """How many versions there are to go through."""
    published = select(func.count()).where(Version.state != State.DRAFT.value)
    return work.session.scalar(published) or 0


def _begin(work: Work) -> list[OaiFormat]:
    present, known = fingerprints(), {state.prefix: state for state in states(work)}
    for prefix in known.keys() - present.keys():
        for table in (OaiFragment, OaiFailure):
            work.session.execute(delete(table).where(table.prefix == prefix))
        work.session.delete(known.pop(prefix))
    for prefix, fingerprint in present.items():
        state = known.get(prefix)
        if state is None or state.fingerprint != fingerprint:
            fresh = OaiFormat(prefix=prefix, fingerprint=fingerprint, started_at=work.clock.now())
            fresh.done_to, fresh.done, fresh.finished_at = "", 0, None
            work.session.merge(fresh)
    work.session.flush()
    return _behind(work)


def _behind(work: Work) -> list[OaiFormat]:
    return [state for state in states(work) if state.finished_at is None]


def _step(work: Work, done_to: str) -> list[str]:
    query = (
        select(Version.id)
        .where(Version.id > done_to, Version.state != State.DRAFT.value)
        .order_by(Version.id)
        .limit(STEP)
    )
    return list(work.session.scalars(query))


def _advance(work: Work, prefixes: frozenset[str], version_ids: list[str]) -> list[OaiFormat]:
    for state in _behind(work):
        if state.prefix in prefixes:
            if version_ids:
                state.done_to, state.done = version_ids[-1], state.done + len(version_ids)
            else:
                state.finished_at = work.clock.now()
    work.session.flush()
    return _behind(work)
