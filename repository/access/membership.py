"""What being a member of a collection gives access to; part of the one rule in `rules`.

Readers and submitters have the files of its records; curators and managers may edit, and see the
drafts that are submitted to it. Nobody is given the right to publish or to share: that stays with
whose record it is.
"""

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import object_session

from repository.records.collections import CollectionMember, CollectionRecord, CollectionRole
from repository.records.models import Permission, Version
from repository.records.reviews import UNDER_REVIEW, Review

_ROLES = {
    Permission.VIEW: CollectionRole.READER.and_above,
    Permission.DOWNLOAD: CollectionRole.READER.and_above,
    Permission.EDIT: CollectionRole.CURATOR.and_above,
    Permission.MANAGE: [],
}


def member_records(user_id: int, least: Permission) -> Select[tuple[str]]:
    """Ids of the records that membership gives at least `least` of."""
    return (
        select(CollectionRecord.record_id)
        .join(CollectionMember, CollectionMember.collection_id == CollectionRecord.collection_id)
        .where(CollectionMember.user_id == user_id, CollectionMember.role.in_(_ROLES[least]))
    )


def reviewed_versions(user_id: int, least: Permission) -> Select[tuple[str]]:
    """Ids of the versions whose draft a collection of the user's reviews just now."""
    roles = [] if least is Permission.MANAGE else CollectionRole.CURATOR.and_above
    return (
        select(Review.version_id)
        .join(CollectionMember, CollectionMember.collection_id == Review.collection_id)
        .where(
            CollectionMember.user_id == user_id,
            CollectionMember.role.in_(roles),
            Review.status.in_(UNDER_REVIEW),
        )
    )


def has_by_membership(user_id: int, least: Permission, version: Version) -> bool:
    """The same of one version, which its session is asked for."""
    session = object_session(version)
    if session is None or least is Permission.MANAGE:
        return False
    record, identifier = literal(version.record_id), literal(version.id)
    held = or_(
        record.in_(member_records(user_id, least)),
        identifier.in_(reviewed_versions(user_id, least)),
    )
    return bool(session.scalar(select(held)))
