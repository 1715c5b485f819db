"""Jobs of uploads: finish them, sweep what they leave in the store, give up those nobody sends."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from repository.core.jobs import Lane, handler
from repository.core.runtime import Runtime
from repository.deposit import fetching, unpacking, upload_rows, uploads
from repository.deposit.models import UNDER_WAY, Upload, UploadState

__all__ = ["fetching", "unpacking"]
BATCH = 200
ORPHANED_AFTER = timedelta(days=1)
STUCK_AFTER = timedelta(hours=1)


@handler(uploads.FINALISE, lane=Lane.FILES)
def finalise(runtime: Runtime, payload: dict[str, Any]) -> None:
    uploads.finalise(runtime, payload["upload"])


@handler(upload_rows.SWEEP)
def discard(runtime: Runtime, payload: dict[str, Any]) -> None:
    """Free what an upload that has ended takes in the store."""
    with runtime.read() as work:
        upload = work.session.get(Upload, payload["upload"])
    if upload is None or upload.discarded or upload.state in UNDER_WAY:
        return
    runtime.store.parts.discard(upload.handle)
    with runtime.work() as work:
        work.session.get_one(Upload, upload.id).discarded = True


@handler("uploads.sweep", every=timedelta(hours=1))
def sweep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """End what nobody has sent a part of for days, take up what a dead server left, forget what is
    over, and free what the store holds of uploads that have no row.
    """
    _expire(runtime)
    with runtime.work() as work:
        stuck = work.clock.now() - STUCK_AFTER
        query = select(Upload).where(
            Upload.state == UploadState.FINALISING, Upload.updated_at < stuck
        )
        for upload in work.session.scalars(query.limit(BATCH)):
            key = f"{uploads.FINALISE}:{upload.id}"
            work.enqueue(uploads.FINALISE, key, {"upload": upload.id})
        kept = work.clock.now() - timedelta(days=runtime.settings.upload_days)
        over = Upload.discarded & (Upload.updated_at < kept)
        work.session.execute(delete(Upload).where(over))
    for handle in orphans(runtime):
        runtime.store.parts.discard(handle)


def _expire(runtime: Runtime) -> None:
    then = runtime.clock.now() - timedelta(days=runtime.settings.upload_days)
    with runtime.read() as work:
        silent = upload_rows.silent_since(work, then, BATCH)
    for upload in silent:
        newest = max((part.at for part in runtime.store.parts.held(upload.handle)), default=then)
        with runtime.work() as work:
            if newest > then:
                work.session.get_one(Upload, upload.id).updated_at = newest
            elif upload_rows.end(work, upload, UploadState.EXPIRED):
                uploads.forget_entry(work, upload)


def orphans(runtime: Runtime) -> list[str]:
    """Handles of uploads in the store, more than a day old, that no row needs."""
    then = runtime.clock.now() - ORPHANED_AFTER
    old = [handle for handle, at in runtime.store.parts.begun() if at < then][:BATCH]
    with runtime.read() as work:
        names = {handle.partition("/")[0] for handle in old}
        needed = select(Upload.handle).where(~Upload.discarded)
        known = {handle.partition("/")[0] for handle in work.session.scalars(needed)}
    return [handle for handle in old if handle.partition("/")[0] in names - known]
