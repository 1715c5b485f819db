"""Publishing, withdrawing, and what follows from it."""

from typing import Any

from sqlalchemy import select

from repository.access.rules import Action, can
from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import Conflict, FieldError, Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import reviews
from repository.deposit import upload_rows
from repository.deposit.checks import checked
from repository.deposit.default_terms import with_default_terms
from repository.deposit.drafts import check_revision, get_draft
from repository.deposit.listing import recount_files
from repository.deposit.proposals import apply_proposed
from repository.discovery.tree import count_folders
from repository.pid import services as pid
from repository.records.access import AccessSettings
from repository.records.metadata import Stage
from repository.records.models import Draft, Revision, State, Version
from repository.records.reviews import UNDER_REVIEW, ReviewStatus

WITHDRAWAL_REASONS = (
    "requested-by-depositor",
    "legal",
    "personal-data",
    "error-in-data",
    "duplicate",
    "removed-at-source",
    "other",
)


def publish(
    work: Work,
    actor: Actor,
    version_id: str,
    *,
    expected_revision: int | None = None,
    stage: Stage = "publish",
) -> Version:
    """Make a draft public in the sense of its access settings: the first time or as a revision.

    The record is public once this commits; its DOI, index entry, OAI-PMH item follow through the
    outbox and the feed. Raises ValidationFailed with a pointer per field, NotFound, Forbidden,
    PreconditionFailed when the draft is not the one that was looked at (`expected_revision`).
    At the `stage` "import" a wrong check digit in metadata published elsewhere is let pass.
    """
    draft = get_draft(work, actor, version_id, Action.PUBLISH, lock=True)
    check_revision(draft, expected_revision)
    _settle_review(work, version_id)
    return publish_draft(work, actor, draft, stage)


def _settle_review(work: Work, version_id: str) -> None:
    """Raises Conflict while a collection reviews the draft; a mere choice of one is forgotten."""
    review = reviews.of_version(work, version_id)
    if review is None:
        return
    if review.status in UNDER_REVIEW:
        raise Conflict(N_("A collection reviews this draft; take it back first."))
    work.session.delete(review)


def publish_draft(work: Work, actor: Actor, draft: Draft, stage: Stage = "publish") -> Version:
    """The act itself; the caller holds the draft's row and asked whether it may be published."""
    metadata, access = checked(work, draft, stage)
    version = draft.version
    access = with_default_terms(work, version, access)
    if version.state == State.DRAFT:
        upload_rows.abandon(work, version.id)
        version.file_count, version.file_bytes = recount_files(work, version.id)
        count_folders(work, version)
        version.published_at = work.clock.now()
        version.state = State.PUBLISHED.value
        version.record.latest_id = version.id
    version.files_enabled = draft.files_enabled
    access.apply_to(version)
    apply_proposed(work, version)
    _keep(work, actor, version, metadata, access.model_dump(mode="json"))
    pid.reserve(work, version)
    tell_everyone(work, version)
    work.session.delete(draft)
    return version


def revise(
    work: Work, actor: Actor, version: Version, metadata: dict[str, Any], **detail: Any
) -> None:
    """Publish other metadata of a published version, without a draft: a revision as any other.

    `metadata` are as `checks.as_published` makes them. The caller holds the version's row, asked
    whether `actor` may publish it, made sure that nobody has an edit of it open, and calls
    `tell_everyone`, once for all that it revises. `detail` goes into the audit log.
    """
    access = AccessSettings.of(version).model_dump(mode="json")
    _keep(work, actor, version, metadata, access, **detail)
    if version.doi is None:
        pid.reserve(work, version)


def _keep(
    work: Work,
    actor: Actor,
    version: Version,
    metadata: dict[str, Any],
    access: dict[str, Any],
    **detail: Any,
) -> None:
    """Make `metadata` what the version says, and keep that as a revision."""
    now = work.clock.now()
    version.metadata_json = metadata
    version.revision += 1
    version.updated_at = now
    kept = Revision(
        version_id=version.id,
        revision=version.revision,
        metadata_json=metadata,
        access=access,
        user_id=actor.user_id,
        at=now,
    )
    work.session.add(kept)
    told = {"revision": version.revision} | detail
    log(work, actor.user_id, "version.publish", "version", version.id, **told)


def tell_everyone(work: Work, *versions: Version) -> None:
    """Let the identifier registry and the change feed know; call after any change to show."""
    pid.request_registration(work, *versions)
    for version in versions:
        work.changed(version.record_id)


def withdraw(work: Work, actor: Actor, version: Version, reason: str, note: str = "") -> None:
    """Leave a tombstone: the metadata stay, the bytes are no longer served.

    Raises Forbidden, ValidationFailed.
    """
    if not can(actor, Action.WITHDRAW, version, work.clock.now()):
        raise Forbidden
    if reason not in WITHDRAWAL_REASONS:
        message = N_("Choose one of: %(known)s.")
        known = {"known": ", ".join(WITHDRAWAL_REASONS)}
        raise ValidationFailed(errors=[FieldError("/reason", message, known)])
    now = work.clock.now()
    version.state = State.WITHDRAWN.value
    version.withdrawal = {"at": now.isoformat(), "reason": reason, "note": note[:2000]}
    version.updated_at = now
    version.revision += 1
    draft = work.session.get(Draft, version.id)
    if draft is not None:
        work.session.delete(draft)
    review = reviews.of_version(work, version.id)
    if review is not None:
        review.status = ReviewStatus.CANCELLED.value
    _point_at_latest(work, version)
    log(work, actor.user_id, "version.withdraw", "version", version.id, reason=reason)
    tell_everyone(work, version)


def reinstate(work: Work, version: Version) -> None:
    """Let a withdrawn version stand again, as what it repeats stands again at its source.

    The caller asked who may, revises it and calls `tell_everyone`.
    """
    version.state = State.PUBLISHED.value
    version.withdrawal = {}
    _point_at_latest(work, version)


def _point_at_latest(work: Work, version: Version) -> None:
    """The newest that stands, else the newest of all: as `latest_visible` chooses for readers."""
    work.session.flush()
    newest = (
        select(Version.id)
        .where(Version.record_id == version.record_id, Version.state != State.DRAFT.value)
        .order_by((Version.state == State.PUBLISHED.value).desc(), Version.number.desc())
        .limit(1)
    )
    version.record.latest_id = work.session.scalar(newest) or version.id
