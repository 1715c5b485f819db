"""The terms of a collection, for records that bring none of their own."""

from sqlalchemy import or_, select

from repository.core.work import Work
from repository.records.access import AccessSettings, Terms
from repository.records.collections import Collection, CollectionRecord
from repository.records.models import Version
from repository.records.reviews import UNDER_REVIEW, Review


def with_default_terms(work: Work, version: Version, access: AccessSettings) -> AccessSettings:
    """With those of the collection that takes the version in, or of one that the record is in."""
    if access.terms.digest:
        return access
    found = default_terms(work, version)
    return access if found is None else access.model_copy(update={"terms": found})


def default_terms(work: Work, version: Version) -> Terms | None:
    """Of the first collection that has terms, the one that reviews the version before others."""
    placed = select(CollectionRecord.collection_id).where(
        CollectionRecord.record_id == version.record_id
    )
    reviewing = select(Review.collection_id).where(
        Review.version_id == version.id, Review.status.in_(UNDER_REVIEW)
    )
    query = (
        select(Collection)
        .where(or_(Collection.id.in_(placed), Collection.id.in_(reviewing)))
        .where(or_(Collection.terms_vi != "", Collection.terms_en != ""))
        .order_by(Collection.id.in_(reviewing).desc(), Collection.id)
    )
    found = work.session.scalar(query.limit(1))
    return Terms(vi=found.terms_vi, en=found.terms_en) if found is not None else None
