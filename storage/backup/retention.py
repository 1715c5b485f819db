"""Which backups to keep: grandfather, father, son."""

from collections.abc import Callable, Iterable
from datetime import datetime

PERIODS: dict[str, Callable[[datetime], object]] = {
    "daily": lambda at: at.date(),
    "weekly": lambda at: at.isocalendar()[:2],
    "monthly": lambda at: (at.year, at.month),
    "yearly": lambda at: at.year,
}


def kept(times: Iterable[datetime], **counts: int) -> set[datetime]:
    """Of each of the last N days, weeks, months, years that have any: its newest backup.

    `counts` are N by the names in PERIODS. The newest of all is always kept.
    """
    newest_first = sorted(set(times), reverse=True)
    keep = set(newest_first[:1])
    for name, period in PERIODS.items():
        newest: dict[object, datetime] = {}
        for at in newest_first:
            newest.setdefault(period(at), at)
        keep.update(list(newest.values())[: counts.get(name, 0)])
    return keep
