"""Unpacking an archive that is in a draft, in batches; and taking that back.

Each batch and what is noted of it are one transaction, so that a job that was killed goes on where
it was, and undoing knows of everything that was made.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, BinaryIO, cast

from repository.core.errors import NotFound, RepositoryError
from repository.core.failpoints import reach
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit import files, intakes, placing, upload_rows
from repository.deposit.importing.archive import Checking
from repository.deposit.importing.members import Members, members
from repository.deposit.models import UNDER_WAY, Intake, IntakeState, UploadState
from repository.records import quotas
from repository.records.models import File, Version
from storage.base import Stored

LOOK_SOON, LOOK_LATER = 2, 20  # seconds
BATCH = 100
BATCH_BYTES = 256 << 20


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
        with runtime.work() as work:
            _finish(work, intake.id)
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
    made = {entry[0] for entry in intake.result.get("made", ())}
    with runtime.work() as work:
        version = work.session.get_one(Version, intake.version_id)
        left = {path: size for path, size in found.sizes.items() if _at(intake, path) not in made}
        quotas.check_fits(work, version.record, sum(left.values()))
        work.session.get_one(Intake, intake.id).total_bytes = sum(found.sizes.values())
    batch: list[tuple[str, Stored]] = []
    for path in left:
        with found.open(path) as member:
            checked = cast("BinaryIO", Checking(member, path, {}))
            stored = files.receive(runtime, checked, version_id=intake.version_id)
        batch.append((_at(intake, path), stored))
        if len(batch) >= BATCH or sum(each.size for _path, each in batch) >= BATCH_BYTES:
            _place(runtime, intake, batch)
            batch = []
    _place(runtime, intake, batch)


def _at(intake: Intake, path: str) -> str:
    return f"{intake.path}/{path}" if intake.path else path


def _place(runtime: Runtime, intake: Intake, batch: list[tuple[str, Stored]]) -> None:
    with runtime.work() as work:
        row = work.session.get(Intake, intake.id, with_for_update=True)
        if row is None:  # dismissed meanwhile
            raise NotFound
        result: dict[str, list[Any]] = {
            name: list(row.result.get(name, ())) for name in ("made", "skipped", "replaced")
        }
        draft = files.open_for_files_of(work, row.version_id)
        for path, stored in batch:
            there = placing.find_file(work, row.version_id, path)
            if there is not None and (not row.replace or path == row.source):
                result["skipped"].append(path)
            else:
                if there is not None:
                    result["replaced"].append(intakes.kept(there))
                file = placing.place(work, draft, placing.Arrived(path, stored), replace=True)
                result["made"].append(intakes.kept(file))
        row.result = row.result | result
        row.done_bytes += sum(stored.size for _path, stored in batch)
        row.updated_at = work.clock.now()
    reach("unpack.batch")


def _finish(work: Work, intake_id: str) -> None:
    intake = work.session.get(Intake, intake_id)
    if intake is None:
        return
    if not intake.keep:
        draft = files.open_for_files_of(work, intake.version_id)
        archive = placing.find_file(work, intake.version_id, intake.source)
        if archive is not None:
            intake.result = intake.result | {"removed": [intakes.kept(archive)]}
            files.take_out(work, draft, archive)
    intake.state, intake.updated_at = IntakeState.DONE.value, work.clock.now()


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
    made = intake.result.get("made", [])
    back = [*intake.result.get("replaced", []), *intake.result.get("removed", [])]
    for start in range(0, len(made), BATCH):
        with runtime.work() as work:
            draft = files.open_for_files_of(work, intake.version_id)
            for entry in made[start : start + BATCH]:
                file = placing.find_file(work, intake.version_id, entry[0])
                if file is not None and intakes.kept(file) == entry and entry not in back:
                    files.take_out(work, draft, file)
    for start in range(0, len(back), BATCH):
        with runtime.work() as work:
            draft = files.open_for_files_of(work, intake.version_id)
            for path, sha256, size in back[start : start + BATCH]:
                if placing.find_file(work, intake.version_id, path) is None:
                    files.put_back(work, draft, path, Stored(sha256, size))
