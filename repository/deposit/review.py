"""Submitting a draft to a collection, and accepting it: what touches the draft itself."""

import json
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from repository.access.rules import Action
from repository.accounts.models import Actor
from repository.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    ValidationFailed,
)
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import collections, notices, placing, reviews
from repository.deposit import pointers
from repository.deposit.checks import checked
from repository.deposit.drafts import get_draft, save_draft
from repository.deposit.publish import publish_draft
from repository.records.collections import SubmissionPolicy
from repository.records.models import Draft, File, Version
from repository.records.reviews import (
    STANDING,
    Review,
    ReviewEvent,
    ReviewLook,
    ReviewStatus,
)

CHANGED = N_("The draft was changed since you looked at it. See what changed, then decide again.")
MAX_FILES = 1000
_FILE_SETTINGS = (
    *(File.access, File.embargo_until, File.delete_at, File.delete_reason, File.license),
    *(File.proposed, File.description),
)


def fingerprint(work: Work, draft: Draft) -> str:
    """A SHA-256 of all that publishing would make public: metadata, access, paths and bytes."""
    digest = sha256()
    told = [draft.metadata_json, draft.access, draft.files_enabled]
    digest.update(json.dumps(told, sort_keys=True, ensure_ascii=True).encode())
    files = (
        select(File.path, File.sha256, *_FILE_SETTINGS)
        .where(File.version_id == draft.version_id)
        .order_by(File.path)
        .execution_options(yield_per=1000)
    )
    for row in work.session.execute(files):
        digest.update(json.dumps(list(row), sort_keys=True, default=str).encode() + b"\0")
    return digest.hexdigest()


def choose(work: Work, actor: Actor, version_id: str, slug: str) -> Review:
    """Say which collection a draft is for. Raises NotFound, Forbidden, Conflict."""
    draft = get_draft(work, actor, version_id, Action.PUBLISH, lock=True)
    try:
        collection = collections.find(work, slug)
    except NotFound as error:
        wrong = FieldError("/receiver/community", N_("There is no such collection."))
        raise ValidationFailed(errors=[wrong]) from error
    direct = placing.takes_directly(work, actor, collection)
    if collection.submission == SubmissionPolicy.MEMBERS and not direct:
        raise Forbidden(N_("Only members of this collection may put records into it."))
    return reviews.begin(work, actor, draft.version, collection)


def submit(work: Work, actor: Actor, version_id: str, text: str = "") -> Review:
    """Hand the draft to the collection that was chosen; where it takes records without a review,
    publish it there at once.

    Raises ValidationFailed while something mandatory is missing, NotFound, Forbidden, Conflict.
    """
    draft = get_draft(work, actor, version_id, Action.PUBLISH, lock=True)
    review = reviews.of_version(work, version_id)
    if review is None:
        raise Conflict(N_("Choose a collection first."))
    reviews.require(work, actor, review, reviews.DEPOSITOR, *STANDING)
    checked(work, draft)
    review.fingerprint = fingerprint(work, draft)
    review.status = ReviewStatus.SUBMITTED.value
    review.submitted_by = actor.user_id or review.submitted_by
    reviews.note(work, actor, review, "submit", text)
    if placing.takes_directly(work, actor, review.collection):
        _accept(work, actor, review, draft)
    else:
        reviews.tell(work, actor, review, notices.SUBMITTED, text)
    return review


def submit_quietly(work: Work, actor: Actor, draft: Draft) -> Review:
    """Hand over a draft that no person made, for a collection that was chosen: its curators look,
    whoever `actor` is, and find it in their queue; thousands come at once, so none is told by mail.
    """
    review = reviews.of_version(work, draft.version_id)
    if review is None:
        raise Conflict(N_("Choose a collection first."))
    review.fingerprint = fingerprint(work, draft)
    review.status = ReviewStatus.SUBMITTED.value
    reviews.note(work, actor, review, "submit")
    return review


def renew_fingerprint(work: Work, draft: Draft) -> None:
    """A draft that its source changed is what is submitted from now on."""
    review = reviews.of_version(work, draft.version_id)
    if review is not None:
        review.fingerprint = fingerprint(work, draft)


def accept(
    work: Work, actor: Actor, review: Review, *, looked_at: str | None = None, text: str = ""
) -> Version:
    """Publish exactly what was reviewed, into the collection.

    `looked_at` is the fingerprint of the draft that the curator saw; without it, what was
    submitted last. Raises PreconditionFailed when the draft is another now, Forbidden, Conflict,
    ValidationFailed.
    """
    reviews.require(work, actor, review, reviews.CURATOR, ReviewStatus.SUBMITTED)
    draft = work.session.get(Draft, review.version_id, with_for_update=True)
    if draft is None:
        raise Conflict(reviews.NOT_OPEN)
    if fingerprint(work, draft) != (looked_at or review.fingerprint):
        raise PreconditionFailed(CHANGED)
    if text:
        reviews.note(work, actor, review, "comment", text)
    version = _accept(work, actor, review, draft)
    reviews.tell(work, actor, review, notices.ACCEPTED, text)
    return version


