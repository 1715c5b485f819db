"""Giving users, an institution's addresses or a provider's people access to a record, for a time
or for good, and taking it back.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from repository.access.domains import institution
from repository.access.rules import Action, can, visible_to
from repository.accounts.models import Actor, User
from repository.accounts.oidc import MAX_VALUE
from repository.accounts.services import find
from repository.audit.services import log
from repository.core.errors import FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import Grant, Permission, Record, Version

MAX_GRANTS = 500


@dataclass(frozen=True)
class Given:
    """A grant and whose it is; of an institution no one user's."""

    grant: Grant
    user: User | None


def managed_record(work: Work, actor: Actor, identifier: str) -> Record:
    """The record with this id, or the one of the version with it, if `actor` may manage it.

    Raises NotFound where `actor` may not even see it, Forbidden.
    """
    now = work.clock.now()
    version = work.session.scalar(
        select(Version)
        .where(
            or_(Version.id == identifier, Version.record_id == identifier), visible_to(actor, now)
        )
        .order_by((Version.id == identifier).desc(), Version.number.desc())
        .limit(1)
    )
    if version is None:
        raise NotFound
    if not can(actor, Action.MANAGE, version, now):
        raise Forbidden(N_("Only those who manage this record may say who else has access."))
    return version.record


def grants_of(work: Work, record: Record) -> list[Given]:
    """All grants of a record, those that have expired too, in the order they were given."""
    query = select(Grant, User).outerjoin(User, User.id == Grant.user_id)
    rows = work.session.execute(query.where(Grant.record_id == record.id).order_by(Grant.id))
    return [Given(grant, user) for grant, user in rows]


def grant_access(
    work: Work,
    actor: Actor,
    record: Record,
    *,
    email: str,
    permission: str,
    expires_at: datetime | None = None,
    pointer: str = "",
) -> Given:
    """Give the user with this address access; what they were granted before is replaced.

    The caller has the record from `managed_record`. Raises ValidationFailed.
    """
    work.session.refresh(record, with_for_update=True)
    user = another_user(work, record, email, pointer)
    given = _Wanted(permission, expires_at, pointer)
    return Given(_give(work, actor, record, given, Grant.user_id == user.id, user_id=user.id), user)


def grant_to_domain(
    work: Work,
    actor: Actor,
    record: Record,
    *,
    domain: str,
    subdomains: bool,
    permission: str,
    expires_at: datetime | None = None,
    pointer: str = "",
) -> Given:
    """Give everyone with a verified address at a domain access, with `subdomains` those below it
    too. As `grant_access` in all else.
    """
    work.session.refresh(record, with_for_update=True)
    name = institution(domain, f"{pointer}/subject/id", subdomains=subdomains)
    wanted = _Wanted(permission, expires_at, pointer)
    grant = _give(work, actor, record, wanted, Grant.domain == name, domain=name)
    grant.subdomains = subdomains
    return Given(grant, None)


def grant_to_provider(
    work: Work,
    actor: Actor,
    record: Record,
    *,
    provider: str,
    claim: str,
    value: str,
    permission: str,
    expires_at: datetime | None = None,
    pointer: str = "",
) -> Given:
    """Give everyone access who signs in by a provider, named as in the settings; with a `claim` of
    those that it tells (as `eduperson_scoped_affiliation`) only those of whom it tells `value`. As
    `grant_access` in all else.
    """
    work.session.refresh(record, with_for_update=True)
    issuer, value = _said_by(work, provider, claim, value.strip(), f"{pointer}/subject")
    wanted = _Wanted(permission, expires_at, pointer)
    theirs = and_(Grant.issuer == issuer, Grant.claim == claim, Grant.claim_value == value)
    subject = {"issuer": issuer, "claim": claim, "claim_value": value}
    return Given(_give(work, actor, record, wanted, theirs, **subject), None)


