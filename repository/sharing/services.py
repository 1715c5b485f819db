"""Asking for access to files, by users and by guests, and deciding."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Select, func, or_, select

from repository.access.documents import find_version
from repository.access.grants import grant_access, managed_record
from repository.access.links import create_link
from repository.access.rules import granted_records, is_entitled
from repository.accounts import rules
from repository.accounts.models import Actor, User
from repository.audit.services import log
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import Permission, Record, State, Version
from repository.sharing import notices
from repository.sharing.models import AccessRequest, RequestPolicy, RequestStatus, Takers

MAX_QUESTIONS, MAX_QUESTION, MAX_ANSWER, MAX_TERMS, MAX_MESSAGE = 10, 300, 2000, 20_000, 5000
MAX_WAITING = 200  # requests on one record that nobody decided yet
CLOSED_TO = N_("The owner of this record does not take requests for access.")
SIGN_IN_FIRST = N_("The owner takes requests from people with an account: sign in first.")


@dataclass(frozen=True)
class Asked:
    """What somebody filled in."""

    name: str
    email: str
    affiliation: str
    message: str
    answers: Sequence[str]
    agreed: bool
    locale: str


def policy_of(work: Work, record_id: str) -> RequestPolicy:
    """The owner's wishes, or what holds where there are none (a row that is not in the session)."""
    found = work.session.get(RequestPolicy, record_id)
    return found or RequestPolicy(
        record_id=record_id, takers=Takers.EVERYONE.value, terms="", questions=[]
    )


def set_policy(
    work: Work, actor: Actor, record: Record, *, takers: str, terms: str, questions: Sequence[str]
) -> None:
    """The caller has the record from `managed_record`. Raises ValidationFailed."""
    asked = [question.strip() for question in questions if question.strip()]
    errors = []
    if takers not in list(Takers):
        known = {"known": ", ".join(Takers)}
        errors.append(FieldError("/takers", N_("Choose one of: %(known)s."), known))
    if len(terms) > MAX_TERMS:
        errors.append(FieldError("/terms", TOO_LONG, {"count": MAX_TERMS}))
    if len(asked) > MAX_QUESTIONS or any(len(question) > MAX_QUESTION for question in asked):
        message = N_("Ask at most %(count)s questions of %(limit)s characters, each on its line.")
        limits = {"count": MAX_QUESTIONS, "limit": MAX_QUESTION}
        errors.append(FieldError("/questions", message, limits))
    if errors:
        raise ValidationFailed(errors=errors)
    policy = policy_of(work, record.id)
    policy.takers, policy.terms, policy.questions = takers, terms, asked
    work.session.add(policy)
    log(work, actor.user_id, "access.policy", "record", record.id, takers=takers)


TOO_LONG = N_("Use at most %(count)s characters.")


def requestable_version(work: Work, actor: Actor, identifier: str) -> Version:
    """A version whose files `actor` may ask for. Raises NotFound where they may not know of it,
    or have everything already, and Forbidden where the owner does not want to be asked.
    """
    version = find_version(work, actor, identifier)
    entitled = is_entitled(actor, version, work.clock.now())
    if version.state != State.PUBLISHED or not version.files_enabled or entitled:
        raise NotFound(N_("There is nothing here that you would have to ask for."))
    takers = policy_of(work, version.record_id).takers
    if takers == Takers.NOBODY:
        raise Forbidden(CLOSED_TO)
    if takers == Takers.USERS and actor.user_id is None:
        raise Forbidden(SIGN_IN_FIRST)
    return version


