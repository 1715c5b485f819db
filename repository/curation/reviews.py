"""The review of a draft: begun, talked about, sent back, declined, cancelled.

Submitting and accepting touch the draft itself and are in `deposit.review`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from repository.access.rules import has_permission
from repository.accounts.models import Actor, Scope, User
from repository.accounts.notices import Kind
from repository.audit.services import log
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import notices
from repository.curation.roles import curators_of, has_role
from repository.records.collections import Collection, CollectionMember, CollectionRole
from repository.records.models import Draft, Permission, Version
from repository.records.reviews import (
    STANDING,
    UNDER_REVIEW,
    Review,
    ReviewEvent,
    ReviewStatus,
)

MAX_TEXT, MAX_POINTER, MAX_EVENTS = 10_000, 1100, 1000
MAX_COLLECTIONS, MAX_REMINDED = 200, 500
CURATOR, DEPOSITOR = "curator", "depositor"
NOT_OPEN = N_("This review is over, or it is not your turn.")


@dataclass(frozen=True)
class Queued:
    """A review in a list, with whose draft it is."""

    review: Review
    draft: Draft | None
    owner: User


def of_version(work: Work, version_id: str) -> Review | None:
    """The review that a draft is in, or is about to be submitted to."""
    query = select(Review).where(Review.version_id == version_id, Review.status.in_(STANDING))
    return work.session.scalar(query.order_by(Review.id.desc()).limit(1))


def begin(work: Work, actor: Actor, version: Version, collection: Collection) -> Review:
    """Choose the collection that a draft is for; the caller asked whether `actor` may publish it.

    Raises Conflict while another collection looks at it.
    """
    work.lock(f"review:{version.id}")
    review = of_version(work, version.id)
    now = work.clock.now()
    if review is not None and review.status != ReviewStatus.CREATED:
        if review.collection_id == collection.id:
            return review
        raise Conflict(N_("Another collection reviews this draft; cancel that review first."))
    if review is None:
        review = Review(
            version_id=version.id,
            status=ReviewStatus.CREATED.value,
            submitted_by=actor.user_id,
            checked=[],
            created_at=now,
        )
        work.session.add(review)
    review.collection_id, review.collection, review.updated_at = collection.id, collection, now
    work.session.flush()
    return review


def find(work: Work, actor: Actor, review_id: int, *, lock: bool = False) -> Review:
    """For those whose draft it is and the collection's curators; raises NotFound for others."""
    review = work.session.get(Review, review_id, with_for_update=lock or None)
    if review is None or not sides_of(work, actor, review):
        raise NotFound
    return review


def sides_of(work: Work, actor: Actor, review: Review) -> set[str]:
    """On which side `actor` stands; a curator may review drafts of their own institution."""
    version = work.session.get(Version, review.version_id)
    if version is None or actor.user_id is None:
        return set()
    sides = set()
    chosen = review.status != ReviewStatus.CREATED
    if chosen and has_role(work, actor, review.collection, CollectionRole.CURATOR):
        sides.add(CURATOR)
    owns = actor.user_id in (version.record.owner_id, review.submitted_by)
    if owns or has_permission(actor, Permission.MANAGE, version, work.clock.now()):
        sides.add(DEPOSITOR)
    return sides


def require(work: Work, actor: Actor, review: Review, side: str, *statuses: str) -> None:
    """Raises Forbidden for the other side, Conflict at another stage."""
    if Scope.WRITE not in actor.scopes or side not in sides_of(work, actor, review):
        raise Forbidden
    if review.status not in statuses:
        raise Conflict(NOT_OPEN)


