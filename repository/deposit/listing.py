"""What a depositor has: drafts waiting, records published, files of a draft."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from repository.accounts.models import Actor
from repository.core.work import Work
from repository.records.models import Draft, File, Record, Version


@dataclass(frozen=True)
class Counts:
    drafts: int
    records: int


@dataclass(frozen=True)
class Published:
    """A record's newest version, and the draft that waits to change or follow it, if any."""

    version: Version
    draft: Draft | None


def count_own(work: Work, actor: Actor) -> Counts:
    drafts = _own_drafts(actor).with_only_columns(func.count()).order_by(None)
    records = _own_records(actor).with_only_columns(func.count()).order_by(None)
    return Counts(work.session.scalar(drafts) or 0, work.session.scalar(records) or 0)


def own_drafts(work: Work, actor: Actor, *, offset: int, limit: int) -> list[Draft]:
    """Drafts of `actor`'s records, the last saved first."""
    query = _own_drafts(actor).options(joinedload(Draft.version).joinedload(Version.record))
    return list(work.session.scalars(query.offset(offset).limit(limit)))


def _own_drafts(actor: Actor) -> Select[tuple[Draft]]:
    return (
        select(Draft)
        .join(Version, Version.id == Draft.version_id)
        .join(Record, Record.id == Version.record_id)
        .where(Record.owner_id == actor.user_id)
        .order_by(Draft.updated_at.desc(), Draft.version_id)
    )


def own_records(work: Work, actor: Actor, *, offset: int, limit: int) -> list[Published]:
    """`actor`'s records that were published, the last changed first, withdrawn ones too."""
    query = _own_records(actor).options(joinedload(Version.record))
    versions = list(work.session.scalars(query.offset(offset).limit(limit)))
    waiting = _waiting(work, [version.record_id for version in versions])
    return [Published(version, waiting.get(version.record_id)) for version in versions]


def _own_records(actor: Actor) -> Select[tuple[Version]]:
    return (
        select(Version)
        .join(Record, Record.latest_id == Version.id)
        .where(Record.owner_id == actor.user_id)
        .order_by(Version.updated_at.desc(), Version.id)
    )


def _waiting(work: Work, record_ids: list[str]) -> dict[str, Draft]:
    query = (
        select(Draft)
        .join(Version, Version.id == Draft.version_id)
        .where(Version.record_id.in_(record_ids))
        .options(joinedload(Draft.version))
        .order_by(Version.number)
    )
    return {draft.version.record_id: draft for draft in work.session.scalars(query)}


def draft_files(work: Work, version_id: str, *, after: str = "", limit: int) -> list[File]:
    """Files in the order of their paths, from the first past `after`; the caller has the draft."""
    query = (
        select(File)
        .where(File.version_id == version_id, File.path > after)
        .order_by(File.path)
        .limit(limit)
    )
    return list(work.session.scalars(query))


def count_files(work: Work, version_id: str) -> tuple[int, int]:
    """How many files a version has, and how many bytes in all, as its own counters say."""
    query = select(Version.file_count, Version.file_bytes).where(Version.id == version_id)
    return work.session.execute(query).tuples().one_or_none() or (0, 0)


def recount_files(work: Work, version_id: str) -> tuple[int, int]:
    """The same, by counting: for what is written down for good."""
    query = select(func.count(), func.coalesce(func.sum(File.size), 0)).where(
        File.version_id == version_id, File.deleted_at.is_(None)
    )
    count, size = work.session.execute(query).one()
    return count, int(size)
