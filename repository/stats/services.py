"""Writing down what was seen, counting it, and saying how much it was."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import groupby

from sqlalchemy import bindparam, delete, func, insert, select

from repository.core.work import Work
from repository.records.models import Version
from repository.stats.models import UsageDay, UsageEvent, UsageSalt
from repository.stats.rules import Click, Count, Tally, visitor_of

GRACE = timedelta(hours=1)
FIGURES = ("views", "unique_views", "downloads", "unique_downloads", "unique_any", "bytes")
# Built once: every landing page asks it.
TOTALS = (
    select(
        UsageDay.item_id,
        *(func.coalesce(func.sum(getattr(UsageDay, name)), 0) for name in FIGURES),
    )
    .where(UsageDay.item_id.in_(bindparam("items", expanding=True)))
    .group_by(UsageDay.item_id)
)


@dataclass(frozen=True)
class Seen:
    """What a request was, as long as this process remembers it: a few seconds."""

    at: datetime
    version_id: str
    is_download: bool
    machine: bool
    address: str
    agent: str
    target: str
    bytes: int


def record_seen(work: Work, seen: Sequence[Seen]) -> int:
    """Write down a batch, with visitors as hashes; how many were written.

    What belongs to a day that is counted already comes too late. Versions that are gone meanwhile
    are left out.
    """
    ids = {each.version_id for each in seen}
    query = select(Version.id, Version.record_id).where(Version.id.in_(ids))
    records = {row.id: row.record_id for row in work.session.execute(query)}
    salts = {day: _salt(work, day) for day in {each.at.date() for each in seen}}
    rows = [
        {
            "day": each.at.date(),
            "at": each.at,
            "is_download": each.is_download,
            "machine": each.machine,
            "visitor": visitor_of(salt, each.address, each.agent),
            "record_id": records[each.version_id],
            "version_id": each.version_id,
            "target": sha256(each.target.encode()).hexdigest()[:16],
            "bytes": each.bytes,
        }
        for each in seen
        if each.version_id in records and (salt := salts[each.at.date()])
    ]
    if rows:
        work.session.execute(insert(UsageEvent), rows)
    return len(rows)


def _salt(work: Work, day: date) -> bytes | None:
    """The day's key, made when first needed; None for a day that is over."""
    found = work.session.get(UsageSalt, day)
    if found is None:
        if work.clock.now() >= _end(day):
            return None
        work.lock("usage-salt")
        work.session.expire_all()
        found = work.session.get(UsageSalt, day)
    if found is None:
        found = UsageSalt(day=day, salt=secrets.token_bytes(32))
        work.session.add(found)
        work.session.flush()
    return found.salt


def _end(day: date) -> datetime:
    """When a day is closed: what was seen just before midnight may be written a little later."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) + GRACE


def open_days(work: Work) -> list[date]:
    """Days of which there is something to count."""
    return list(work.session.scalars(select(UsageEvent.day).distinct().order_by(UsageEvent.day)))


def count_day(work: Work, day: date) -> None:
    """Count a day anew from all its events, and forget them and its key when it is over.

    May run at any time and twice.
    """
    tally = Tally()
    for record_id, clicks in _by_visitor(work, day):
        tally.add(record_id, clicks)
    work.session.execute(delete(UsageDay).where(UsageDay.day == day))
    rows = [
        {"item_id": item, "day": day, "machine": machine}
        | {name: getattr(count, name) for name in FIGURES}
        for (item, machine), count in tally.counts.items()
    ]
    if rows:
        work.session.execute(insert(UsageDay), rows)
    if work.clock.now() >= _end(day):
        work.session.execute(delete(UsageEvent).where(UsageEvent.day == day))
        work.session.execute(delete(UsageSalt).where(UsageSalt.day == day))


def _by_visitor(work: Work, day: date) -> Iterator[tuple[str, Iterable[Click]]]:
    query = (
        select(UsageEvent)
        .where(UsageEvent.day == day)
        .order_by(UsageEvent.visitor, UsageEvent.record_id, UsageEvent.at, UsageEvent.id)
        .execution_options(yield_per=1000)
    )
    events = work.session.scalars(query)
    for (_visitor, record_id), group in groupby(events, lambda e: (e.visitor, e.record_id)):
        yield (
            record_id,
            [Click(e.at, e.is_download, e.machine, e.version_id, e.target, e.bytes) for e in group],
        )


def totals(work: Work, items: Iterable[str]) -> dict[str, Count]:
    """All there ever was, by people and programs, of versions or records. The caller asked the
    access rule.
    """
    wanted = list(items)
    rows = work.session.execute(TOTALS, {"items": wanted})
    found = {row[0]: Count(*map(int, row[1:])) for row in rows}
    return {item: found.get(item, Count()) for item in wanted}


@dataclass(frozen=True)
class Month:
    first: date
    views: int
    downloads: int


def months(work: Work, item: str, count: int = 12) -> list[Month]:
    """The last `count` months to this one, each with its counts. The caller asked the rule."""
    today = work.clock.now().date()
    firsts = [_month_before(today, back) for back in reversed(range(count))]
    query = (
        select(UsageDay.day, func.sum(UsageDay.views), func.sum(UsageDay.downloads))
        .where(UsageDay.item_id == item, UsageDay.day >= firsts[0])
        .group_by(UsageDay.day)
    )
    views, downloads = dict.fromkeys(firsts, 0), dict.fromkeys(firsts, 0)
    for day, seen, fetched in work.session.execute(query):
        views[day.replace(day=1)] += int(seen)
        downloads[day.replace(day=1)] += int(fetched)
    return [Month(first, views[first], downloads[first]) for first in firsts]


def _month_before(today: date, back: int) -> date:
    number = today.year * 12 + today.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)
