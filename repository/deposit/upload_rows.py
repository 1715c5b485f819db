"""Rows of uploads: find them, and give them up. What the store holds is swept by jobs."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update

from repository.core.errors import Conflict
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit.models import UNDER_WAY, Upload, UploadState
from repository.deposit.room import release

SWEEP = "uploads.discard"
MAX_LISTED = 200


def find(work: Work, version_id: str, path: str, states: Iterable[str]) -> Upload | None:
    """The newest upload of a path that is in one of `states`."""
    return work.session.scalar(
        select(Upload)
        .where(Upload.version_id == version_id, Upload.path == path, Upload.state.in_(states))
        .order_by(Upload.created_at.desc())
        .limit(1)
    )


def under_way(work: Work, version_id: str, paths: Sequence[str] | None = None) -> list[Upload]:
    """Uploads of a draft that have not ended: of `paths`, or the first so many of all."""
    query = select(Upload).where(Upload.version_id == version_id, Upload.state.in_(UNDER_WAY))
    if paths is not None:
        query = query.where(Upload.path.in_(paths))
    return list(work.session.scalars(query.order_by(Upload.path).limit(MAX_LISTED)))


def check_none(work: Work, version_id: str, path: str) -> None:
    """Raises Conflict while the file at `path` arrives in parts."""
    if find(work, version_id, path, UNDER_WAY) is not None:
        raise Conflict(
            N_("The file %(path)s is being uploaded in parts; finish that or give it up first."),
            path=path,
        )


def move(work: Work, upload_id: str, old: str, new: str, **values: object) -> bool:
    """Compare and set the state; whether it was ours to set."""
    moved = work.session.execute(
        update(Upload)
        .where(Upload.id == upload_id, Upload.state == old)
        .values(state=new, updated_at=work.clock.now(), **values)
        .returning(Upload.id)
    )
    return moved.one_or_none() is not None


def end(
    work: Work,
    upload: Upload,
    state: UploadState,
    problem: str | None = None,
    before: Sequence[str] = UNDER_WAY,
) -> bool:
    """Bring an upload in one of the states `before` to its end, and have its parts swept."""
    for old in before:
        if move(work, upload.id, old, state.value, problem=problem):
            release(work, upload.version_id, upload.path)
            work.enqueue(SWEEP, f"{SWEEP}:{upload.id}", {"upload": upload.id})
            return True
    return False


def abandon(work: Work, version_id: str, path: str | None = None) -> None:
    """Give up what is under way for a draft, or for one path of it."""
    query = select(Upload).where(Upload.version_id == version_id, Upload.state.in_(UNDER_WAY))
    if path is not None:
        query = query.where(Upload.path == path)
    for upload in work.session.scalars(query):
        end(work, upload, UploadState.EXPIRED)


def silent_since(work: Work, then: datetime, limit: int) -> list[Upload]:
    """Open uploads whose rows were last touched before `then`."""
    query = select(Upload).where(Upload.state == UploadState.OPEN, Upload.updated_at < then)
    return list(work.session.scalars(query.order_by(Upload.updated_at).limit(limit)))
