"""Giving what is published another class of data: at once, for all versions of a record."""

from sqlalchemy import select

from repository.access.grants import managed_record
from repository.accounts.models import Actor
from repository.core.errors import FieldError, Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit.classes import NOT_LOWER, class_of, may_lower, note
from repository.deposit.publish import revise, tell_everyone
from repository.records.data_class import DataClass
from repository.records.models import Draft, Record, State, Version

MAX_WHY = 2000


def classify(work: Work, actor: Actor, identifier: str, data_class: str, why: str) -> Record:
    """Class the data of a record, or of the one that a version belongs to.

    Raised to core it is gone from every public place once this commits; the registry of its DOI,
    harvesters and the index follow through the outbox and the feed. Drafts take the class over,
    too. Whoever manages the record may raise the class; curators alone lower it.
    Raises NotFound, Forbidden, ValidationFailed.
    """
    record = managed_record(work, actor, identifier)
    wanted = _checked(data_class, why)
    versions = work.session.scalars(
        select(Version)
        .where(Version.record_id == record.id)
        .order_by(Version.number)
        .with_for_update()
    ).all()
    lowers = any(wanted.is_below(_class(work, version)) for version in versions)
    if lowers and not may_lower(actor):
        raise Forbidden(NOT_LOWER)
    for version in versions:
        before, draft = _class(work, version), work.session.get(Draft, version.id)
        if draft is not None:
            draft.access = draft.access | {"data_class": wanted.value}
            draft.revision += 1
        if before == wanted:
            continue
        note(work, actor, version.id, before, wanted, why.strip())
        if version.state != State.DRAFT:
            version.data_class = wanted.value
            revise(work, actor, version, version.metadata_json, data_class=wanted.value)
            tell_everyone(work, version)
    if wanted is DataClass.CORE:
        work.enqueue("discovery.dump", "discovery.dump:core", {})
    return record


def class_of_record(work: Work, record: Record) -> DataClass:
    """The highest of its versions' classes."""
    versions = work.session.scalars(select(Version).where(Version.record_id == record.id))
    return max((_class(work, version) for version in versions), key=lambda each: each.rank)


def _class(work: Work, version: Version) -> DataClass:
    if version.state != State.DRAFT:
        return DataClass(version.data_class)
    draft = work.session.get(Draft, version.id)
    return class_of(draft) if draft is not None else DataClass.ORDINARY


def _checked(data_class: str, why: str) -> DataClass:
    errors = []
    if data_class not in list(DataClass):
        known = {"known": ", ".join(DataClass)}
        errors.append(FieldError("/data_class", N_("Choose one of: %(known)s."), known))
    if not why.strip():
        message = N_("Say why: it is kept with the change.")
        errors.append(FieldError("/reason", message))
    if len(why) > MAX_WHY:
        message = N_("Use at most %(count)s characters.")
        errors.append(FieldError("/reason", message, {"count": MAX_WHY}))
    if errors:
        raise ValidationFailed(errors=errors)
    return DataClass(data_class)
