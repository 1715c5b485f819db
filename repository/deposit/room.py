"""Room for the files of a draft: its own counters, and the quotas that it is taken from."""

from dataclasses import dataclass

from sqlalchemy import true, update

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records import quotas
from repository.records.models import File, Version


def take_room(
    work: Work,
    version: Version,
    *,
    size: int = 0,
    files: int = 0,
    own: tuple[int, int] | None = None,
) -> None:
    """Count `size` bytes and `files` files more (or fewer) of a version, before its rows change.

    `own` is what is taken from the quotas where that is something else: files carried over take
    nothing. Raises QuotaExceeded, ValidationFailed (more files than a version may have).
    """
    taken = (size, files) if own is None else own
    quotas.take(work, version.record, size=taken[0], files=taken[1])
    if not size and not files:
        return
    limit = work.settings.max_files_per_version
    counted = Version.file_count + files
    added = work.session.execute(
        update(Version)
        .where(Version.id == version.id, counted <= limit if files > 0 else true())
        .values(file_count=counted, file_bytes=Version.file_bytes + size)
        .returning(Version.id)
        .execution_options(synchronize_session=False)
    )
    if added.one_or_none() is None:
        raise _too_many(limit)
    work.session.expire(version, ["file_count", "file_bytes"])


def check_count(work: Work, version: Version, files: int) -> None:
    """Ask before so many files more come. Raises ValidationFailed (too many for a version)."""
    limit = work.settings.max_files_per_version
    if version.file_count + files > limit:
        raise _too_many(limit)


def _too_many(limit: int) -> ValidationFailed:
    message = N_("A version holds at most %(limit)s files.")
    return ValidationFailed(errors=[FieldError("/files", message, {"limit": limit})])


@dataclass(frozen=True)
class Room:
    """What a draft may still take, by whichever quota leaves least; None is no limit. Bytes."""

    bytes_left: int | None
    bytes_limit: int
    files_left: int
    whose: str


def room_for(work: Work, version: Version) -> Room:
    """How much more a draft may take; for those who may change it."""
    found = quotas.standings(work, version.record)
    tightest = min(found, key=lambda s: s.bytes_left if s.bytes_left is not None else 1 << 62)
    left = [work.settings.max_files_per_version - version.file_count]
    left += [s.files_left for s in found if s.files_left is not None]
    return Room(
        tightest.bytes_left, tightest.max_bytes, max(min(left), 0), tightest.holder.scope.value
    )


def room_of(file: File) -> tuple[int, int]:
    """Bytes and files that a file's entry takes, without what is reserved for an upload."""
    return (0, 0) if file.carried or file.deleted_at is not None else (file.size, 1)


def forget(work: Work, version: Version, *files: File) -> None:
    """Remove files' entries, and give back their room."""
    rooms = [room_of(file) for file in files]
    own_size = sum(size for size, _files in rooms) + sum(file.reserved for file in files)
    own = (-own_size, -sum(count for _size, count in rooms))
    take_room(work, version, size=-sum(file.size for file in files), files=-len(files), own=own)
    for file in files:
        work.session.delete(file)
    work.session.flush()


def reserve(work: Work, version: Version, file: File, size: int) -> None:
    """Take room for an upload that begins. Raises QuotaExceeded."""
    quotas.take(work, version.record, size=size)
    file.reserved = size


def release(work: Work, version_id: str, path: str) -> None:
    """Give back what was reserved for the upload to a path, where there is still an entry."""
    file = work.session.query(File).filter_by(version_id=version_id, path=path).one_or_none()
    if file is not None and file.reserved:
        version = work.session.get_one(Version, version_id)
        quotas.take(work, version.record, size=-file.reserved)
        file.reserved = 0
