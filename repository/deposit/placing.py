"""Complete files for bytes that are in the store: one, or a batch by as many statements.

For those who have asked whether it may be done, and hold the draft's row.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from repository.core.errors import Conflict, FieldError
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit.room import room_of, take_room
from repository.deposit.scanning import request_scan
from repository.preservation.pronom import request_format
from repository.records.contents import ensure_contents
from repository.records.media_types import media_type_of
from repository.records.models import Content, Draft, File
from repository.records.paths import normalise_path
from repository.tables.services import request_profile
from storage.base import Stored

MAGIC_BYTES = 8192
THERE = N_("There is a file %(path)s already; remove it first.")


@dataclass(frozen=True)
class Arrived:
    """Bytes for a path. `reserved` bytes of room were taken for them before; `carried` bytes an
    earlier version brought.
    """

    path: str
    stored: Stored
    reserved: int = 0
    carried: bool = False


def taken(path: str, pointer: str = "/key") -> Conflict:
    """What is raised where a file is at a path that should be free."""
    return Conflict(THERE, errors=[FieldError(pointer, THERE, {"path": path})], path=path)


def find_file(work: Work, version_id: str, path: str) -> File | None:
    """The file at a path, in whatever normal form of Unicode the path comes."""
    path = unicodedata.normalize("NFC", path)
    return work.session.scalar(select(File).where(File.version_id == version_id, File.path == path))


def find_files(work: Work, version_id: str, paths: Iterable[str]) -> dict[str, File]:
    """Those of some hundred paths, in normal form C, at which there is a file."""
    query = select(File).where(File.version_id == version_id, File.path.in_(list(paths)))
    return {file.path: file for file in work.session.scalars(query)}


def place(work: Work, draft: Draft, arrived: Arrived, *, replace: bool = False) -> File:
    """A complete file, in place of one that awaits its bytes or, with `replace`, of any.

    Raises Conflict, QuotaExceeded, ValidationFailed.
    """
    path = normalise_path(arrived.path)
    there = find_file(work, draft.version_id, path)
    if there is not None and there.committed and not replace:
        raise taken(path)
    return place_new(work, draft, [arrived], [there] if there is not None else ())[0]


def place_new(
    work: Work, draft: Draft, arrived: Sequence[Arrived], instead_of: Sequence[File] = ()
) -> list[File]:
    """Complete files at paths that are free once the files `instead_of` are gone; all, or none.

    Raises QuotaExceeded, ValidationFailed.
    """
    size = sum(each.stored.size for each in arrived)
    own_size = sum(0 if each.carried else each.stored.size - each.reserved for each in arrived)
    own_files = sum(not each.carried for each in arrived)
    rooms = [room_of(file) for file in instead_of]
    take_room(
        work,
        draft.version,
        size=size - sum(file.size for file in instead_of),
        files=len(arrived) - len(instead_of),
        own=(own_size - sum(r[0] for r in rooms), own_files - sum(r[1] for r in rooms)),
    )
    for file in instead_of:
        work.session.delete(file)
    ensure_contents(work, [each.stored for each in arrived])
    work.session.flush()
    files = [_complete(work, draft, each) for each in arrived]
    work.session.add_all(files)
    work.session.flush()
    digests = list({each.stored.sha256 for each in arrived})
    contents = work.session.scalars(select(Content).where(Content.sha256.in_(digests))).all()
    for file in files:
        request_looks(work, file)
    del contents  # held till here, so that each file found its own without asking
    return files


def _complete(work: Work, draft: Draft, arrived: Arrived) -> File:
    now = work.clock.now()
    path = normalise_path(arrived.path)
    return File(
        version_id=draft.version_id,
        path=path,
        carried=arrived.carried,
        committed=True,
        created_at=now,
        **_of_bytes(work, path, arrived.stored),
    )


def point_at(work: Work, file: File, stored: Stored) -> None:
    """Give an entry that is there other bytes."""
    ensure_contents(work, [stored])
    for name, value in _of_bytes(work, file.path, stored).items():
        setattr(file, name, value)


def _of_bytes(work: Work, path: str, stored: Stored) -> dict[str, object]:
    return {
        "sha256": stored.sha256,
        "size": stored.size,
        "media_type": media_type_of(path, _first_bytes(work, stored)),
        "puid": None,
        "updated_at": work.clock.now(),
    }


def _first_bytes(work: Work, stored: Stored) -> bytes:
    if not stored.size:
        return b""
    return b"".join(work.store.read(stored.sha256, 0, min(MAGIC_BYTES, stored.size)))


def request_looks(work: Work, file: File) -> None:
    """Ask, with this transaction, for all that is to be known of a file that is complete."""
    request_profile(work, file)
    request_scan(work, file)
    request_format(work, file)