def comment(
    work: Work,
    actor: Actor,
    review: Review,
    text: str,
    *,
    pointer: str = "",
    suggestion: Any = None,
) -> ReviewEvent:
    """Say something of the draft, or of one field or file; with `suggestion` a new value for it.

    Raises ValidationFailed, Forbidden, Conflict when the review is over.
    """
    if Scope.WRITE not in actor.scopes:
        raise Forbidden
    if review.status not in STANDING:
        raise Conflict(NOT_OPEN)
    errors = []
    if not text.strip() and suggestion is None:
        errors.append(FieldError("/text", N_("Write something.")))
    if len(text) > MAX_TEXT:
        message = N_("Use at most %(count)s characters.")
        errors.append(FieldError("/text", message, {"count": MAX_TEXT}))
    if len(pointer) > MAX_POINTER or (suggestion is not None and not _is_field(pointer)):
        errors.append(FieldError("/pointer", N_("Choose the field that should say this.")))
    if len(_events(work, review)) >= MAX_EVENTS:
        errors.append(FieldError("/text", N_("This conversation is too long; begin a new review.")))
    if errors:
        raise ValidationFailed(errors=errors)
    kind = "comment" if suggestion is None else "suggestion"
    event = note(work, actor, review, kind, text.strip(), pointer=pointer)
    if suggestion is not None:
        event.suggestion, event.state = {"value": suggestion}, "open"
    tell(work, actor, review, notices.COMMENTED, text.strip() or _words(suggestion))
    return event


def _words(suggestion: Any) -> str:
    """A suggested value, for a mail: itself, or what an entry to be added says."""
    told = suggestion.values() if isinstance(suggestion, dict) else [suggestion]
    return ", ".join(str(each) for each in told)


def _is_field(pointer: str) -> bool:
    return pointer.startswith("/metadata/")


def note(
    work: Work, actor: Actor, review: Review, kind: str, text: str = "", *, pointer: str = ""
) -> ReviewEvent:
    """Write a step or a comment into the conversation, and the step into the audit log."""
    event = ReviewEvent(
        review_id=review.id,
        user_id=actor.user_id,
        kind=kind,
        text=text[:MAX_TEXT],
        pointer=pointer,
        suggestion={},
        state="",
        at=work.clock.now(),
    )
    work.session.add(event)
    review.updated_at = work.clock.now()
    work.session.flush()
    log(work, actor.user_id, f"review.{kind}", "review", str(review.id), version=review.version_id)
    return event


def send_back(work: Work, actor: Actor, review: Review, text: str) -> None:
    """Ask the depositor for changes; the draft is theirs again until they submit it anew."""
    require(work, actor, review, CURATOR, *UNDER_REVIEW)
    review.status = ReviewStatus.CHANGES.value
    note(work, actor, review, "changes", text)
    tell(work, actor, review, notices.CHANGES, text)


def decline(work: Work, actor: Actor, review: Review, text: str) -> None:
    require(work, actor, review, CURATOR, *UNDER_REVIEW)
    note(work, actor, review, "decline", text)
    tell(work, actor, review, notices.DECLINED, text)
    review.status = ReviewStatus.DECLINED.value


def cancel(work: Work, actor: Actor, review: Review, text: str = "") -> None:
    """Take a draft back; it can be published without the collection then."""
    require(work, actor, review, DEPOSITOR, *STANDING)
    if review.status == ReviewStatus.CREATED:
        work.session.delete(review)
        work.session.flush()
        return
    note(work, actor, review, "cancel", text)
    tell(work, actor, review, notices.CANCELLED, text)
    review.status = ReviewStatus.CANCELLED.value


def plan(
    work: Work, actor: Actor, review: Review, *, checked: list[int], due_on: date | None
) -> None:
    """Tick lines of the checklist; set the day by which the review should be done."""
    require(work, actor, review, CURATOR, *UNDER_REVIEW)
    known = range(len(review.collection.checklist))
    review.checked = sorted(number for number in set(checked) if number in known)
    moved, review.due_on = review.due_on != due_on, due_on
    if moved and due_on is not None:
        tell(work, actor, review, notices.PLANNED)
    log(work, actor.user_id, "review.plan", "review", str(review.id), checked=review.checked)


