"""What the rows of contents are to know of their bytes, where it did not come with them."""

import zlib
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select, tuple_, update

from repository.core.jobs import Lane, handler
from repository.core.runtime import Runtime
from repository.core.settings import GIB
from repository.records.models import Content, Quota, Scope
from repository.records.quotas import Holder, recount
from storage.base import NotStored, ObjectStore

BYTES_AT_A_TIME = 4 * GIB
BATCH = 500
log = structlog.get_logger(__name__)


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


@handler("quotas.recount", every=timedelta(days=1), lane=Lane.UPKEEP)
def recount_quotas(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Put counters right that a moved collection, or a fault of ours, left wrong."""
    after = ("", "")
    while True:
        with runtime.read() as work:
            place = tuple_(Quota.scope, Quota.key)
            query = select(Quota.scope, Quota.key).where(place > after)
            query = query.order_by(Quota.scope, Quota.key).limit(BATCH)
            found = list(work.session.execute(query).tuples())
        for scope, key in found:
            with runtime.work() as work:
                if recount(work, Holder(Scope(scope), key)):
                    log.warning("quota recounted", scope=scope, key=key)
        if len(found) < BATCH:
            return
        after = found[-1]
