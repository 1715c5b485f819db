"""What an operator is shown of identifiers: how many stand how, and the lists behind it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, or_, select, true

from repository.core.messages import N_
from repository.core.work import Work
from repository.pid.models import Identifier, PidState, RegistryPause

FILTERS: Mapping[str, str] = {
    "attention": N_("Need attention"),
    "waiting": N_("Waiting"),
    "differing": N_("Differ at the registry"),
    "findable": N_("Findable"),
    "withdrawn": N_("Withdrawn"),
    "reserved": N_("Reserved"),
    "all": N_("All"),
}


def _condition(show: str) -> ColumnElement[bool]:
    if show == "attention":
        return or_(Identifier.failure.is_not(None), Identifier.differences.is_not(None))
    if show == "waiting":
        return Identifier.due_at.is_not(None)
    if show == "differing":
        return Identifier.differences.is_not(None)
    if show in set(PidState):
        return Identifier.state == show
    return true()


def listed(work: Work, show: str, offset: int, limit: int) -> tuple[Sequence[Identifier], int]:
    """Those of one of FILTERS, the longest waiting first; and how many there are."""
    condition = _condition(show)
    query = (
        select(Identifier)
        .where(condition)
        .order_by(Identifier.due_at.is_(None), Identifier.due_at, Identifier.id.desc())
    )
    total = work.session.scalar(select(func.count()).select_from(Identifier).where(condition))
    return work.session.scalars(query.offset(offset).limit(limit)).all(), total or 0


def counts(work: Work) -> dict[str, int]:
    """How many identifiers each of FILTERS shows."""
    sums = [func.count().filter(_condition(show)) for show in FILTERS]
    row = work.session.execute(select(*sums).select_from(Identifier)).one()
    return dict(zip(FILTERS, row, strict=True))


def pauses(work: Work) -> Sequence[RegistryPause]:
    """Accounts that are not being used just now, and why."""
    still = RegistryPause.until > work.clock.now()
    return work.session.scalars(
        select(RegistryPause).where(still).order_by(RegistryPause.prefix).limit(100)
    ).all()