def _accept(work: Work, actor: Actor, review: Review, draft: Draft) -> Version:
    """The submission is the owner's word that it may be published; the curator gives theirs."""
    version = publish_draft(work, actor, draft)
    placing.place(work, actor, review.collection, version.record)
    review.status = ReviewStatus.ACCEPTED.value
    reviews.note(work, actor, review, "accept")
    return version


def apply_suggestion(work: Work, actor: Actor, review: Review, event_id: int) -> ReviewEvent:
    """Put a suggested value into the draft, for those whose draft it is.

    Raises NotFound, Forbidden, Conflict when the field is not there any more.
    """
    event = _suggestion(work, actor, review, event_id, "open")
    draft = get_draft(work, actor, review.version_id, lock=True)
    before = _replace(work, actor, draft, event.pointer, event.suggestion["value"])
    event.suggestion = event.suggestion | {"before": before}
    event.state = "applied"
    reviews.note(work, actor, review, "applied", pointer=event.pointer)
    reviews.tell(work, actor, review, notices.APPLIED, event.text)
    return event


def undo_suggestion(work: Work, actor: Actor, review: Review, event_id: int) -> ReviewEvent:
    """Put back what stood there; refused when the field was changed again since."""
    event = _suggestion(work, actor, review, event_id, "applied")
    draft = get_draft(work, actor, review.version_id, lock=True)
    _take_back(work, actor, draft, event)
    event.state = "open"
    reviews.note(work, actor, review, "undone", pointer=event.pointer)
    reviews.tell(work, actor, review, notices.UNDONE, event.text)
    return event


def _suggestion(work: Work, actor: Actor, review: Review, event_id: int, state: str) -> ReviewEvent:
    reviews.require(work, actor, review, reviews.DEPOSITOR, *STANDING)
    event = reviews.event_of(work, review, event_id)
    if event.kind != "suggestion" or event.state != state:
        raise Conflict(reviews.NOT_OPEN)
    return event


def _replace(work: Work, actor: Actor, draft: Draft, pointer: str, value: Any) -> Any:
    """Set one value of the metadata (RFC 6901), or add it to a list where the pointer ends in `-`,
    as JSON Patch has it (RFC 6902, section 4.1); gives what stood there.
    """
    metadata = json.loads(json.dumps(draft.metadata_json))
    before = pointers.put(metadata, pointer, value)
    save_draft(work, actor, draft.version_id, metadata=metadata)
    return before


def _take_back(work: Work, actor: Actor, draft: Draft, event: ReviewEvent) -> None:
    metadata = json.loads(json.dumps(draft.metadata_json))
    pointers.take_back(
        metadata, event.pointer, event.suggestion["value"], event.suggestion["before"]
    )
    save_draft(work, actor, draft.version_id, metadata=metadata)


def state_of(work: Work, draft: Draft) -> dict[str, Any]:
    """What a reviewer looks at, in a shape that can be compared with what they looked at before."""
    files = select(File.path, File.sha256, File.size, File.access).where(
        File.version_id == draft.version_id, File.committed
    )
    return {
        "metadata": draft.metadata_json,
        "access": draft.access,
        "files": {
            path: f"{size} B, SHA-256 {str(sha256)[:12]}"
            + (f", {access}" if access != "default" else "")
            for path, sha256, size, access in work.session.execute(
                files.order_by(File.path).limit(MAX_FILES)
            )
        },
    }


def look(work: Work, actor: Actor, review: Review, *, anew: bool = True) -> None:
    """Remember the draft as `actor` sees it now; unless `anew`, only where they never looked.

    Reading the page again is no new look: what changed stays marked until its reader acts.
    """
    draft = work.session.get(Draft, review.version_id)
    if draft is None or actor.user_id is None:
        return
    seen = work.session.get(ReviewLook, (review.id, actor.user_id))
    if seen is not None and not anew:
        return
    now, state = work.clock.now(), state_of(work, draft)
    if seen is None:
        work.session.add(ReviewLook(review_id=review.id, user_id=actor.user_id, at=now, seen=state))
    else:
        seen.at, seen.seen = now, state


def changed_since(work: Work, actor: Actor, review: Review) -> list[tuple[str, str, str]]:
    """Pointer, old and new text of what differs from the draft as `actor` saw it last."""
    seen = work.session.get(ReviewLook, (review.id, actor.user_id))
    draft = work.session.get(Draft, review.version_id)
    if seen is None or draft is None:
        return []
    before = seen.seen
    if "files" not in before:  # of a release that remembered metadata alone
        before = state_of(work, draft) | {"metadata": before}
    return pointers.changes(before, state_of(work, draft))
