"""What is wrong between files and the store, one clear line each; see `repository doctor`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func, select

from repository.core.clamd import Clamd
from repository.core.errors import Unavailable
from repository.core.runtime import Runtime
from repository.deposit import jobs
from repository.deposit.models import Upload, UploadState
from repository.records.models import Content, File
from storage.base import NotStored, StorageError

BATCH = 500
LATE = timedelta(days=1)


def problems(runtime: Runtime) -> Iterator[str]:
    """Objects without rows, rows without objects, and uploads that neither end nor go on.

    Lists the store once, and holds one batch of it at a time.
    """
    try:
        yield from _of_contents(runtime)
        if left := jobs.orphans(runtime):
            yield f"Files: {len(left)} uploads in the store have no row; they are swept hourly."
    except StorageError as error:
        yield f"Files: the store could not be compared with the database: {error}"
    with runtime.read() as work:
        then = work.clock.now() - LATE
        waiting = select(func.count()).where(
            Upload.state == UploadState.FINALISING, Upload.updated_at < then
        )
        if count := work.session.scalar(waiting):
            yield f"Files: {count} uploads have been finalising for more than a day."
    yield from _of_scanner(runtime)


def _of_scanner(runtime: Runtime) -> Iterator[str]:
    if runtime.settings.clamd:
        try:
            Clamd(runtime.settings.clamd, seconds=10).ping()
        except Unavailable as error:
            yield f"Files: {error}"
    with runtime.read() as work:
        found = select(func.count()).select_from(File).where(File.quarantined)
        if count := work.session.scalar(found):
            yield f"Files: malware was found in {count}; repository scan list tells in which."


def _of_contents(runtime: Runtime) -> Iterator[str]:
    then = runtime.clock.now() - LATE
    with runtime.read() as work:
        expected = work.session.scalar(select(func.count()).select_from(Content)) or 0
    found, orphans = 0, 0
    listed = runtime.store.digests()
    while batch := set(islice(listed, BATCH)):
        with runtime.read() as work:
            query = select(Content.sha256).where(Content.sha256.in_(batch))
            known = set(work.session.scalars(query))
        found += len(known)
        orphans += sum(_written_before(runtime, digest, then) for digest in batch - known)
    if found < expected:
        yield (
            f"Files: {expected - found} contents are not in the store; "
            "repository fixity tells which."
        )
    if orphans:
        yield f"Files: {orphans} objects in the store belong to no file."


def _written_before(runtime: Runtime, digest: str, then: datetime) -> bool:
    try:
        return runtime.store.written_at(digest) < then
    except NotStored:  # removed since it was listed
        return False
