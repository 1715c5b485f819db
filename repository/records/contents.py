"""The row that stands for bytes in the store."""

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
