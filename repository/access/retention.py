"""Deleting files that must not be kept: at their day for every reader, then for good.

The access rule needs no job: it looks at the date. The job takes the file's row off its content and
deletes bytes that no other file needs; path, size, day and reason stay for the page to tell. Copies
in backups go as backups do, by their own policy (docs/how-to/access.md).
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select

from repository.audit.services import log
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.records import quotas
from repository.records.models import Content, File, Version

BATCH = 200
MAX_TOLD = 20


@dataclass(frozen=True)
class Gone:
    """Files that were deleted on a day for a reason; which ones is no longer anybody's business."""

    on: date
    reason: str


def gone_files(work: Work, version: Version) -> list[Gone]:
    """What the page of a version tells of files that are no more, the last day first; nothing of
    files that were hidden. The caller asked whether the version may be seen.
    """
    if not version.own_file_access and version.delete_files_at is None:
        return []
    today = work.clock.now().date()
    day = func.coalesce(File.delete_at, Version.delete_files_at)
    why = func.coalesce(func.nullif(File.delete_reason, ""), Version.delete_files_reason)
    query = (
        select(day, why)
        .join(Version, Version.id == File.version_id)
        .where(File.version_id == version.id, File.access != "hidden", day <= today)
        .distinct()
        .limit(MAX_TOLD)
    )
    told = {Gone(on, reason) for on, reason in work.session.execute(query)}
    return sorted(told, key=lambda gone: (gone.on, gone.reason), reverse=True)


def delete_due_files(runtime: Runtime) -> None:
    """A batch per transaction. Run twice it finds nothing left to do; broken off, it goes on."""
    while True:
        with runtime.work() as work:
            due = list(work.session.execute(_due(work)).tuples())
            for file, version in due:
                _delete(work, file, version)
            work.session.flush()
            for sha256 in {file.sha256 for file, _ in due if file.sha256}:
                _release(work, sha256)
        if len(due) < BATCH:
            return


def _due(work: Work) -> Select[tuple[File, Version]]:
    today = work.clock.now().date()
    return (
        select(File, Version)
        .join(Version, Version.id == File.version_id)
        .where(
            File.deleted_at.is_(None) | File.sha256.is_not(None),
            or_(File.delete_at <= today, Version.delete_files_at <= today),
        )
        .order_by(File.id)
        .limit(BATCH)
    )


def _delete(work: Work, file: File, version: Version) -> None:
    if file.deleted_at is None and not file.carried:
        quotas.take(work, version.record, size=-file.size, files=-1)
    file.deleted_at = work.clock.now()
    file.delete_reason = file.delete_reason or version.delete_files_reason
    file.committed = False
    version.own_file_access = True
    version.updated_at = work.clock.now()
    work.session.flush()
    left = select(func.count(), func.coalesce(func.sum(File.size), 0)).where(
        File.version_id == version.id, File.committed
    )
    version.file_count, version.file_bytes = work.session.execute(left).tuples().one()
    log(work, None, "file.retention", "version", version.id, file=file.id)
    work.changed(version.record_id)


def _release(work: Work, sha256: str) -> None:
    """Take the rows of deleted files off these bytes, and delete them where no file is left.

    In this order, so that whoever stores the same bytes meanwhile either keeps them or is told
    that they are not there.
    """
    work.lock(f"content:{sha256}")
    for file in work.session.scalars(select(File).where(File.sha256 == sha256)):
        if file.deleted_at is not None:
            file.sha256 = None
    work.session.flush()
    if work.session.scalar(select(File.id).where(File.sha256 == sha256).limit(1)) is not None:
        return
    content = work.session.get(Content, sha256)
    if content is not None:
        work.session.delete(content)
        work.session.flush()
    work.store.delete(sha256)