def ask(work: Work, actor: Actor, version: Version, asked: Asked) -> AccessRequest:
    """A user's request is told to the owner; a guest's when the address is confirmed.

    The caller has the version from `requestable_version`. Raises ValidationFailed, Conflict.
    """
    policy = policy_of(work, version.record_id)
    user = work.session.get_one(User, actor.user_id) if actor.user_id else None
    email = _checked(asked, policy, user)
    work.lock(f"access-request:{version.record_id}")
    _check_waiting(work, version.record_id, email)
    request = AccessRequest(
        record_id=version.record_id,
        version_id=version.id,
        user_id=user.id if user else None,
        email=email,
        name=user.name if user else asked.name,
        affiliation=asked.affiliation,
        message=asked.message,
        answers=[
            {"question": question, "answer": answer}
            for question, answer in zip(policy.questions, asked.answers, strict=True)
        ],
        terms=policy.terms,
        locale=asked.locale,
        status=(RequestStatus.OPEN if user else RequestStatus.UNVERIFIED).value,
        created_at=work.clock.now(),
        opened_at=work.clock.now() if user else None,
        reason="",
    )
    work.session.add(request)
    work.session.flush()
    log(work, actor.user_id, "access.ask", "record", version.record_id, request=request.id)
    if user is not None:
        notices.tell_owner(work, notices.REQUESTED, request)
    else:
        secret = secrets.token_urlsafe(32)
        request.secret_hash = _hash(secret)
        notices.tell_asker(
            work, notices.VERIFY, request, url=f"/access-requests/confirm?key={secret}"
        )
    return request


def _checked(asked: Asked, policy: RequestPolicy, user: User | None) -> str:
    """The address that is asked from. Raises ValidationFailed naming every wrong field."""
    errors: rules.Errors = []
    email = user.email if user else rules.email(asked.email, errors)
    if user is None:
        rules.required(asked.name, "/name", rules.MAX_NAME, errors)
    rules.limited(asked.affiliation, "/affiliation", rules.MAX_AFFILIATION, errors)
    rules.required(asked.message, "/message", MAX_MESSAGE, errors)
    for index, (_, answer) in enumerate(zip(policy.questions, asked.answers, strict=False)):
        rules.required(answer, f"/answer-{index}", MAX_ANSWER, errors)
    if policy.terms and not asked.agreed:
        errors.append(FieldError("/agreed", N_("Without agreeing you cannot ask for access.")))
    if len(asked.answers) != len(policy.questions):
        errors.append(FieldError("", N_("The questions have changed; please answer them again.")))
    if errors:
        raise ValidationFailed(errors=errors)
    return email


def _check_waiting(work: Work, record_id: str, email: str) -> None:
    waiting = select(AccessRequest).where(
        AccessRequest.record_id == record_id,
        AccessRequest.status.in_([RequestStatus.OPEN.value, RequestStatus.UNVERIFIED.value]),
    )
    mine = waiting.where(AccessRequest.email == email)
    if work.session.scalar(mine.limit(1)) is not None:
        raise Conflict(N_("A request from this address is waiting already."))
    count = work.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if count >= MAX_WAITING:
        raise Conflict(N_("Too many requests are waiting; please ask again later."))


def by_secret(work: Work, secret: str) -> AccessRequest:
    """A guest's request that waits for its address to be confirmed. Raises NotFound."""
    query = select(AccessRequest).where(AccessRequest.secret_hash == _hash(secret))
    request = work.session.scalar(query)
    if request is None:
        raise NotFound(N_("This link is not known here, was used already, or has expired."))
    return request


def confirm(work: Work, secret: str) -> AccessRequest:
    """The guest has the address: tell the owner. Raises NotFound."""
    request = by_secret(work, secret)
    request.secret_hash = None
    request.status = RequestStatus.OPEN.value
    request.opened_at = work.clock.now()
    notices.tell_owner(work, notices.REQUESTED, request)
    return request


def find_request(work: Work, actor: Actor, request_id: int) -> tuple[AccessRequest, bool]:
    """A request, and whether `actor` decides on it; else it is their own. Raises NotFound."""
    request = work.session.get(AccessRequest, request_id)
    if request is None or request.status == RequestStatus.UNVERIFIED or actor.user_id is None:
        raise NotFound
    try:
        managed_record(work, actor, request.record_id)
    except (Forbidden, NotFound):
        if request.user_id != actor.user_id:
            raise NotFound from None
        return request, False
    return request, True


