"""What follows when a collection changes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from repository.core import jobs
from repository.core.runtime import Runtime
from repository.curation import arrivals, reviews
from repository.records.collections import Collection, CollectionRecord

BATCH = 1000


@jobs.handler("curation.remind", every=timedelta(hours=6))
def remind(runtime: Runtime, _payload: dict[str, Any]) -> None:
    with runtime.work() as work:
        reviews.remind(work)


@jobs.handler("curation.arrivals", every=timedelta(hours=1))
def tell_arrivals(runtime: Runtime, _payload: dict[str, Any]) -> None:
    arrivals.tell(runtime)


@jobs.handler("curation.tell")
def tell(runtime: Runtime, payload: dict[str, Any]) -> None:
    """Tell the change feed of every record in a collection and below it: its name, or where it
    stands, is shown with them.
    """
    below = [payload["collection"]]
    seen: set[int] = set()
    while below:
        current = below.pop()
        if current in seen:
            continue
        seen.add(current)
        _tell(runtime, current)
        with runtime.read() as work:
            children = select(Collection.id).where(Collection.parent_id == current)
            below += list(work.session.scalars(children))


def _tell(runtime: Runtime, collection: int) -> None:
    after = ""
    while True:
        with runtime.work() as work:
            query = (
                select(CollectionRecord.record_id)
                .where(
                    CollectionRecord.collection_id == collection, CollectionRecord.record_id > after
                )
                .order_by(CollectionRecord.record_id)
                .limit(BATCH)
            )
            batch = list(work.session.scalars(query))
            for record in batch:
                work.changed(record)
        if len(batch) < BATCH:
            return
        after = batch[-1]
