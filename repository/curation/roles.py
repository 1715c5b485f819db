"""What a person may do with a collection."""

from sqlalchemy import select

from repository.accounts.models import Actor, Scope
from repository.core.errors import Forbidden
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.collections import Collection, CollectionMember, CollectionRole

MOST_TOLD = 100  # people, of one step
NOT_YOURS = N_("This is for those who look after the collection.")


def role_in(work: Work, actor: Actor, collection: Collection) -> CollectionRole | None:
    """The role of `actor`; curators and administrators of the repository manage everything."""
    if actor.user_id is None or not actor.scopes:
        return None
    if actor.is_curator:
        return CollectionRole.MANAGER
    query = select(CollectionMember.role).where(
        CollectionMember.collection_id == collection.id, CollectionMember.user_id == actor.user_id
    )
    found = work.session.scalar(query)
    return CollectionRole(found) if found else None


def has_role(work: Work, actor: Actor, collection: Collection, least: CollectionRole) -> bool:
    role = role_in(work, actor, collection)
    return role is not None and role.value in least.and_above


def require_role(work: Work, actor: Actor, collection: Collection, least: CollectionRole) -> None:
    """Raises Forbidden, also for a token that may not write."""
    if Scope.WRITE not in actor.scopes or not has_role(work, actor, collection, least):
        raise Forbidden(NOT_YOURS)


def curators_of(work: Work, collection: Collection) -> list[int]:
    """Ids of those of its members who are told what happens to it, the first of them."""
    query = select(CollectionMember.user_id).where(
        CollectionMember.collection_id == collection.id,
        CollectionMember.role.in_(CollectionRole.CURATOR.and_above),
    )
    return list(work.session.scalars(query.order_by(CollectionMember.id).limit(MOST_TOLD)))


def may_create(actor: Actor) -> bool:
    return actor.is_curator and Scope.WRITE in actor.scopes
