"""Which collections records are in, for whoever shows or indexes them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from repository.records.collections import Collection, CollectionRecord

MAX_LEVELS = 10


def placements(
    session: Session, record_ids: Sequence[str]
) -> dict[str, list[tuple[Collection, bool]]]:
    """For each record its collections, and those above them; True with those it was put into.

    A record of a collection counts as one of the institution above, so that a harvest or a search
    of the institution finds it.
    """
    query = (
        select(CollectionRecord.record_id, Collection)
        .join(Collection, Collection.id == CollectionRecord.collection_id)
        .where(CollectionRecord.record_id.in_(record_ids))
        .order_by(CollectionRecord.record_id, Collection.slug)
    )
    direct: dict[str, list[Collection]] = {record: [] for record in record_ids}
    for record, collection in session.execute(query):
        direct[record].append(collection)
    above = _above(session, [each for found in direct.values() for each in found])
    return {record: _with_those_above(found, above) for record, found in direct.items()}


def _above(session: Session, collections: Sequence[Collection]) -> dict[int, Collection]:
    """By id, every collection that lies above one of these."""
    known: dict[int, Collection] = {}
    wanted = {each.parent_id for each in collections if each.parent_id}
    for _level in range(MAX_LEVELS):
        if not wanted:
            break
        found = session.scalars(select(Collection).where(Collection.id.in_(wanted))).all()
        known |= {each.id: each for each in found}
        wanted = {each.parent_id for each in found if each.parent_id} - known.keys()
    return known


def _with_those_above(
    direct: Sequence[Collection], above: dict[int, Collection]
) -> list[tuple[Collection, bool]]:
    found = {each.id: (each, True) for each in direct}
    for each in direct:
        parent = above.get(each.parent_id or 0)
        while parent is not None and parent.id not in found:
            found[parent.id] = (parent, False)
            parent = above.get(parent.parent_id or 0)
    return list(found.values())


def below(session: Session, collection: Collection) -> list[int]:
    """The ids of a collection and of all that lie within it."""
    known, waiting = {collection.id}, [collection.id]
    for _level in range(MAX_LEVELS):
        query = select(Collection.id).where(Collection.parent_id.in_(waiting))
        waiting = [each for each in session.scalars(query) if each not in known]
        if not waiting:
            break
        known.update(waiting)
    return sorted(known)
