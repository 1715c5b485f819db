"""Curators learn of records that came into their collection without a review: once an hour, and
all of that hour in one message.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update

from repository.access.documents import title_for
from repository.accounts.models import Actor, User
from repository.accounts.notices import notify
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.curation import notices
from repository.curation.roles import curators_of
from repository.records.collections import Collection, CollectionRecord
from repository.records.models import Record

COLLECTIONS, TITLES = 200, 20


def tell(runtime: Runtime) -> int:
    """Of how many records; drafts wait until they are published. What is told is marked in the same
    transaction, so that a second run has nothing to tell.
    """
    with runtime.read() as work:
        query = select(CollectionRecord.collection_id).where(*_unseen()).distinct()
        waiting = work.session.scalars(query.limit(COLLECTIONS)).all()
    told = 0
    for collection_id in waiting:
        with runtime.work() as work:
            told += _tell(work, collection_id)
    return told


def _unseen() -> tuple[ColumnElement[bool], ...]:
    published = select(Record.id).where(Record.latest_id.is_not(None))
    return CollectionRecord.unseen.is_(True), CollectionRecord.record_id.in_(published)


def _tell(work: Work, collection_id: int) -> int:
    marked = (
        update(CollectionRecord)
        .where(CollectionRecord.collection_id == collection_id, *_unseen())
        .values(unseen=False)
        .returning(CollectionRecord.record_id, CollectionRecord.added_by)
    )
    came = sorted(work.session.execute(marked).tuples())
    collection = work.session.get(Collection, collection_id)
    if not came or collection is None:
        return 0
    for user_id in curators_of(work, collection):
        user = work.session.get(User, user_id)
        theirs = [record_id for record_id, added_by in came if added_by != user_id]
        if user is not None and theirs:
            _tell_one(work, user, collection, theirs)
    return len(came)


def _tell_one(work: Work, user: User, collection: Collection, records: Sequence[str]) -> None:
    """By the titles that `user` may see."""
    locale = user.locale or work.settings.default_locale
    titles = [title_for(work, Actor.of(user), each, locale) or "" for each in records[:TITLES]]
    name = collection.title(locale)
    if len(records) == 1:
        url = f"/records/{records[0]}"
        notify(
            work,
            user,
            notices.ARRIVED,
            url=url,
            record_id=records[0],
            title=titles[0],
            collection=name,
        )
        return
    said = "\n".join(filter(None, titles))
    url = f"/collections/{collection.slug}"
    count = len(records)
    notify(work, user, notices.ARRIVALS, url=url, said=said, collection=name, count=count)
