"""The people of a collection and their roles."""

from dataclasses import dataclass

from sqlalchemy import func, select

from repository.accounts import services as accounts
from repository.accounts.models import Actor, User
from repository.audit.services import log
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import rules
from repository.curation.roles import require_role
from repository.records.collections import Collection, CollectionMember, CollectionRole

MAX_MEMBERS = 5000
NOBODY = N_("Nobody with this address has an account here; ask them to register first.")


@dataclass(frozen=True)
class Member:
    membership: CollectionMember
    user: User


def members_of(
    work: Work, actor: Actor, collection: Collection, *, offset: int = 0, limit: int = 50
) -> tuple[list[Member], int]:
    """By name, and how many there are; for those who look after the collection."""
    require_role(work, actor, collection, CollectionRole.CURATOR)
    mine = CollectionMember.collection_id == collection.id
    total = work.session.scalar(select(func.count()).select_from(CollectionMember).where(mine))
    query = (
        select(CollectionMember, User)
        .join(User, User.id == CollectionMember.user_id)
        .where(mine)
        .order_by(User.name, User.id)
        .offset(offset)
        .limit(limit)
    )
    return [
        Member(membership, user) for membership, user in work.session.execute(query)
    ], total or 0


def set_member(
    work: Work, actor: Actor, collection: Collection, *, email: str, role: str
) -> Member:
    """Make the user with this address a member, or give them another role.

    Raises Forbidden, ValidationFailed.
    """
    require_role(work, actor, collection, CollectionRole.MANAGER)
    errors: rules.Errors = []
    chosen = rules.role(role, errors)
    user = accounts.find(work, email)
    if user is None or not user.active:
        errors.append(FieldError("/email", NOBODY))
    if errors or user is None:
        raise ValidationFailed(errors=errors)
    work.lock(f"members:{collection.id}")
    known = select(CollectionMember).where(
        CollectionMember.collection_id == collection.id, CollectionMember.user_id == user.id
    )
    membership = work.session.scalar(known)
    if membership is None:
        _check_room(work, collection)
        membership = CollectionMember(
            collection_id=collection.id, user_id=user.id, added_at=work.clock.now()
        )
        work.session.add(membership)
    membership.role = chosen.value
    work.session.flush()
    log(
        work,
        actor.user_id,
        "collection.member",
        "collection",
        collection.slug,
        member=user.id,
        role=chosen.value,
    )
    return Member(membership, user)


def _check_room(work: Work, collection: Collection) -> None:
    count = select(func.count()).where(CollectionMember.collection_id == collection.id)
    if (work.session.scalar(count) or 0) >= MAX_MEMBERS:
        message = N_("A collection has at most %(count)s members.")
        raise ValidationFailed(errors=[FieldError("/email", message, {"count": MAX_MEMBERS})])


def remove_member(work: Work, actor: Actor, collection: Collection, member_id: int) -> None:
    """End a membership, at once. Members may leave by themselves. Raises NotFound, Forbidden."""
    membership = work.session.get(CollectionMember, member_id)
    if membership is None or membership.collection_id != collection.id:
        raise NotFound
    if membership.user_id != actor.user_id:
        require_role(work, actor, collection, CollectionRole.MANAGER)
    log(
        work,
        actor.user_id,
        "collection.leave",
        "collection",
        collection.slug,
        member=membership.user_id,
    )
    work.session.delete(membership)
    work.session.flush()
