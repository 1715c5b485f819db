"""The rows that stand for bytes in the store."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from repository.core.copies import Copy
from repository.core.work import Work
from repository.records.models import Content
from storage.base import Stored


def ensure_content(work: Work, stored: Stored) -> None:
    """Before anything points at bytes that have just come into the store, or were there."""
    ensure_contents(work, [stored])


def ensure_contents(work: Work, arrived: Sequence[Stored]) -> None:
    """The same for a batch. Locks are taken in one order, whichever order they arrived in."""
    wanted = {stored.sha256: stored for stored in arrived}
    known = set(
        work.session.scalars(select(Content.sha256).where(Content.sha256.in_(list(wanted))))
    )
    missing = [wanted[sha256] for sha256 in sorted(wanted.keys() - known)]
    for stored in missing:
        work.lock(f"content:{stored.sha256}")
    if missing:
        _insert(work, missing)
    for stored in wanted.values():
        if stored.place:
            _note_copy(work, stored)


def _insert(work: Work, missing: Sequence[Stored]) -> None:
    insert = (
        sqlite_insert if work.session.get_bind().dialect.name == "sqlite" else postgresql_insert
    )
    now = work.clock.now()
    rows = [
        {
            "sha256": stored.sha256,
            "size": stored.size,
            "crc32": stored.crc32,
            "malware": "",
            "created_at": now,
        }
        for stored in missing
    ]
    work.session.execute(insert(Content).on_conflict_do_nothing(), rows)


def _note_copy(work: Work, stored: Stored) -> None:
    """With several stores. A copy that was to go stays, now that something points at it again."""
    copy = work.session.get(Copy, (stored.sha256, stored.place))
    if copy is not None:
        copy.drop_at = None
        return
    now = work.clock.now()
    work.session.add(Copy(sha256=stored.sha256, place=stored.place, created_at=now))
    work.session.flush()
