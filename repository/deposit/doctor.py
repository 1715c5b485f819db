"""What is wrong between files and the store, one clear line each; see `repository doctor`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func, select

from repository.core.clamd import Clamd
from repository.core.copies import Copy
from repository.core.errors import Unavailable
from repository.core.runtime import Runtime
from repository.deposit import jobs
from repository.deposit.models import Upload, UploadState
from repository.records.models import Content, File
from storage.base import NotStored, ObjectStore, StorageError

BATCH = 500
LATE = timedelta(days=1)


def problems(runtime: Runtime) -> Iterator[str]:
    """Objects without rows, rows without objects, and uploads that neither end nor go on.

    Lists each store once, and holds one batch of it at a time.
    """
    yield from _of_contents(runtime)
    try:
        if left := jobs.orphans(runtime):
            yield f"Files: {len(left)} uploads in the store have no row; they are swept hourly."
    except StorageError as error:
        yield f"Files: what the store still receives could not be listed: {error}"
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
    for place, store in runtime.stores.items():
        try:
            yield from _of_store(runtime, place, store)
        except StorageError as error:
            yield f"Files: the {place} could not be compared with the database: {error}"


def _of_store(runtime: Runtime, place: str, store: ObjectStore) -> Iterator[str]:
    """With one store, every content is expected there; else those that have a copy there."""
    then = runtime.clock.now() - LATE
    alone = len(runtime.stores) == 1
    there = select(Content.sha256) if alone else select(Copy.sha256).where(Copy.place == place)
    with runtime.read() as work:
        expected = work.session.scalar(select(func.count()).select_from(there.subquery())) or 0
    found, orphans = 0, 0
    listed = store.digests()
    digest = there.selected_columns[0]
    while batch := set(islice(listed, BATCH)):
        with runtime.read() as work:
            known = set(work.session.scalars(there.where(digest.in_(batch))))
        found += len(known)
        orphans += sum(_written_before(store, each, then) for each in batch - known)
    if found < expected:
        yield (
            f"Files: {expected - found} contents are not in the {place}; "
            "repository fixity tells which."
        )
    if orphans:
        yield f"Files: {orphans} objects in the {place} belong to no file."


def _written_before(store: ObjectStore, digest: str, then: datetime) -> bool:
    try:
        return store.written_at(digest) < then
    except NotStored:  # removed since it was listed
        return False
