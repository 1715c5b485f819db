"""What the record page and the operator are told of fixity."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select

from repository.core.copies import STORE, Copy
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.preservation.models import FixitySum, Outcome
from repository.records.models import File, State, Version

LARGE = 1000
COUNT_EVERY = timedelta(days=1)
COUNT_AT_ONCE = 20


@dataclass(frozen=True)
class Fixity:
    """The state of a version's files: the oldest last check, and how many are good, bad, unseen.

    `checked_at` is None while any of them was never read again.
    """

    checked_at: datetime | None
    good: int
    bad: int
    unchecked: int

    @property
    def outcome(self) -> str | None:
        """`pass`, `fail`, or None while not everything was checked."""
        if self.bad:
            return Outcome.FAIL.value
        return Outcome.PASS.value if self.good and not self.unchecked else None


def last_fixity(work: Work, version: Version) -> Fixity | None:
    """How the stored copies of a version's files were found; None for one without files. Of many
    files that is counted once a day, and when one was found bad.

    The caller has made sure that the reader may know of the files.
    """
    return last_fixities(work, [version.id]).get(version.id)


def last_fixities(work: Work, version_ids: Sequence[str]) -> dict[str, Fixity]:
    """The same of many; versions without files are left out."""
    large = (
        select(Version.id, Version.file_count, FixitySum)
        .outerjoin(FixitySum, FixitySum.version_id == Version.id)
        .where(Version.id.in_(version_ids), Version.file_count > LARGE)
    )
    found: dict[str, Fixity] = {}
    for version_id, files, known in work.session.execute(large):
        found[version_id] = Fixity(None, 0, 0, files)
        if known is not None:
            told = (known.checked_at, known.good, known.bad, known.unchecked)
            found[version_id] = Fixity(*told)
    small = [version_id for version_id in version_ids if version_id not in found]
    return found | _counted(work, small)


def count_large(runtime: Runtime) -> None:
    """Count anew what `last_fixity` tells of versions of many files, the longest known first."""
    now = runtime.clock.now()
    known = (FixitySum.counted_at > now - COUNT_EVERY, FixitySum.bad == 0)
    query = (
        select(Version.id)
        .outerjoin(FixitySum, FixitySum.version_id == Version.id)
        .where(Version.state == State.PUBLISHED.value, Version.file_count > LARGE)
        .where(~func.coalesce(and_(*known), False))
        .order_by(FixitySum.counted_at.asc().nulls_first(), Version.id)
        .limit(COUNT_AT_ONCE)
    )
    with runtime.read() as work:
        due = work.session.scalars(query).all()
    for version_id in due:
        with runtime.read() as work:
            found = _counted(work, [version_id]).get(version_id, Fixity(None, 0, 0, 0))
        with runtime.work() as work:
            work.session.merge(
                FixitySum(version_id=version_id, counted_at=now, **dataclasses.asdict(found))
            )


def _counted(work: Work, version_ids: Sequence[str]) -> dict[str, Fixity]:
    def count(outcome: Outcome) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((Copy.outcome == outcome.value, 1), else_=0)), 0)

    stored = Copy.place.startswith(STORE) & Copy.drop_at.is_(None)
    query = (
        select(
            File.version_id,
            func.count(),
            count(Outcome.PASS),
            count(Outcome.FAIL),
            func.count(Copy.checked_at),
            func.min(Copy.checked_at),
        )
        .outerjoin(Copy, (Copy.sha256 == File.sha256) & stored)
        .where(File.version_id.in_(version_ids), File.committed)
        .group_by(File.version_id)
    )
    return {
        version_id: Fixity(
            oldest if checked == total else None, int(good), int(bad), total - checked
        )
        for version_id, total, good, bad, checked, oldest in work.session.execute(query)
    }


def failures(work: Work, limit: int = 100) -> Sequence[Copy]:
    """Copies that are bad and could not be put right, the longest known first."""
    bad = select(Copy).where(Copy.outcome == Outcome.FAIL.value)
    return work.session.scalars(bad.order_by(Copy.checked_at, Copy.sha256).limit(limit)).all()
