"""The access log: who had which bytes that are not for everyone, when, and by what right.

Written before the bytes are sent, so that none go out unlogged. Kept for twelve months: it is
personal data about readers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from repository.access.models import AccessEntry, ShareLink
from repository.access.rules import reason_for
from repository.accounts.models import Actor, User
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.records.models import Permission, Record, Version

KEPT_FOR = timedelta(days=365)
TOGETHER = timedelta(hours=1)
DOWNLOAD, LOOK, REVIEWED = "download", "look", "review"


@dataclass(frozen=True)
class Told:
    """An entry, with who it was where that is an account, or the note of the link they used."""

    entry: AccessEntry
    user: User | None
    link_note: str


def note_access(
    work: Work, actor: Actor, version: Version, path: str, act: str, link_id: int | None = None
) -> None:
    """Keep that `actor` has the file at `path` now, or with "" all files. The caller asked the
    access rule, and knows that they are not for everyone.
    """
    now = work.clock.now()
    version = work.session.get_one(Version, version.id)
    reason = "review" if link_id else reason_for(actor, Permission.DOWNLOAD, version, now)
    if reason == "public" and version.terms_sha256:
        reason = "terms"
    if reason == "link":
        held = [each.id for each in actor.links if each.record_id == version.record_id]
        link_id = held[-1] if held else None
    same = select(AccessEntry).where(
        AccessEntry.record_id == version.record_id,
        AccessEntry.version_id == version.id,
        AccessEntry.at > now - TOGETHER,
        AccessEntry.path == path,
        AccessEntry.act == act,
        AccessEntry.user_id.is_not_distinct_from(actor.user_id),
        AccessEntry.link_id.is_not_distinct_from(link_id),
    )
    entry = work.session.scalar(same.limit(1))
    if entry is not None:
        entry.times += 1
        return
    work.session.add(
        AccessEntry(
            at=now,
            record_id=version.record_id,
            version_id=version.id,
            path=path,
            act=act,
            user_id=actor.user_id,
            link_id=link_id,
            reason=reason,
            times=1,
        )
    )


def count_entries(work: Work, record: Record) -> int:
    query = select(func.count()).where(AccessEntry.record_id == record.id)
    return work.session.scalar(query) or 0


def entries_of(work: Work, record: Record, offset: int, limit: int) -> Sequence[Told]:
    """Newest first; the caller has the record from `managed_record`."""
    query = (
        select(AccessEntry, User, ShareLink.note)
        .outerjoin(User, User.id == AccessEntry.user_id)
        .outerjoin(ShareLink, ShareLink.id == AccessEntry.link_id)
        .where(AccessEntry.record_id == record.id)
        .order_by(AccessEntry.at.desc(), AccessEntry.id.desc())
    )
    rows = work.session.execute(query.offset(offset).limit(limit))
    return [Told(entry, user, note or "") for entry, user, note in rows]


def forget_old(runtime: Runtime) -> None:
    with runtime.work() as work:
        before = work.clock.now() - KEPT_FOR
        work.session.execute(delete(AccessEntry).where(AccessEntry.at < before))
