"""Readers who follow a record are told of its new versions."""

from collections.abc import Sequence

from sqlalchemy import select

from repository.access.documents import latest_visible
from repository.accounts.identities import actor_of
from repository.accounts.models import User
from repository.accounts.notices import kind, notify
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.discovery.models import Follow

NEW_VERSION = kind("new-version", N_("There is a new version of “%(title)s”."))


def follow(work: Work, user: User, record_id: str) -> None:
    """Raises NotFound where the reader may see no version of the record."""
    latest = latest_visible(work, actor_of(work, user), record_id)
    if latest is None:
        raise NotFound
    if work.session.get(Follow, (user.id, record_id)) is None:
        now = work.clock.now()
        work.session.add(
            Follow(user_id=user.id, record_id=record_id, told=latest.number, created_at=now)
        )


def unfollow(work: Work, user: User, record_id: str) -> None:
    found = work.session.get(Follow, (user.id, record_id))
    if found is not None:
        work.session.delete(found)


def follows(work: Work, user: User, record_id: str) -> bool:
    return work.session.get(Follow, (user.id, record_id)) is not None


def tell_followers(runtime: Runtime, record_ids: Sequence[str]) -> None:
    """Of versions that each may see, once each: `told` moves with the notice."""
    with runtime.read() as work:
        followed = select(Follow.record_id).where(Follow.record_id.in_(record_ids)).distinct()
        records = list(work.session.scalars(followed))
    for record_id in records:
        with runtime.work() as work:
            _tell(work, record_id)


def _tell(work: Work, record_id: str) -> None:
    query = select(Follow, User).join(User, User.id == Follow.user_id)
    query = query.where(Follow.record_id == record_id).with_for_update(of=Follow)
    for follower, user in work.session.execute(query.execution_options(yield_per=500)).tuples():
        latest = latest_visible(work, actor_of(work, user), record_id)
        if latest is None or latest.number <= follower.told:
            continue
        follower.told = latest.number
        title = latest.metadata_json["titles"][0]["title"]
        url = f"/records/{latest.id}"
        notify(work, user, NEW_VERSION, url=url, record_id=record_id, title=title)
