"""Uploads in parts: begin, receive, complete; exactly one file at the end, or none.

The row is the state machine, the store the list of parts. Completing sets `finalising` and asks
for a job in one transaction; small uploads are finished at once by whoever asked, and the job
then finds nothing to do, or does it where the server died in between. Every step may run twice.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from repository.access.rules import Action
from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import (
    Conflict,
    FieldError,
    InsufficientStorage,
    NotFound,
    RepositoryError,
    TooLarge,
    Unavailable,
    ValidationFailed,
)
from repository.core.failpoints import reach
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import MIB, Settings
from repository.core.work import Work
from repository.deposit import files, placing, upload_rows
from repository.deposit.drafts import get_draft
from repository.deposit.models import UNDER_WAY, Upload, UploadState
from repository.deposit.room import forget, reserve, take_room
from repository.preservation.placement import place_for
from repository.records.models import Draft, File, State, Version
from repository.records.paths import normalise_path
from storage.base import DigestMismatch, NotStored, Part, SizeMismatch, Stored
from storage.several import SeveralStores

FINALISE = "uploads.finalise"
ORDINARY_PARTS = 9000
MOST_PARTS = 10_000
LEAST_PART = 5 * MIB
NAMED = 20
TAKEN_OVER_AFTER = timedelta(minutes=2)
SIGNED_SECONDS = 900
WRONG_DIGEST = N_(
    "The file that arrived does not have the checksum announced. It was not kept; upload it again."
)
PARTS_LOST = N_("The store has lost parts of this file. It was not kept; upload it again.")


@dataclass(frozen=True)
class Plan:
    """What a client announces of a file that it will send in parts; sizes in bytes."""

    path: str
    size: int
    part_size: int
    parts: int
    sha256: str | None = None
    fingerprint: str = ""
    replace: bool = False


def plan(
    settings: Settings,
    path: str,
    size: int,
    *,
    part_size: int | None = None,
    parts: int | None = None,
    sha256: str | None = None,
    fingerprint: str = "",
    replace: bool = False,
    pointer: str = "",
) -> Plan:
    """How a file of `size` bytes comes in parts: as the client wishes where that can be, else of
    the size that makes at most 9000. Raises ValidationFailed, TooLarge.
    """
    path = normalise_path(path, f"{pointer}/key")
    if size < 1:
        message = N_("Send the file's size in bytes, at least 1.")
        raise ValidationFailed(errors=[FieldError(f"{pointer}/size", message)])
    if size > settings.max_file_size:
        raise TooLarge(limit=settings.max_file_size)
    if part_size is None:
        part_size = max(settings.upload_part_size, -(-size // ORDINARY_PARTS))
    count = -(-size // part_size)
    least = min(LEAST_PART, settings.upload_part_size)
    if count > MOST_PARTS or (count > 1 and part_size < least):
        message = N_("Parts have at least %(least)s bytes each, and there are at most %(most)s.")
        known = {"least": least, "most": MOST_PARTS}
        raise ValidationFailed(errors=[FieldError(f"{pointer}/transfer/part_size", message, known)])
    if parts is not None and parts != count:
        message = N_("A file of this size has %(count)s parts of this size.")
        where = f"{pointer}/transfer/parts"
        raise ValidationFailed(errors=[FieldError(where, message, {"count": count})])
    return Plan(path, size, part_size, count, sha256, fingerprint, replace)


def new_handle(runtime: Runtime, version_id: str, size: int) -> str:
    """The handle of an upload of so many bytes, in the store that they belong in.

    Raises Unavailable, InsufficientStorage.
    """
    place = place_for(runtime, version_id, size)
    with files.store_errors():
        if isinstance(runtime.store, SeveralStores):
            return runtime.store.parts.begin_at(place)
        return runtime.store.parts.begin()


def announce_all(
    work: Work, actor: Actor, version_id: str, wanted: list[str | Plan], handles: list[str]
) -> list[File]:
    """Entries that await their bytes: a path's as one body, a plan's in parts, for each of which
    there is a handle. Raises NotFound, Conflict, ValidationFailed.
    """
    draft = files.open_for_files(work, actor, version_id)
    plain = sum(not isinstance(item, Plan) for item in wanted)
    take_room(work, draft.version, files=plain)
    unused, made = iter(handles), []
    for index, item in enumerate(wanted):
        if isinstance(item, Plan):
            made.append(_begin(work, actor, draft, item, next(unused)))
        else:
            made.append(files.announce(work, draft, item, f"/{index}/key"))
    return made


def begin(work: Work, actor: Actor, version_id: str, wanted: Plan, handle: str) -> File:
    """The entry of one file that will come in parts, which the store knows by `handle`."""
    return announce_all(work, actor, version_id, [wanted], [handle])[0]


def _begin(work: Work, actor: Actor, draft: Draft, wanted: Plan, handle: str) -> File:
    version_id = draft.version_id
    upload_rows.check_none(work, version_id, wanted.path)
    file = placing.find_file(work, version_id, wanted.path)
    if file is None:
        take_room(work, draft.version, files=1)
        file = files.announce(work, draft, wanted.path, "/key")
    elif file.committed and not wanted.replace:
        message = N_("There is a file %(path)s already; remove it first.")
        raise Conflict(message, path=wanted.path)
    reserve(work, draft.version, file, wanted.size)
    now = work.clock.now()
    upload = Upload(
        id=secrets.token_hex(16),
        version_id=version_id,
        path=wanted.path,
        user_id=actor.user_id,
        handle=handle,
        size=wanted.size,
        part_size=wanted.part_size,
        parts=wanted.parts,
        sha256=wanted.sha256,
        fingerprint=wanted.fingerprint,
        replace=wanted.replace,
        created_at=now,
        updated_at=now,
    )
    work.session.add(upload)
    work.session.flush()
    return file


def get(work: Work, actor: Actor, version_id: str, path: str) -> Upload:
    """The upload under way for a path. Raises NotFound."""
    get_draft(work, actor, version_id, Action.EDIT)
    upload = upload_rows.find(work, version_id, path, UNDER_WAY)
    if upload is None:
        raise NotFound(N_("Nothing is being uploaded to %(path)s."), path=path)
    return upload


def held(runtime: Runtime, upload: Upload) -> list[Part]:
    """The parts that have arrived whole. Raises Unavailable."""
    with files.store_errors():
        return [
            part
            for part in runtime.store.parts.held(upload.handle)
            if part.number <= upload.parts and part.size == upload.part_length(part.number)
        ]


def receive_part(
    runtime: Runtime,
    actor: Actor,
    version_id: str,
    path: str,
    number: int,
    stream: BinaryIO,
    *,
    length: int | None,
    sha256: str | None = None,
    md5: str | None = None,
) -> None:
    """Take one part, once more if it was there. Raises ValidationFailed, NotFound, Conflict (also
    where the store has lost the upload, which has failed then), InsufficientStorage, Unavailable.
    """
    with runtime.read() as work:
        upload = get(work, actor, version_id, path)
    _check_open(upload)
    _check_number(upload, number)
    expected = upload.part_length(number)
    if length != expected:
        message = N_("Part %(number)s has %(size)s bytes; say so in Content-Length.")
        raise ValidationFailed(message, number=number, size=expected)
    try:
        with files.store_errors():
            runtime.store.parts.put(
                upload.handle, number, stream, size=expected, sha256=sha256, md5=md5
            )
    except SizeMismatch as error:
        raise ValidationFailed(files.ENDED_EARLY) from error
    except Unavailable as error:
        if not isinstance(error.__cause__, NotStored):
            raise
        with runtime.work() as work:
            upload_rows.end(work, upload, UploadState.FAILED, PARTS_LOST, [UploadState.OPEN])
        raise Conflict(PARTS_LOST) from error
    reach("upload.part")


def _check_open(upload: Upload) -> None:
    if upload.state != UploadState.OPEN:
        raise Conflict(N_("The file %(path)s is complete and being checked."), path=upload.path)


def _check_number(upload: Upload, number: int) -> None:
    if not 1 <= number <= upload.parts:
        message = N_("This file has the parts 1 to %(count)s.")
        raise ValidationFailed(message, count=upload.parts)


def address_of(runtime: Runtime, upload: Upload, number: int, md5: str | None = None) -> str | None:
    """Where to send a part without passing through here, for a quarter of an hour; or None."""
    _check_number(upload, number)
    return runtime.store.parts.address(
        upload.handle,
        number,
        size=upload.part_length(number),
        md5=md5,
        seconds=SIGNED_SECONDS,
        now=runtime.clock.now(),
    )


def complete(
    runtime: Runtime, actor: Actor, version_id: str, path: str, *, sha256: str | None = None
) -> None:
    """Make the file of its parts: at once where it is small, else by a job that is asked for.

    Of several that ask at once, one does it; the others see how far it is. Raises Conflict
    (parts are missing), ValidationFailed (the checksum differs: the upload has failed).
    """
    with runtime.read() as work:
        upload = get(work, actor, version_id, path)
    if upload.state == UploadState.FINALISING:
        return
    if sha256 is not None and upload.sha256 not in (None, sha256):
        raise Conflict(N_("Another checksum was announced when the upload began."))
    _check_whole(runtime, upload)
    with runtime.work() as work:
        small = upload.size <= runtime.settings.upload_job_bytes
        values = {"sha256": sha256 or upload.sha256}
        old, new = UploadState.OPEN.value, UploadState.FINALISING.value
        won = upload_rows.move(work, upload.id, old, new, **values)
        if won:
            delay = TAKEN_OVER_AFTER if small else timedelta(0)
            key = f"{FINALISE}:{upload.id}"
            work.enqueue(FINALISE, key, {"upload": upload.id}, delay=delay)
    reach("upload.finalising")
    if won and small:
        _finish_now(runtime, upload)


def _check_whole(runtime: Runtime, upload: Upload) -> None:
    there = {part.number for part in held(runtime, upload)}
    missing = [number for number in range(1, upload.parts + 1) if number not in there]
    if missing:
        named = ", ".join(map(str, missing[:NAMED])) + (" …" if len(missing) > NAMED else "")
        raise Conflict(
            N_("%(path)s: %(count)s parts have not arrived: %(parts)s. Send them and try again."),
            path=upload.path,
            count=len(missing),
            parts=named,
        )


def _finish_now(runtime: Runtime, upload: Upload) -> None:
    """Finish, and say what is wrong. The store being full leaves the upload open; where it does
    not answer, nobody knows how far it came, and the job takes over.
    """
    try:
        finalise(runtime, upload.id)
    except InsufficientStorage:
        with runtime.work() as work:
            finalising, back = UploadState.FINALISING.value, UploadState.OPEN.value
            upload_rows.move(work, upload.id, finalising, back)
        raise
    with runtime.read() as work:
        now = work.session.get(Upload, upload.id)
    if now is not None and now.state == UploadState.FAILED:
        raise ValidationFailed(now.problem)


def finalise(runtime: Runtime, upload_id: str) -> None:
    """Put the parts together, know the SHA-256, and make the file complete. May run twice.

    What cannot be mended ends the upload as failed. Raises InsufficientStorage, Unavailable.
    """
    with runtime.read() as work:
        upload = work.session.get(Upload, upload_id)
    if upload is None or upload.state != UploadState.FINALISING:
        return
    try:
        with files.store_errors():
            stored = _joined(runtime, upload)
    except ValidationFailed as error:
        _fail(runtime, upload, error.message)
        return
    reach("upload.joined")
    try:
        with runtime.work() as work:
            _make_file(work, upload, stored)
            reach("upload.before-commit")
    except (Conflict, ValidationFailed) as error:
        _fail(runtime, upload, str(error))
    reach("upload.done")


def _joined(runtime: Runtime, upload: Upload) -> Stored:
    try:
        return runtime.store.parts.finish(
            upload.handle, upload.parts, size=upload.size, sha256=upload.sha256
        )
    except DigestMismatch as error:
        raise ValidationFailed(WRONG_DIGEST) from error
    except (SizeMismatch, NotStored) as error:
        raise ValidationFailed(PARTS_LOST) from error


def _make_file(work: Work, upload: Upload, stored: Stored) -> None:
    draft = work.session.get(Draft, upload.version_id, with_for_update=True)
    if draft is None or draft.version.state != State.DRAFT:
        raise Conflict(N_("The draft was discarded or published meanwhile."))
    done = UploadState.DONE.value
    if upload_rows.move(work, upload.id, UploadState.FINALISING.value, done):
        existing = placing.find_file(work, upload.version_id, upload.path)
        reserved = existing.reserved if existing is not None else 0
        arrived = placing.Arrived(upload.path, stored, reserved)
        placing.place(work, draft, arrived, replace=upload.replace)
        log(work, upload.user_id, "file.upload", "version", upload.version_id)
        sweep = upload_rows.SWEEP
        work.enqueue(sweep, f"{sweep}:{upload.id}", {"upload": upload.id})


def _fail(runtime: Runtime, upload: Upload, problem: str) -> None:
    with runtime.work() as work:
        upload_rows.end(work, upload, UploadState.FAILED, problem)


def give_up(work: Work, actor: Actor, version_id: str, path: str) -> None:
    """End an upload that is under way, and the entry that awaited it. Raises NotFound."""
    files.open_for_files(work, actor, version_id)
    upload = upload_rows.find(work, version_id, path, UNDER_WAY)
    if upload is None:
        raise NotFound(N_("Nothing is being uploaded to %(path)s."), path=path)
    upload_rows.end(work, upload, UploadState.EXPIRED)
    forget_entry(work, upload)


def forget_entry(work: Work, upload: Upload) -> None:
    """Remove the entry that awaited an upload which has been given up."""
    awaiting = placing.find_file(work, upload.version_id, upload.path)
    if awaiting is not None and not awaiting.committed:
        forget(work, work.session.get_one(Version, upload.version_id), awaiting)


def discard_unused(runtime: Runtime, handles: list[str]) -> None:
    """Give back handles that no row was made for; what fails here is swept a day later."""
    for handle in handles:
        try:
            with files.store_errors():
                runtime.store.parts.discard(handle)
        except RepositoryError:
            return
