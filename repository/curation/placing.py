"""Records put into collections, and taken out.

Whoever looks after a record decides that it goes into a collection, never the collection's people
alone: being in it gives them access (see `access.rules`).
"""

from sqlalchemy import select

from repository.access.grants import managed_record
from repository.access.rules import Action, can
from repository.accounts.models import Actor, Scope
from repository.audit.services import log
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation.roles import has_role
from repository.records import quotas
from repository.records.collections import (
    Collection,
    CollectionRecord,
    CollectionRole,
    SubmissionPolicy,
)
from repository.records.models import Record, Version

MAX_COLLECTIONS = 50


def add_record(work: Work, actor: Actor, collection: Collection, identifier: str) -> Record:
    """Put a record, by its id or a version's, into a collection that takes it from `actor`.

    Raises NotFound, Forbidden, Conflict when a curator of the collection has to accept it first.
    """
    record = managed_record(work, actor, identifier)
    if not takes_directly(work, actor, collection):
        if collection.submission == SubmissionPolicy.MEMBERS:
            raise Forbidden(N_("Only members of this collection may put records into it."))
        raise Conflict(N_("A curator of this collection looks first; submit it for review."))
    place(work, actor, collection, record)
    return record


def takes_directly(work: Work, actor: Actor, collection: Collection) -> bool:
    """Whether what `actor` gives goes in without a review."""
    if collection.submission == SubmissionPolicy.OPEN:
        return True
    least = (
        CollectionRole.SUBMITTER
        if collection.submission == SubmissionPolicy.MEMBERS
        else CollectionRole.CURATOR
    )
    return has_role(work, actor, collection, least)


def place(work: Work, actor: Actor, collection: Collection, record: Record) -> None:
    """The act itself; twice is as once. The caller asked who may."""
    if work.session.get(CollectionRecord, (collection.id, record.id)) is not None:
        return
    work.lock(f"record:{record.id}")
    if len(collections_of(work, record.id)) >= MAX_COLLECTIONS:
        message = N_("A record is in at most %(count)s collections.")
        wrong = FieldError("", message, {"count": MAX_COLLECTIONS})
        raise ValidationFailed(errors=[wrong])
    before = quotas.holders_of(work, record)
    work.session.add(
        CollectionRecord(
            collection_id=collection.id,
            record_id=record.id,
            added_by=actor.user_id,
            added_at=work.clock.now(),
            unseen=not has_role(work, actor, collection, CollectionRole.CURATOR),
        )
    )
    work.session.flush()
    quotas.move_between(work, record, before, quotas.holders_of(work, record))
    log(work, actor.user_id, "collection.add", "record", record.id, collection=collection.slug)
    work.changed(record.id)


def remove_record(work: Work, actor: Actor, collection: Collection, identifier: str) -> None:
    """For those who manage the record or curate the collection. Raises NotFound, Forbidden."""
    version = _version(work, identifier)
    now = work.clock.now()
    if version is None or not can(actor, Action.VIEW, version, now):
        raise NotFound
    placed = work.session.get(CollectionRecord, (collection.id, version.record_id))
    if placed is None:
        raise NotFound
    curates = Scope.WRITE in actor.scopes and has_role(
        work, actor, collection, CollectionRole.CURATOR
    )
    if not curates and not can(actor, Action.MANAGE, version, now):
        raise Forbidden
    before = quotas.holders_of(work, version.record)
    work.session.delete(placed)
    work.session.flush()
    quotas.move_between(work, version.record, before, quotas.holders_of(work, version.record))
    details = {"collection": collection.slug}
    log(work, actor.user_id, "collection.remove", "record", version.record_id, **details)
    work.changed(version.record_id)


def _version(work: Work, identifier: str) -> Version | None:
    newest = select(Version).where(Version.record_id == identifier).order_by(Version.number.desc())
    return work.session.get(Version, identifier) or work.session.scalar(newest.limit(1))


def collections_of(work: Work, record_id: str) -> list[Collection]:
    """Those a record was put into, by title; never those above them."""
    query = (
        select(Collection)
        .join(CollectionRecord, CollectionRecord.collection_id == Collection.id)
        .where(CollectionRecord.record_id == record_id)
        .order_by(Collection.title_vi, Collection.id)
    )
    return list(work.session.scalars(query.limit(MAX_COLLECTIONS + 1)))