def decide(
    work: Work,
    actor: Actor,
    request: AccessRequest,
    *,
    grant: bool,
    reason: str,
    until: datetime | None,
) -> None:
    """Give access until a moment, or decline saying why. `actor` decides on it (`find_request`).

    A user is granted it; a guest is mailed a link. Raises ValidationFailed, Conflict.
    """
    work.session.refresh(request, with_for_update=True)
    if request.status != RequestStatus.OPEN:
        raise Conflict(N_("This request was decided already."))
    errors: rules.Errors = []
    if not grant:
        rules.required(reason, "/reason", MAX_MESSAGE, errors)
    if grant and (until is None or until <= work.clock.now()):
        errors.append(FieldError("/until", N_("Choose a day that is still to come.")))
    if errors:
        raise ValidationFailed(errors=errors)
    status = RequestStatus.GRANTED if grant else RequestStatus.DECLINED
    request.status = status.value
    request.decided_at, request.decided_by = work.clock.now(), actor.user_id
    request.reason, request.access_until = reason, until if grant else None
    told = {"request": request.id, "status": status.value}
    log(work, actor.user_id, "access.decide", "record", request.record_id, **told)
    if grant and until is not None:
        url = _give(work, actor, request, until)
        day = last_day(until)
        notices.tell_asker(work, notices.GRANTED, request, url=url, reason=reason, until=day)
    else:
        notices.tell_asker(work, notices.DECLINED, request, reason=reason)


def _give(work: Work, actor: Actor, request: AccessRequest, until: datetime) -> str:
    """The path by which the asker gets at the files."""
    record = work.session.get_one(Record, request.record_id)
    if request.user_id is not None:
        grant_access(
            work,
            actor,
            record,
            email=request.email,
            permission=Permission.DOWNLOAD,
            expires_at=until,
        )
        return f"/records/{request.version_id}"
    note = f"{request.name} <{request.email}>"[:200]
    _link, secret = create_link(
        work, actor, record, permission=Permission.DOWNLOAD, note=note, expires_at=until
    )
    return f"/share?key={secret}"


def last_day(until: datetime) -> str:
    """The last UTC day on which something that ends at `until` holds."""
    return (until - timedelta(seconds=1)).date().isoformat()


def cancel(work: Work, actor: Actor, request: AccessRequest) -> None:
    """Raises Conflict."""
    if request.user_id != actor.user_id or request.status != RequestStatus.OPEN:
        raise Conflict(N_("This request was decided already."))
    request.status = RequestStatus.CANCELLED.value
    request.decided_at, request.decided_by = work.clock.now(), actor.user_id
    log(work, actor.user_id, "access.cancel", "record", request.record_id, request=request.id)


def _for(work: Work, actor: Actor) -> Select[tuple[AccessRequest]]:
    """Requests that `actor` decides on, and their own."""
    owned = select(Record.id).where(Record.owner_id == actor.user_id)
    managed = granted_records(actor, Permission.MANAGE, work.clock.now())
    return select(AccessRequest).where(
        AccessRequest.status != RequestStatus.UNVERIFIED.value,
        or_(
            AccessRequest.user_id == actor.user_id,
            AccessRequest.record_id.in_(owned),
            AccessRequest.record_id.in_(managed),
        ),
    )


def requests_of(work: Work, actor: Actor, offset: int, limit: int) -> Sequence[AccessRequest]:
    """Those that are open first, then the newest."""
    still_open = AccessRequest.status == RequestStatus.OPEN.value
    query = _for(work, actor).order_by(still_open.desc(), AccessRequest.id.desc())
    return work.session.scalars(query.offset(offset).limit(limit)).all()


def count_requests(work: Work, actor: Actor) -> int:
    query = select(func.count()).select_from(_for(work, actor).subquery())
    return work.session.scalar(query) or 0


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
