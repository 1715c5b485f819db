"""What the record page and the operator are told of fixity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select

from repository.core.work import Work
from repository.preservation.models import STORE, Copy, Outcome
from repository.records.models import File, Version


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
    """How the stored copies of a version's files were found; None for one without files.

    The caller has made sure that the reader may know of the files.
    """
    return last_fixities(work, [version.id]).get(version.id)


def last_fixities(work: Work, version_ids: Sequence[str]) -> dict[str, Fixity]:
    """The same of many; versions without files are left out."""

    def count(outcome: Outcome) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((Copy.outcome == outcome.value, 1), else_=0)), 0)

    query = (
        select(
            File.version_id,
            func.count(),
            count(Outcome.PASS),
            count(Outcome.FAIL),
            func.count(Copy.checked_at),
            func.min(Copy.checked_at),
        )
        .outerjoin(Copy, (Copy.sha256 == File.sha256) & (Copy.place == STORE))
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
