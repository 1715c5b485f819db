"""What was used in a span of time, for reports."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from repository.core.work import Work
from repository.records.models import Version
from repository.stats.models import UsageDay
from repository.stats.rules import Count
from repository.stats.services import FIGURES


@dataclass(frozen=True)
class Used:
    machine: bool
    count: Count


def used_in(
    work: Work, seen: ColumnElement[bool], first: date, last: date, *, after: str, limit: int
) -> tuple[list[str], dict[str, list[Used]]]:
    """Versions used from `first` to `last`, at most `limit` past the id `after`, with counts.

    `seen` is the access rule's condition on `Version`.
    """
    between = (UsageDay.day >= first) & (UsageDay.day <= last)
    query = (
        select(UsageDay.item_id)
        .join(Version, Version.id == UsageDay.item_id)
        .where(between, UsageDay.item_id > after, seen)
        .distinct()
        .order_by(UsageDay.item_id)
        .limit(limit)
    )
    ids = list(work.session.scalars(query))
    sums = [func.sum(getattr(UsageDay, name)) for name in FIGURES]
    counts = (
        select(UsageDay.item_id, UsageDay.machine, *sums)
        .where(between, UsageDay.item_id.in_(ids))
        .group_by(UsageDay.item_id, UsageDay.machine)
        .order_by(UsageDay.machine)
    )
    used: dict[str, list[Used]] = {each: [] for each in ids}
    for item, machine, *figures in work.session.execute(counts):
        used[item].append(Used(machine, Count(*map(int, figures))))
    return ids, used
