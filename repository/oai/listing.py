"""Pages of the list of items, cut by key and never by offset.

Items are walked by `seq`. One that changes during a harvest moves to the end, where the same
harvest meets it again, so that none is missed. So that a harvest ends all the same it walks to a
horizon, the last `seq` when it began, then to the one that has formed meanwhile, and so on,
`MAX_LAPS` times at most; whatever changes after that has a later datestamp and is in the next.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS
from repository.core.work import Work
from repository.formats.base import Selective
from repository.oai.errors import IdDoesNotExist, NoRecordsMatch
from repository.oai.formats import harvestable
from repository.oai.models import (
    OaiFailure,
    OaiFormat,
    OaiFragment,
    OaiItem,
    OaiMembership,
    OaiSet,
)
from repository.records.models import State, Version

MAX_LAPS = 20
_IS_SERVED = or_(OaiItem.deleted, OaiFragment.item_id.is_not(None))


@dataclass(frozen=True)
class Selection:
    """What a harvester selects. `start` and `end` are inclusive, aware UTC, to the second."""

    prefix: str
    set_spec: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Position:
    """Where a harvest stands: past `after`, on its way to the horizon `upto`.

    `laps` more horizons may follow; `cursor` items were sent, of about `size`.
    """

    after: int
    upto: int
    laps: int
    cursor: int
    size: int


@dataclass(frozen=True)
class Entry:
    """One item as sent. `metadata` is None where only the header was asked for or exists."""

    seq: int
    header: bytes
    deleted: bool
    metadata: bytes | None


@dataclass(frozen=True)
class Page:
    """Never without entries. `following` is None on the last page."""

    entries: list[Entry]
    cursor: int
    size: int
    following: Position | None


def first_position(work: Work, selection: Selection) -> Position:
    """Where a new harvest begins. Raises NoRecordsMatch."""
    session = work.session
    after = 0
    if selection.start is not None:
        after = (_first_seq(session, selection.start) or _last_seq(session, None) + 1) - 1
    upto = _last_seq(session, selection.end)
    size = _count(session, selection, after, upto)
    return Position(after, upto, MAX_LAPS, 0, size)


def read_page(
    work: Work, selection: Selection, position: Position, limit: int, *, metadata: bool
) -> Page:
    """The next `limit` items. Raises NoRecordsMatch when there is none."""
    found: list[Entry] = []
    after, upto, laps = position.after, position.upto, position.laps
    while True:
        wanted = limit + 1 - len(found)
        found += _entries(work, selection, after, upto, wanted, metadata=metadata)
        horizon = _last_seq(work.session, selection.end)
        if len(found) > limit or horizon <= upto or not laps:
            break
        after, upto, laps = upto, horizon, laps - 1
    if not found:
        raise NoRecordsMatch("No record matches these arguments.")
    entries = found[:limit]
    sent = position.cursor + len(entries)
    if len(found) <= limit:
        return Page(entries, position.cursor, sent, None)
    size = max(position.size, sent + 1)
    following = Position(entries[-1].seq, upto, laps, sent, size)
    return Page(entries, position.cursor, size, following)


def read_entry(work: Work, oai_id: str, prefix: str) -> Entry | None:
    """One item; None where it has no such format. Raises IdDoesNotExist."""
    query = _columns(work, prefix, metadata=True).where(OaiItem.oai_id == oai_id)
    row = work.session.execute(query).one_or_none()
    if row is None:
        raise IdDoesNotExist("No item has this identifier.")
    entry = Entry(row.seq, _header(row.header, row.hidden), row.hidden, row.metadata)
    return entry if entry.deleted or entry.metadata is not None else None


def prefixes_of(work: Work, oai_id: str) -> set[str]:
    """The formats one item can be had in; none where it was deleted. Raises IdDoesNotExist."""
    query = select(OaiItem.id, _hidden(work)).join(Version, Version.id == OaiItem.version_id)
    row = work.session.execute(query.where(OaiItem.oai_id == oai_id)).one_or_none()
    if row is None:
        raise IdDoesNotExist("No item has this identifier.")
    if row[1]:
        return set()
    of_item = select(OaiFragment.prefix).where(OaiFragment.item_id == row[0])
    return set(work.session.scalars(of_item))


def earliest_datestamp(work: Work) -> datetime | None:
    """The datestamp of the item unchanged for longest; None without items."""
    query = select(OaiItem.datestamp).order_by(OaiItem.seq).limit(1)
    return work.session.scalar(query)


def _entries(
    work: Work, selection: Selection, after: int, upto: int, limit: int, *, metadata: bool
) -> list[Entry]:
    query = _columns(work, selection.prefix, metadata=metadata)
    query = _within(query, selection, after, upto)
    query = query.where(_IS_SERVED).limit(limit)
    return [
        Entry(row.seq, _header(row.header, row.hidden), row.hidden, row.metadata)
        for row in work.session.execute(query)
    ]


def _within(query: Select[Any], selection: Selection, after: int, upto: int) -> Select[Any]:
    if selection.set_spec is None:
        return query.where(OaiItem.seq > after, OaiItem.seq <= upto).order_by(OaiItem.seq)
    in_set = select(OaiSet.id).where(OaiSet.spec == selection.set_spec).scalar_subquery()
    return (
        query.join(OaiMembership, OaiMembership.item_id == OaiItem.id)
        .where(
            OaiMembership.set_id == in_set,
            OaiMembership.seq > after,
            OaiMembership.seq <= upto,
        )
        .order_by(OaiMembership.seq)
    )


def _columns(work: Work, prefix: str, *, metadata: bool) -> Select[Any]:
    hidden = _hidden(work)
    body = case((hidden, None), else_=OaiFragment.body) if metadata else literal(None)
    held = and_(OaiFragment.item_id == OaiItem.id, OaiFragment.prefix == prefix)
    return (
        select(OaiItem.seq, OaiItem.header, hidden.label("hidden"), body.label("metadata"))
        .join(Version, Version.id == OaiItem.version_id)
        .outerjoin(OaiFragment, held)
    )


def _hidden(work: Work) -> ColumnElement[bool]:
    """Deleted, or no longer for everyone though the stamper has not been there yet.

    The access rule is asked as the page is made: not for one second are the words of a record
    served that was just closed.
    """
    public = and_(Version.state == State.PUBLISHED, visible_to(ANONYMOUS, work.clock.now()))
    return or_(OaiItem.deleted, not_(public))


def _header(stored: bytes, hidden: bool) -> bytes:
    if hidden and stored.startswith(b"<header>"):
        return b'<header status="deleted">' + stored.removeprefix(b"<header>")
    return stored


def _first_seq(session: Session, start: datetime) -> int | None:
    query = select(OaiItem.seq).where(OaiItem.datestamp >= start)
    return session.scalar(query.order_by(OaiItem.datestamp, OaiItem.seq).limit(1))


def _last_seq(session: Session, end: datetime | None) -> int:
    if end is None:
        return session.scalar(select(func.max(OaiItem.seq))) or 0
    query = select(OaiItem.seq).where(OaiItem.datestamp <= end)
    ordered = query.order_by(OaiItem.datestamp.desc(), OaiItem.seq.desc())
    return session.scalar(ordered.limit(1)) or 0


def _count(session: Session, selection: Selection, after: int, upto: int) -> int:
    """How many items there are; looked at one by one only in a format that some may lack."""
    if not _is_everywhere(session, selection.prefix):
        held = and_(OaiFragment.item_id == OaiItem.id, OaiFragment.prefix == selection.prefix)
        every = select(func.count()).select_from(OaiItem).outerjoin(OaiFragment, held)
        query = _within(every, selection, after, upto).order_by(None).where(_IS_SERVED)
    elif selection.set_spec is None:
        query = select(func.count()).where(OaiItem.seq > after, OaiItem.seq <= upto)
    else:
        in_set = select(OaiSet.id).where(OaiSet.spec == selection.set_spec).scalar_subquery()
        query = select(func.count()).where(
            OaiMembership.set_id == in_set, OaiMembership.seq > after, OaiMembership.seq <= upto
        )
    return session.scalar(query) or 0


def _is_everywhere(session: Session, prefix: str) -> bool:
    """Whether every item can be had in a format, unless it was deleted."""
    if isinstance(harvestable()[prefix][1], Selective):
        return False
    failed = select(OaiFailure.item_id).where(OaiFailure.prefix == prefix).limit(1)
    unfinished = select(OaiFormat.prefix).where(
        OaiFormat.prefix == prefix, OaiFormat.finished_at.is_(None)
    )
    return session.scalar(failed) is None and session.scalar(unfinished) is None
