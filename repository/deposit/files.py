"""Files of a draft: announce, store, commit, remove.

Bytes go into the store before and outside any transaction; a row then points at them. A crash
between the two leaves bytes that nothing points at, never a row without bytes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as with_
from typing import BinaryIO

from sqlalchemy import select

from repository.access.rules import Action
from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import (
    Conflict,
    InsufficientStorage,
    NotFound,
    TooLarge,
    Unavailable,
    ValidationFailed,
)
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit import placing, upload_rows
from repository.deposit.drafts import get_draft
from repository.deposit.placing import find_file
from repository.deposit.room import forget, take_room
from repository.preservation.placement import place_for
from repository.records import quotas
from repository.records.file_access import FileAccess
from repository.records.media_types import media_type_of
from repository.records.models import Draft, File, State, Version
from repository.records.paths import normalise_path
from storage.base import (
    DigestMismatch,
    NotStored,
    SizeMismatch,
    StorageError,
    Stored,
    StoreFull,
)

COMPLETE = N_("The file %(path)s is complete; remove it to send another.")
NO_FILE = N_("There is no file %(path)s in this draft.")
ENDED_EARLY = N_("The upload ended early or was too long. Nothing was stored; send it again.")


def announce_files(work: Work, actor: Actor, version_id: str, paths: list[str]) -> list[File]:
    """Make empty entries that await their bytes. Raises ValidationFailed, Conflict."""
    draft = open_for_files(work, actor, version_id)
    take_room(work, draft.version, files=len(paths))
    return [announce(work, draft, path, f"/{index}/key") for index, path in enumerate(paths)]


def announce(work: Work, draft: Draft, path: str, pointer: str) -> File:
    """An empty entry at `path`; `pointer` is where the path was sent. Its room was taken."""
    return _new_file(work, draft, normalise_path(path, pointer), pointer)


def check_free(work: Work, version_id: str, path: str, *, replace: bool) -> None:
    """Raises Conflict where a complete file is at the path and may not be replaced."""
    there = find_file(work, version_id, path)
    if there is not None and there.committed and not replace:
        raise Conflict(placing.THERE, path=path)


def _new_file(work: Work, draft: Draft, path: str, pointer: str) -> File:
    if find_file(work, draft.version_id, path) is not None:
        raise placing.taken(path, pointer)
    now = work.clock.now()
    file = File(
        version_id=draft.version_id,
        path=path,
        media_type=media_type_of(path),
        created_at=now,
        updated_at=now,
    )
    work.session.add(file)
    work.session.flush()
    return file


def open_for_files(work: Work, actor: Actor, version_id: str) -> Draft:
    """The draft, locked, if its files can still change: those of a published version cannot."""
    draft = get_draft(work, actor, version_id, Action.EDIT, lock=True)
    check_open(draft)
    return draft


def open_for_files_of(work: Work, version_id: str) -> Draft:
    """The same for a job, which does what somebody was allowed to ask for. Raises Conflict."""
    draft = work.session.get(Draft, version_id, with_for_update=True)
    if draft is None:
        raise Conflict(N_("The draft was discarded or published meanwhile."))
    check_open(draft)
    return draft


def check_open(draft: Draft) -> None:
    """Raises Conflict when the files are those of a published version."""
    if draft.version.state != State.DRAFT:
        raise Conflict(
            N_("The files of a published version never change; make a new version for other files.")
        )


def receive(
    runtime: Runtime,
    stream: BinaryIO,
    *,
    size: int | None = None,
    sha256: str | None = None,
    version_id: str = "",
) -> Stored:
    """Put bytes that arrive into the store, whatever they will belong to; of several stores into
    that which the files of this version belong in.

    Raises ValidationFailed (they are not what was announced), TooLarge, InsufficientStorage,
    Unavailable.
    """
    limit = runtime.settings.max_file_size
    if size is not None and size > limit:
        raise TooLarge(limit=limit)
    try:
        place = place_for(runtime, version_id, size or 0)
        with store_errors():
            store = runtime.stores[place]
            stored = store.write(stream, size=size, sha256=sha256, max_size=limit)
            return stored if len(runtime.stores) == 1 else with_(stored, place=place)
    except SizeMismatch as error:
        if size is None:
            raise TooLarge(limit=limit) from error
        raise ValidationFailed(ENDED_EARLY) from error


@contextmanager
def store_errors() -> Iterator[None]:
    """Say for people what the store says. Lets SizeMismatch pass: what it means, depends."""
    try:
        yield
    except SizeMismatch:
        raise
    except DigestMismatch as error:
        raise ValidationFailed(
            N_("The bytes that arrived do not have the checksum announced. Send them again.")
        ) from error
    except StoreFull as error:
        raise InsufficientStorage from error
    except StorageError as error:
        raise Unavailable from error


def check_awaited(
    work: Work,
    actor: Actor,
    version_id: str,
    path: str,
    size: int | None = None,
    sha256: str | None = None,
) -> None:
    """Ask before the bytes come whether they may: an upload of hours should not end in a no.

    Raises NotFound, Forbidden, QuotaExceeded, Conflict (other bytes are at the path).
    """
    draft = get_draft(work, actor, version_id, Action.EDIT)
    check_open(draft)
    quotas.check_fits(work, draft.version.record, size or 0)
    file = find_file(work, version_id, path)
    if file is not None and file.committed:
        differs = size not in (None, file.size) or sha256 not in (None, file.sha256)
        if differs:
            raise Conflict(COMPLETE, path=path)


def _awaited(work: Work, version_id: str, path: str) -> File:
    file = find_file(work, version_id, path)
    if file is None:
        raise NotFound(NO_FILE, path=path)
    return file


def take_in(
    work: Work, actor: Actor, version_id: str, path: str, stored: Stored
) -> tuple[File, bool]:
    """Point a path at bytes that are in the store; and whether that made its entry.

    A path that was announced awaits its commit; one that was not is complete with its bytes. Bytes
    that come again where they are already change nothing, as a request may whose answer was lost.
    Raises NotFound, Forbidden, QuotaExceeded, ValidationFailed, Conflict (other bytes are there,
    or parts are coming).
    """
    draft = open_for_files(work, actor, version_id)
    file = find_file(work, version_id, path)
    if file is not None and file.committed:
        if file.sha256 != stored.sha256:
            raise Conflict(COMPLETE, path=path)
        return file, False
    upload_rows.check_none(work, version_id, path)
    if file is None:
        return placing.place_new(work, draft, [placing.Arrived(path, stored)])[0], True
    take_room(work, draft.version, size=stored.size - file.size)
    placing.point_at(work, file, stored)
    return file, False


def commit_file(work: Work, actor: Actor, version_id: str, path: str) -> File:
    """Say that a file is complete. Committing twice is the same as once."""
    open_for_files(work, actor, version_id)
    file = _awaited(work, version_id, path)
    if file.sha256 is None:
        raise Conflict(N_("The file %(path)s has no content yet; send it first."), path=path)
    file.committed = True
    file.updated_at = work.clock.now()
    placing.request_looks(work, file)
    return file


def put_file(
    work: Work, actor: Actor, version_id: str, path: str, stored: Stored, *, replace: bool = False
) -> File:
    """Announce, attach and commit in one transaction, for those who hold the bytes already."""
    draft = open_for_files(work, actor, version_id)
    if replace:
        upload_rows.abandon(work, version_id, normalise_path(path))
    upload_rows.check_none(work, version_id, normalise_path(path))
    return placing.place(work, draft, placing.Arrived(path, stored), replace=replace)


def delete_file(work: Work, actor: Actor, version_id: str, path: str) -> File:
    """Take a file out of a draft; what it was is returned. The bytes are swept later."""
    draft = open_for_files(work, actor, version_id)
    upload_rows.abandon(work, version_id, path)
    file = _awaited(work, version_id, path)
    take_out(work, draft, file)
    log(work, actor.user_id, "file.delete", "version", version_id)
    return file


def take_out(work: Work, draft: Draft, file: File) -> None:
    """For those who have asked whether it may be done."""
    forget(work, draft.version, file)


def restore_file(work: Work, actor: Actor, version_id: str, path: str, stored: Stored) -> File:
    """Undo a removal, where the caller proves that these bytes stood at this path.

    Raises NotFound when the bytes were swept meanwhile, Conflict when the path is taken again.
    """
    draft = open_for_files(work, actor, version_id)
    return put_back(work, draft, path, stored)


def put_back(work: Work, draft: Draft, path: str, stored: Stored) -> File:
    """What `restore_file` does, for those who have asked whether it may be done."""
    version_id = draft.version_id
    try:
        work.store.size(stored.sha256)
    except NotStored as error:
        raise NotFound(N_("The file %(path)s is gone; upload it again."), path=path) from error
    upload_rows.check_none(work, version_id, normalise_path(path))
    elsewhere = (
        select(File.id)
        .join(Version, Version.id == File.version_id)
        .where(File.sha256 == stored.sha256, Version.record_id == draft.version.record_id)
        .where(File.version_id != version_id)
    )
    carried = work.session.scalar(elsewhere.limit(1)) is not None
    return placing.place(work, draft, placing.Arrived(path, stored, carried=carried))


def set_file_access(
    work: Work, actor: Actor, version_id: str, path: str, wanted: FileAccess
) -> File:
    """Of a draft's file at once; of a published version's when the edit is published.

    Raises NotFound, Forbidden, ValidationFailed.
    """
    draft = get_draft(work, actor, version_id, Action.EDIT, lock=True)
    file = find_file(work, version_id, path)
    if file is None or file.deleted_at is not None:
        raise NotFound(NO_FILE, path=path)
    wrong = list(wanted.problems())
    if wrong:
        raise ValidationFailed(errors=wrong)
    if draft.version.state == State.DRAFT:
        wanted.apply_to(file)
    else:
        file.proposed = wanted.told()
    log(work, actor.user_id, "file.access", "version", version_id, files=wanted.files)
    return file
