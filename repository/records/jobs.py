"""What the rows of contents are to know of their bytes, where it did not come with them."""

import zlib
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from repository.core.jobs import Lane, handler
from repository.core.runtime import Runtime
from repository.core.settings import GIB
from repository.records.models import Content
from storage.base import NotStored, ObjectStore

BYTES_AT_A_TIME = 4 * GIB


@handler("contents.crc32", every=timedelta(hours=1), lane=Lane.UPKEEP)
def compute_crc32(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Read contents without a CRC-32: those from before it was kept, or assembled elsewhere.

    At most about BYTES_AT_A_TIME in one run; the next one goes on. Bytes that are gone are left
    to the fixity check.
    """
    after, read = "", 0
    while read <= BYTES_AT_A_TIME:
        with runtime.read() as work:
            query = (
                select(Content.sha256, Content.size)
                .where(Content.crc32.is_(None), Content.sha256 > after)
                .order_by(Content.sha256)
                .limit(1)
            )
            found = work.session.execute(query).one_or_none()
        if found is None:
            return
        after, size = found
        read += size
        try:
            crc = _crc32(runtime.store, after, size)
        except NotStored:
            continue
        with runtime.work() as work:
            work.session.execute(update(Content).where(Content.sha256 == after).values(crc32=crc))


def _crc32(store: ObjectStore, sha256: str, size: int) -> int:
    crc = 0
    for chunk in store.read(sha256) if size else ():
        crc = zlib.crc32(chunk, crc)
    return crc
