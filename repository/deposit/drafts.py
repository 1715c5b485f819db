"""Drafts: begin, save, discard; an edit and a new version of what is published."""

from typing import Any

from sqlalchemy import case, func, insert, literal, select
from sqlalchemy.orm import contains_eager

from repository.access.rules import Action, can, has_permission, visible_to
from repository.accounts.models import Actor, Scope
from repository.audit.services import log
from repository.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    ValidationFailed,
)
from repository.core.ids import new_id
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import reviews
from repository.deposit import upload_rows
from repository.deposit.classes import check_class, class_of
from repository.deposit.proposals import forget_proposed
from repository.deposit.room import take_room
from repository.records import quotas
from repository.records.access import AccessSettings
from repository.records.metadata import settled
from repository.records.models import Draft, File, Permission, Record, State, Version
from repository.records.reviews import UNDER_REVIEW

MAX_METADATA_DEPTH = 20


def create_draft(
    work: Work,
    actor: Actor,
    metadata: dict[str, Any] | None = None,
    access: AccessSettings | None = None,
    *,
    files_enabled: bool = True,
) -> Draft:
    """Begin a new record. Raises Unauthenticated, Forbidden, ValidationFailed."""
    if actor.user_id is None:
        raise Unauthenticated
    if Scope.WRITE not in actor.scopes:
        raise Forbidden(N_("This token may not deposit."))
    _check_depth(metadata)
    now = work.clock.now()
    record = Record(id=_unused_id(work), owner_id=actor.user_id, created_at=now)
    version = Version(
        id=_unused_id(work),
        record_id=record.id,
        record=record,
        number=1,
        created_at=now,
        updated_at=now,
    )
    draft = _draft(work, version, metadata or {}, access or AccessSettings(), files_enabled)
    work.session.add_all([record, version, draft])
    work.session.flush()
    log(work, actor.user_id, "draft.create", "version", version.id)
    return draft


def _unused_id(work: Work) -> str:
    while True:
        candidate = new_id()
        if not (work.session.get(Record, candidate) or work.session.get(Version, candidate)):
            return candidate


def _draft(
    work: Work, version: Version, metadata: dict[str, Any], access: AccessSettings, files: bool
) -> Draft:
    now = work.clock.now()
    return Draft(
        version_id=version.id,
        version=version,
        metadata_json=metadata,
        access=access.model_dump(mode="json"),
        files_enabled=files,
        revision=1,
        created_at=now,
        updated_at=now,
    )


def get_draft(
    work: Work, actor: Actor, version_id: str, action: Action = Action.EDIT, *, lock: bool = False
) -> Draft:
    """The draft, if it is `actor`'s to see; a stranger's answer is that of one that never was, and
    takes the same statements.

    `lock` holds the row until the transaction ends, for those that change it.
    Raises NotFound, Forbidden (a token that lacks the scope).
    """
    seen = (
        select(Draft)
        .join(Draft.version)
        .join(Version.record)
        .options(contains_eager(Draft.version).contains_eager(Version.record))
        .where(Draft.version_id == version_id, visible_to(actor, work.clock.now()))
    )
    if lock:
        seen = seen.with_for_update(of=Draft).execution_options(populate_existing=True)
    draft = work.session.scalar(seen)
    if draft is None:
        raise NotFound(N_("There is no draft %(id)s, or it is not yours."), id=version_id)
    if not has_permission(actor, Permission.EDIT, draft.version, work.clock.now()):
        raise NotFound(N_("There is no draft %(id)s, or it is not yours."), id=version_id)
    if action is not Action.VIEW and not can(actor, action, draft.version, work.clock.now()):
        raise Forbidden(N_("This token may not do that, or the record was withdrawn."))
    return draft


def save_draft(
    work: Work,
    actor: Actor,
    version_id: str,
    *,
    metadata: dict[str, Any] | None = None,
    access: AccessSettings | None = None,
    files_enabled: bool | None = None,
    expected_revision: int | None = None,
) -> Draft:
    """Keep what was typed, valid or not; what is None stays as it is.

    Raises PreconditionFailed when `expected_revision` is not the draft's: another window saved;
    ValidationFailed where `actor` may not lower the class of the data.
    """
    draft = get_draft(work, actor, version_id, lock=True)
    check_revision(draft, expected_revision)
    if metadata is not None:
        _check_depth(metadata)
        draft.metadata_json = settled(metadata, draft.metadata_json)
    if access is not None:
        check_class(work, actor, draft, access)
        draft.access = access.model_dump(mode="json")
    if files_enabled is not None:
        draft.files_enabled = files_enabled
    draft.revision += 1
    draft.updated_at = work.clock.now()
    return draft


def check_revision(draft: Draft, expected: int | None) -> None:
    """Raises PreconditionFailed when the draft was saved since `expected` was read."""
    if expected is not None and expected != draft.revision:
        raise PreconditionFailed(found=draft.revision, expected=expected)


def _check_depth(value: Any, depth: int = 0) -> None:
    if depth > MAX_METADATA_DEPTH:
        raise ValidationFailed(
            errors=[FieldError("/metadata", N_("Nested too deeply to be metadata."))]
        )
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            _check_depth(child, depth + 1)


