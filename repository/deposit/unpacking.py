"""Unpacking an archive that is in a draft, in batches; and taking that back.

Each batch and what is noted of it are one transaction, so that a job that was killed, or let others
have their turn, goes on where it was, and undoing knows of everything that was made.
"""

import io
import tempfile
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any, BinaryIO, cast

from sqlalchemy import select

from repository.core.errors import NotFound, RepositoryError
from repository.core.failpoints import reach
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit import files, intakes, placing, upload_rows
from repository.deposit.importing.archive import Checking
from repository.deposit.importing.members import Members, members
from repository.deposit.models import UNDER_WAY, Intake, IntakeEntry, IntakeState, UploadState
from repository.deposit.placing import Arrived
from repository.deposit.room import check_count, forget
from repository.records import quotas
from repository.records.models import Draft, File, Version
from storage.base import Stored

LOOK_SOON, LOOK_LATER = 2, 20  # seconds
BATCH = 250
BATCH_BYTES = 256 << 20
SLICE_SECONDS = 20  # then other jobs that somebody waits for have their turn
TOLD = 100
WRITERS, SMALL = 8, 1 << 20


@handler(intakes.UNPACK, lane=Lane.FILES)
def unpack(runtime: Runtime, payload: dict[str, Any]) -> None:
    with runtime.read() as work:
        intake = work.session.get(Intake, payload["intake"])
        file = placing.find_file(work, intake.version_id, intake.source) if intake else None
        if intake is None or intake.state != IntakeState.WAITING:
            return
        _await_arrival(work, intake, file)
    try:
        if file is None or file.sha256 is None or not file.committed or file.quarantined:
            raise NotFound(files.NO_FILE, path=intake.source)
        with (
            files.store_errors(),
            _opened(runtime, file.sha256) as stream,
            members(stream) as found,
        ):
            _take_all(runtime, intake, found)
    except RepositoryError as error:
        if error.status in (503, 507):
            raise
        with runtime.work() as work:
            intakes.fail(work, intake.id, error)


def _await_arrival(work: Work, intake: Intake, file: File | None) -> None:
    """Raises RetryLater while the archive is being uploaded, for as long as an upload may take."""
    upload = upload_rows.find(work, intake.version_id, intake.source, UNDER_WAY)
    awaited = upload is not None or (file is not None and not file.committed)
    begun = upload.updated_at if upload is not None else intake.created_at
    if awaited and work.clock.now() - begun < timedelta(days=work.settings.upload_days):
        finalising = upload is not None and upload.state == UploadState.FINALISING
        raise RetryLater(LOOK_SOON if finalising else LOOK_LATER, "the archive is arriving")


@contextmanager
def _opened(runtime: Runtime, sha256: str) -> Iterator[BinaryIO]:
    """The archive as a file that can be read anywhere: a remote one is copied first."""
    path = runtime.store.local_path(sha256)
    if path is not None and path.exists():
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile(dir=runtime.settings.data_dir) as copy:
        for chunk in runtime.store.read(sha256):
            copy.write(chunk)
        copy.seek(0)
        yield cast("BinaryIO", copy)


def _take_all(runtime: Runtime, intake: Intake, found: Members) -> None:
    with runtime.work() as work:
        done = intakes.paths_done(work, intake.id)
        left = {path: size for path, size in found.sizes.items() if _at(intake, path) not in done}
        _check_room(work, intake, left)
        row = work.session.get_one(Intake, intake.id)
        row.total_bytes = sum(found.sizes.values())
        row.result = row.result | {"total": len(found.sizes)}
    batch: list[Arrived] = []
    deadline = time.monotonic() + SLICE_SECONDS
    with closing(_received(runtime, intake, found, left)) as received:
        for arrived in received:
            if len(batch) >= BATCH or sum(each.stored.size for each in batch) >= BATCH_BYTES:
                _place(runtime, intake, batch)
                if time.monotonic() >= deadline:
                    raise RetryLater(0, "more to unpack, after the others")
                batch = []
            batch.append(arrived)
    _place(runtime, intake, batch, last=True)


def _received(
    runtime: Runtime, intake: Intake, found: Members, paths: Iterable[str]
) -> Generator[Arrived, None, None]:
    """Store the members. The archive is read by one thread; small ones are written by several, as
    each waits for the disk or for a server.
    """

    def receive(stream: BinaryIO) -> Stored:
        return files.receive(runtime, stream, version_id=intake.version_id)

    under_way: deque[tuple[str, Future[Stored]]] = deque()
    with ThreadPoolExecutor(WRITERS) as pool:
        for path in paths:
            with found.open(path) as member:
                checked = cast("BinaryIO", Checking(member, path, {}))
                if found.sizes[path] <= SMALL:
                    whole = b"".join(iter(checked.read, b""))
                    under_way.append((_at(intake, path), pool.submit(receive, io.BytesIO(whole))))
                else:
                    under_way.append((_at(intake, path), pool.submit(receive, checked)))
                    wait([under_way[-1][1]])
            if len(under_way) >= 2 * WRITERS:
                where, stored = under_way.popleft()
                yield Arrived(where, stored.result())
        for where, stored in under_way:
            yield Arrived(where, stored.result())


