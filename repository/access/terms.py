"""Terms that a reader accepts before the bytes of a record are given, and who accepted which text.

Part of the one rule, in Python (`must_accept`) and in SQL (`accepted_by`). Names, sizes and digests
of files are told before; what is in them is not. Those who may edit the record accept nothing: the
terms are theirs. An acceptance is of one text: another text is accepted anew.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import object_session

from repository.access.models import ShareLink, TermsAcceptance, TermsText
from repository.access.rules import has_permission, permitted
from repository.accounts.models import Actor, Scope, User, as_guest
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import Permission, Record, Version

PREFIX = "rdg_"  # of a guest's secret, so that scanners for leaked secrets can know it
NONE = N_("This record has no terms to accept.")
CHANGED = N_("The terms have changed since you read them; read them again.")


class TermsNotAccepted(Forbidden):
    """The reader may have the files once they have accepted the terms."""

    code = "terms-not-accepted"
    title = N_("Accept the terms first")
    message = N_("The owner of this record asks you to accept terms before you have its files.")
    rel = "terms-of-service"

    def __init__(self, version: Version) -> None:
        super().__init__(way=f"/records/{version.id}/terms")
        self.version_id = version.id
        self.told = {
            "terms": version.terms_sha256,
            "acceptance": f"/api/records/{version.id}/terms/acceptance",
        }


@dataclass(frozen=True)
class Accepted:
    """An acceptance with the text, and who it was where that is an account."""

    acceptance: TermsAcceptance
    texts: dict[str, str]
    user: User | None
    link_note: str


def must_accept(actor: Actor, version: Version, now: datetime) -> bool:
    """Whether `actor`, who may have files of a version, has its terms still to accept."""
    if not version.terms_sha256 or has_permission(actor, Permission.EDIT, version, now):
        return False
    session, holders = object_session(version), holders_of(actor)
    if session is None or not holders:
        return True
    found = select(TermsAcceptance.id).where(
        TermsAcceptance.record_id == version.record_id,
        TermsAcceptance.terms_sha256 == version.terms_sha256,
        TermsAcceptance.holder.in_(holders),
    )
    return session.scalar(found.limit(1)) is None


def require_accepted(actor: Actor, version: Version, now: datetime) -> None:
    """Raises TermsNotAccepted. The caller asked whether `actor` may have files of it."""
    if must_accept(actor, version, now):
        raise TermsNotAccepted(version)


def accepted_by(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """SQL twin of `not must_accept`, as a condition on `Version`."""
    holders = holders_of(actor)
    accepted = (
        select(TermsAcceptance.id)
        .where(
            TermsAcceptance.record_id == Version.record_id,
            TermsAcceptance.terms_sha256 == Version.terms_sha256,
            TermsAcceptance.holder.in_(holders),
        )
        .exists()
    )
    return or_(
        Version.terms_sha256 == "",
        permitted(actor, Permission.EDIT, now),
        accepted if holders else false(),
    )


def holders_of(actor: Actor) -> list[str]:
    """Under which names `actor` may have accepted: as a user, and as a guest before signing in."""
    user = [f"user:{actor.user_id}"] if actor.user_id is not None else []
    return user + ([f"guest:{actor.guest}"] if actor.guest else [])


def accept_terms(work: Work, actor: Actor, version: Version, digest: str) -> TermsAcceptance:
    """Keep that `actor`, a user or a guest with a secret, accepts the text with this digest.

    The caller made sure that `actor` may see the version. Twice is once. Raises ValidationFailed
    where the text is not the one that holds, Conflict where there is none.
    """
    if not version.terms_sha256:
        raise Conflict(NONE)
    if digest != version.terms_sha256:
        raise ValidationFailed(errors=[FieldError("/terms", CHANGED)])
    holder = holders_of(actor)[0]
    work.lock(f"terms:{holder}")
    known = work.session.scalar(
        select(TermsAcceptance).where(
            TermsAcceptance.record_id == version.record_id,
            TermsAcceptance.terms_sha256 == digest,
            TermsAcceptance.holder == holder,
        )
    )
    if known is not None:
        return known
    _keep_text(work, version)
    held = [link.id for link in actor.links if link.record_id == version.record_id]
    made = TermsAcceptance(
        record_id=version.record_id,
        version_id=version.id,
        terms_sha256=digest,
        holder=holder,
        user_id=actor.user_id,
        link_id=held[-1] if held else None,
        at=work.clock.now(),
    )
    work.session.add(made)
    work.session.flush()
    return made


def _keep_text(work: Work, version: Version) -> None:
    work.lock(f"terms:{version.terms_sha256}")
    if work.session.get(TermsText, version.terms_sha256) is None:
        text = TermsText(
            sha256=version.terms_sha256, texts=version.terms, created_at=work.clock.now()
        )
        work.session.add(text)
        work.session.flush()


def acceptance_of(work: Work, actor: Actor, version: Version) -> TermsAcceptance | None:
    """The acceptance that lets `actor` have the files, if there is one."""
    query = select(TermsAcceptance).where(
        TermsAcceptance.record_id == version.record_id,
        TermsAcceptance.terms_sha256 == version.terms_sha256,
        TermsAcceptance.holder.in_(holders_of(actor)),
    )
    return work.session.scalar(query.order_by(TermsAcceptance.id).limit(1))


def new_guest() -> str:
    """A secret by which somebody without an account is known again; only its hash is kept."""
    return PREFIX + secrets.token_urlsafe(32)


def guest_actor(work: Work, secret: str) -> Actor | None:
    """Who a program is that sends a guest's secret: nobody, who has accepted some terms."""
    if not secret.startswith(PREFIX):
        return None
    actor = as_guest(Actor(scopes=frozenset({Scope.READ.value})), secret)
    known = select(TermsAcceptance.id).where(TermsAcceptance.holder.in_(holders_of(actor)))
    return actor if work.session.scalar(known.limit(1)) is not None else None


def count_acceptances(work: Work, record: Record) -> int:
    query = select(func.count()).where(TermsAcceptance.record_id == record.id)
    return work.session.scalar(query) or 0


def acceptances_of(work: Work, record: Record, offset: int, limit: int) -> Sequence[Accepted]:
    """Newest first; the caller has the record from `managed_record`."""
    query = (
        select(TermsAcceptance, TermsText.texts, User, ShareLink.note)
        .join(TermsText, TermsText.sha256 == TermsAcceptance.terms_sha256)
        .outerjoin(User, User.id == TermsAcceptance.user_id)
        .outerjoin(ShareLink, ShareLink.id == TermsAcceptance.link_id)
        .where(TermsAcceptance.record_id == record.id)
        .order_by(TermsAcceptance.at.desc(), TermsAcceptance.id.desc())
    )
    rows = work.session.execute(query.offset(offset).limit(limit))
    return [Accepted(made, texts, user, note or "") for made, texts, user, note in rows]


def version_with_terms(version: Version) -> Version:
    """The same. Raises NotFound where it has no terms."""
    if not version.terms_sha256:
        raise NotFound(NONE)
    return version