def copy_draft(
    work: Work, actor: Actor, version_id: str, metadata: dict[str, Any], access: AccessSettings
) -> Draft:
    """A new record's draft with what was typed in a window that was overtaken, and with the
    same files; the draft it started from stays as it is.
    """
    draft = get_draft(work, actor, version_id)
    access.data_class = max(access.data_class, class_of(draft), key=lambda each: each.rank)
    copy = create_draft(work, actor, metadata, access, files_enabled=draft.files_enabled)
    carry_over_files(work, version_id, copy.version_id, carried=False)
    log(work, actor.user_id, "draft.copy", "version", copy.version_id, of=version_id)
    return copy


def discard_draft(work: Work, actor: Actor, version_id: str) -> None:
    """Drop the working copy; what is published stays. Bytes nothing points at are swept later."""
    draft = get_draft(work, actor, version_id, lock=True)
    version, record = draft.version, draft.version.record
    review = reviews.of_version(work, version_id)
    if review is not None and review.status in UNDER_REVIEW:
        raise Conflict(N_("A collection reviews this draft; take it back first."))
    if review is not None:
        work.session.delete(review)
    log(work, actor.user_id, "draft.discard", "version", version_id)
    work.session.delete(draft)
    work.session.flush()
    if version.state != State.DRAFT:
        forget_proposed(work, version_id)
        return
    upload_rows.abandon(work, version_id)
    own = case((File.carried, 0), else_=1)
    taken = select(func.sum(own * File.size), func.sum(own)).where(File.version_id == version_id)
    size, count = work.session.execute(taken).one()
    quotas.take(work, record, size=-int(size or 0), files=-int(count or 0))
    work.session.query(File).filter(File.version_id == version_id).delete()
    work.session.delete(version)
    work.session.flush()
    others = select(func.count()).select_from(Version).where(Version.record_id == record.id)
    if not work.session.scalar(others):
        quotas.forget_record(work, record)
        work.session.delete(record)


def edit_published(work: Work, actor: Actor, version_id: str) -> Draft:
    """A draft to edit the metadata and access of what is published; the one there is, if any."""
    version = _published(work, actor, version_id, Action.EDIT)
    existing = work.session.get(Draft, version_id)
    if existing is not None:
        return existing
    draft = _draft(
        work,
        version,
        version.metadata_json,
        AccessSettings.of(version),
        version.files_enabled,
    )
    work.session.add(draft)
    work.session.flush()
    log(work, actor.user_id, "draft.edit", "version", version_id)
    return draft


def new_version(work: Work, actor: Actor, version_id: str, *, carry_files: bool = True) -> Draft:
    """A draft of the record's next version; the one there is, if any.

    Its metadata is the latest version's, less what is of that version alone (publication date,
    version label). Files are carried over by reference: rows are copied, bytes are not.
    """
    record = _published(work, actor, version_id, Action.EDIT).record
    work.lock(f"record:{record.id}")
    waiting = work.session.scalar(
        select(Version).where(Version.record_id == record.id, Version.state == State.DRAFT.value)
    )
    if waiting is not None:
        return get_draft(work, actor, waiting.id)
    latest = work.session.get_one(Version, record.latest_id)
    now = work.clock.now()
    highest = work.session.scalar(
        select(func.max(Version.number)).where(Version.record_id == record.id)
    )
    version = Version(
        id=_unused_id(work),
        record_id=record.id,
        record=record,
        number=(highest or 0) + 1,
        created_at=now,
        updated_at=now,
    )
    of_that_version = {"publication_date", "version"}
    metadata = {k: v for k, v in latest.metadata_json.items() if k not in of_that_version}
    draft = _draft(work, version, metadata, AccessSettings.of(latest), latest.files_enabled)
    work.session.add_all([version, draft])
    work.session.flush()
    if carry_files:
        carry_over_files(work, latest.id, version.id)
    log(work, actor.user_id, "draft.new-version", "version", version.id, of=latest.id)
    return draft


def carry_over_files(work: Work, from_id: str, to_id: str, *, carried: bool = True) -> None:
    """Point the new version's paths at the same content; paths it already has are left alone.

    `carried` within a record, whose room they have taken already. Raises QuotaExceeded.
    """
    now = work.clock.now()
    kept = (
        *("path", "sha256", "size", "media_type", "puid", "committed", "description"),
        *("access", "embargo_until", "delete_at", "delete_reason", "license", "quarantined"),
    )
    columns = [File.__table__.c[name] for name in kept]
    present = select(File.path).where(File.version_id == to_id)
    which = (File.version_id == from_id, File.committed, File.path.not_in(present))
    total = select(func.count(), func.coalesce(func.sum(File.size), 0)).where(*which)
    count, size = work.session.execute(total).one()
    version = work.session.get_one(Version, to_id)
    own = (0, 0) if carried else None
    take_room(work, version, size=int(size), files=count, own=own)
    source = select(
        literal(to_id), literal(carried), literal(0), *columns, literal(now), literal(now)
    ).where(*which)
    names = ["version_id", "carried", "reserved", *kept, "created_at", "updated_at"]
    work.session.execute(insert(File).from_select(names, source))


def _published(work: Work, actor: Actor, version_id: str, action: Action) -> Version:
    version = work.session.get(Version, version_id, with_for_update=True)
    now = work.clock.now()
    if version is None or not can(actor, Action.VIEW, version, now):
        raise NotFound
    if not can(actor, action, version, now):
        raise Forbidden
    if version.state == State.DRAFT:
        raise Conflict(N_("This version is still a draft; publish it first."))
    return version
