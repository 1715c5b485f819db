"""The row that stands for bytes in the store."""

from repository.core.copies import Copy
from repository.core.work import Work
from repository.records.models import Content
from storage.base import Stored


def ensure_content(work: Work, stored: Stored) -> None:
    """Before anything points at bytes that have just come into the store, or were there."""
    if work.session.get(Content, stored.sha256) is None:
        work.lock(f"content:{stored.sha256}")
        work.session.expire_all()
        if work.session.get(Content, stored.sha256) is None:
            work.session.add(
                Content(
                    sha256=stored.sha256,
                    size=stored.size,
                    crc32=stored.crc32,
                    created_at=work.clock.now(),
                )
            )
            work.session.flush()
    if stored.place:
        _note_copy(work, stored)


def _note_copy(work: Work, stored: Stored) -> None:
    """With several stores. A copy that was to go stays, now that something points at it again."""
    copy = work.session.get(Copy, (stored.sha256, stored.place))
    if copy is not None:
        copy.drop_at = None
        return
    now = work.clock.now()
    work.session.add(Copy(sha256=stored.sha256, place=stored.place, created_at=now))
    work.session.flush()