def remind(work: Work) -> int:
    """Tell those whose turn it is of reviews that are due tomorrow or were, once for each day that
    was set; how many.
    """
    tomorrow = work.clock.now().date() + timedelta(days=1)
    query = (
        select(Review)
        .where(
            Review.status.in_(UNDER_REVIEW),
            Review.due_on <= tomorrow,
            Review.reminded_for.is_(None) | (Review.reminded_for != Review.due_on),
        )
        .order_by(Review.id)
        .limit(MAX_REMINDED)
    )
    found = work.session.scalars(query.with_for_update(of=Review)).all()
    for review in found:
        review.reminded_for = review.due_on
        version = work.session.get_one(Version, review.version_id)
        depositors = {version.record.owner_id, review.submitted_by}
        is_theirs = review.status == ReviewStatus.CHANGES
        turn = depositors if is_theirs else curators_of(work, review.collection)
        notices.send(work, notices.DUE, review, turn)
    return len(found)


def tell(work: Work, actor: Actor, review: Review, kind: Kind, said: str = "") -> None:
    """Notify the other side: the collection's curators, or whose draft it is."""
    version = work.session.get_one(Version, review.version_id)
    owners = {version.record.owner_id, review.submitted_by}
    curators = set(curators_of(work, review.collection)) if review.status != "created" else set()
    notices.send(work, kind, review, (owners | curators) - {actor.user_id or 0}, said)


def events(work: Work, review: Review) -> list[tuple[ReviewEvent, str]]:
    """What was said and done, oldest first, with who did."""
    query = (
        select(ReviewEvent, User.name)
        .outerjoin(User, User.id == ReviewEvent.user_id)
        .where(ReviewEvent.review_id == review.id)
        .order_by(ReviewEvent.id)
        .limit(MAX_EVENTS)
    )
    return [(event, name or "") for event, name in work.session.execute(query)]


def _events(work: Work, review: Review) -> list[int]:
    query = select(ReviewEvent.id).where(ReviewEvent.review_id == review.id)
    return list(work.session.scalars(query.limit(MAX_EVENTS)))


def event_of(work: Work, review: Review, event_id: int) -> ReviewEvent:
    event = work.session.get(ReviewEvent, event_id)
    if event is None or event.review_id != review.id:
        raise NotFound
    return event


def queue(
    work: Work,
    actor: Actor,
    *,
    status: str = "",
    collection: str = "",
    side: str = "",
    late: bool = False,
    offset: int = 0,
    limit: int = 20,
) -> tuple[list[Queued], int]:
    """Reviews that concern `actor`, on one `side` if it is named: what is due first, then the
    oldest. `late` leaves those whose day is over.
    """
    query = _mine(actor)
    if status in list(ReviewStatus):
        query = query.where(Review.status == status)
    elif status != "all":
        query = query.where(Review.status.in_(UNDER_REVIEW))
    if collection:
        query = query.where(
            Review.collection_id.in_(select(Collection.id).where(Collection.slug == collection))
        )
    if side in (CURATOR, DEPOSITOR):
        is_mine = Review.submitted_by == actor.user_id
        query = query.where(is_mine if side == DEPOSITOR else ~is_mine)
    if late:
        query = query.where(
            Review.due_on < work.clock.now().date(), Review.status.in_(UNDER_REVIEW)
        )
    total = work.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(
        Review.due_on.is_(None), Review.due_on, Review.updated_at, Review.id
    ).options(joinedload(Review.collection))
    rows = []
    for review in work.session.scalars(ordered.offset(offset).limit(limit)):
        owner = work.session.get_one(User, review.submitted_by)
        rows.append(Queued(review, work.session.get(Draft, review.version_id), owner))
    return rows, total


def collections_in_queue(work: Work, actor: Actor) -> list[Collection]:
    """Those that reviews in the actor's queue are for, by title."""
    within = select(_mine(actor).subquery().c.collection_id)
    query = select(Collection).where(Collection.id.in_(within)).order_by(Collection.title_vi)
    return list(work.session.scalars(query.limit(MAX_COLLECTIONS)))


def _mine(actor: Actor) -> Select[tuple[Review]]:
    query = select(Review).where(Review.status != ReviewStatus.CREATED.value)
    if actor.is_curator:
        return query
    curated = select(CollectionMember.collection_id).where(
        CollectionMember.user_id == actor.user_id,
        CollectionMember.role.in_(CollectionRole.CURATOR.and_above),
    )
    return query.where((Review.submitted_by == actor.user_id) | Review.collection_id.in_(curated))