def _at(intake: Intake, path: str) -> str:
    return f"{intake.path}/{path}" if intake.path else path


def _check_room(work: Work, intake: Intake, left: Mapping[str, int]) -> None:
    """Raises QuotaExceeded, ValidationFailed before anything is made."""
    version = work.session.get_one(Version, intake.version_id)
    quotas.check_fits(work, version.record, sum(left.values()))
    there = select(File.path).where(File.version_id == version.id)
    new = {_at(intake, path) for path in left}.difference(work.session.scalars(there))
    check_count(work, version, len(new) - (not intake.keep))


def _place(runtime: Runtime, intake: Intake, batch: list[Arrived], *, last: bool = False) -> None:
    """One transaction; the last one also ends it, and takes the archive out before its files come:
    there may be room for either alone.
    """
    with runtime.work() as work:
        row = work.session.get(Intake, intake.id, with_for_update=True)
        if row is None:  # dismissed meanwhile
            raise NotFound
        draft = files.open_for_files_of(work, row.version_id)
        there = placing.find_files(work, row.version_id, [each.path for each in batch])
        skipped = [path for path in there if not row.replace or path == row.source]
        if last:
            _end(work, row, draft)
        wanted = [each for each in batch if each.path not in skipped]
        replaced = {path: file for path, file in there.items() if path not in skipped}
        _note(work, row, wanted, replaced, skipped)
        placing.place_new(work, draft, wanted, list(replaced.values()))
        row.done_bytes += sum(each.stored.size for each in batch)
        row.updated_at = work.clock.now()
    reach("unpack.batch")


def _note(
    work: Work,
    row: Intake,
    made: list[Arrived],
    replaced: Mapping[str, File],
    skipped: list[str],
) -> None:
    for each in made:
        entry = IntakeEntry(intake_id=row.id, path=each.path)
        entry.sha256, entry.size = each.stored.sha256, each.stored.size
        if each.path in replaced:
            entry.was, entry.was_size = replaced[each.path].sha256, replaced[each.path].size
        work.session.add(entry)
    work.session.add_all(IntakeEntry(intake_id=row.id, path=path) for path in skipped)
    known = row.result
    row.result = known | {
        "made": known.get("made", 0) + len(made),
        "left": known.get("left", 0) + len(skipped),
        "skipped": [*known.get("skipped", ()), *skipped][:TOLD],
    }


def _end(work: Work, row: Intake, draft: Draft) -> None:
    archive = placing.find_file(work, row.version_id, row.source)
    if not row.keep and archive is not None:
        row.result = row.result | {"removed": [intakes.kept(archive)]}
        files.take_out(work, draft, archive)
    row.state = IntakeState.DONE.value


@handler(intakes.UNDO, lane=Lane.FILES)
def undo(runtime: Runtime, payload: dict[str, Any]) -> None:
    """Files that were changed since are left as they are."""
    with runtime.read() as work:
        intake = work.session.get(Intake, payload["intake"])
    if intake is None or intake.state != IntakeState.UNDOING:
        return
    try:
        _take_back(runtime, intake)
    except RepositoryError as error:
        if error.status in (503, 507):
            raise
        with runtime.work() as work:
            intakes.fail(work, intake.id, error)
        return
    with runtime.work() as work:
        row = work.session.get(Intake, intake.id)
        if row is not None:
            work.session.delete(row)


def _take_back(runtime: Runtime, intake: Intake) -> None:
    for batch in _entries(runtime, intake):
        with runtime.work() as work:
            draft = files.open_for_files_of(work, intake.version_id)
            there = placing.find_files(work, intake.version_id, [each.path for each in batch])
            gone = [
                there[each.path]
                for each in batch
                if each.path in there and _is_to_go(each, there[each.path])
            ]
            forget(work, draft.version, *gone)
    for batch in _entries(runtime, intake):
        back = [(each.path, Stored(each.was, each.was_size)) for each in batch if each.was]
        _put_back(runtime, intake, back)
    archive = intake.result.get("removed", [])
    _put_back(runtime, intake, [(path, Stored(sha256, size)) for path, sha256, size in archive])


def _is_to_go(entry: IntakeEntry, file: File) -> bool:
    """What was made and is there as it was made, unless the very same bytes were there before."""
    made = (entry.sha256, entry.size)
    return made == (file.sha256, file.size) and made != (entry.was, entry.was_size)


def _put_back(runtime: Runtime, intake: Intake, back: list[tuple[str, Stored]]) -> None:
    if not back:
        return
    with runtime.work() as work:
        draft = files.open_for_files_of(work, intake.version_id)
        for path, stored in back:
            if placing.find_file(work, intake.version_id, path) is None:
                files.put_back(work, draft, path, stored)


def _entries(runtime: Runtime, intake: Intake) -> Iterator[Sequence[IntakeEntry]]:
    after = ""
    while True:
        with runtime.read() as work:
            batch = intakes.entries(work, intake.id, after, BATCH)
        if not batch:
            return
        yield batch
        after = batch[-1].path