def _said_by(work: Work, name: str, claim: str, value: str, pointer: str) -> tuple[str, str]:
    """The issuer, and the value to compare; none without a claim."""
    provider = work.settings.oidc.get(name)
    if provider is None:
        known = {"known": ", ".join(work.settings.oidc)}
        message = N_("This site knows no such identity provider. Known: %(known)s.")
        raise ValidationFailed(errors=[FieldError(f"{pointer}/id", message, known)])
    if claim and claim not in provider.claims:
        known = {"known": ", ".join(provider.claims)}
        wrong = FieldError(f"{pointer}/claim", N_("Choose one of: %(known)s."), known)
        raise ValidationFailed(errors=[wrong])
    if bool(claim) != bool(value):
        message = N_("A claim needs a value, and a value a claim.")
        raise ValidationFailed(errors=[FieldError(f"{pointer}/value", message)])
    if len(value) > MAX_VALUE:
        message = N_("Use at most %(count)s characters.")
        raise ValidationFailed(
            errors=[FieldError(f"{pointer}/value", message, {"count": MAX_VALUE})]
        )
    return provider.issuer, value


@dataclass(frozen=True)
class _Wanted:
    permission: str
    expires_at: datetime | None
    pointer: str


def _give(
    work: Work,
    actor: Actor,
    record: Record,
    wanted: _Wanted,
    theirs: ColumnElement[bool],
    **subject: int | str,
) -> Grant:
    chosen = _permission(wanted.permission, wanted.pointer)
    if wanted.expires_at is not None and wanted.expires_at <= work.clock.now():
        message = N_("Choose a day that is still to come.")
        raise ValidationFailed(errors=[FieldError(f"{wanted.pointer}/expires_at", message)])
    grant = work.session.scalar(select(Grant).where(Grant.record_id == record.id, theirs))
    if grant is None:
        _check_room(work, record)
        grant = Grant(record_id=record.id, **subject)
        work.session.add(grant)
    grant.permission = chosen.value
    grant.expires_at = wanted.expires_at
    grant.granted_by = actor.user_id
    grant.created_at = work.clock.now()
    _note(work, actor, "access.grant", grant)
    return grant


def another_user(work: Work, record: Record, email: str, pointer: str) -> User:
    user = find(work, email)
    if user is None or not user.active:
        message = N_("Nobody with this address has an account here; ask them to register first.")
        raise ValidationFailed(errors=[FieldError(f"{pointer}/subject/id", message)])
    if user.id == record.owner_id:
        message = N_("This is the record's owner, who may do everything already.")
        raise ValidationFailed(errors=[FieldError(f"{pointer}/subject/id", message)])
    return user


def _permission(text: str, pointer: str) -> Permission:
    try:
        return Permission(text)
    except ValueError as error:
        known = {"known": ", ".join(Permission)}
        wrong = FieldError(f"{pointer}/permission", N_("Choose one of: %(known)s."), known)
        raise ValidationFailed(errors=[wrong]) from error


def _check_room(work: Work, record: Record) -> None:
    there = select(func.count()).select_from(Grant).where(Grant.record_id == record.id)
    if (work.session.scalar(there) or 0) >= MAX_GRANTS:
        message = N_("A record has at most %(limit)s grants; remove one first.")
        raise ValidationFailed(errors=[FieldError("", message, {"limit": MAX_GRANTS})])


def find_grant(work: Work, record: Record, grant_id: int) -> Given:
    """Raises NotFound."""
    for given in grants_of(work, record):
        if given.grant.id == grant_id:
            return given
    raise NotFound


def revoke_grant(work: Work, actor: Actor, record: Record, grant_id: int) -> None:
    """Take a grant back, at once. Raises NotFound."""
    grant = find_grant(work, record, grant_id).grant
    _note(work, actor, "access.revoke", grant)
    work.session.delete(grant)


def _note(work: Work, actor: Actor, action: str, grant: Grant) -> None:
    until = grant.expires_at.isoformat() if grant.expires_at else None
    to = grant.domain or grant.issuer or grant.user_id
    told = {"to": to, "permission": grant.permission, "until": until}
    log(work, actor.user_id, action, "record", grant.record_id, **told)
    work.session.flush()
