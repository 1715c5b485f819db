"""Share links: a secret address that gives whoever opens it access to a record.

Opening one puts its number into the reader's session; each request asks the database anew whether
it still holds, so that taking it back counts at once. Programs send the secret as a bearer token.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import or_, select, update

from repository.access.models import REVIEW, ShareLink
from repository.access.rules import is_core
from repository.accounts.models import Actor, HeldLink, Scope
from repository.audit.services import log
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import Draft, Permission, Record, State, Version

PREFIX = "rdl_"  # so that scanners for leaked secrets can know them
KINDS = (Permission.VIEW.value, Permission.DOWNLOAD.value, Permission.EDIT.value, REVIEW)
MAX_LINKS = 100
MAX_NOTE = 200
MAX_HELD = 20  # in one session, the newest ones


def links_of(work: Work, record: Record) -> Sequence[ShareLink]:
    """All links of a record that were not taken back, those that have expired too."""
    query = select(ShareLink).where(ShareLink.record_id == record.id).order_by(ShareLink.id)
    return work.session.scalars(query).all()


def create_link(
    work: Work,
    actor: Actor | None,
    record: Record,
    *,
    permission: str,
    version_id: str = "",
    note: str = "",
    expires_at: datetime | None = None,
    max_uses: int | None = None,
) -> tuple[ShareLink, str]:
    """A new link and its secret, which cannot be had again. `actor` is None where the repository
    itself makes it. The caller has the record from `managed_record`. Raises ValidationFailed.
    """
    errors = list(_problems(work, permission, note, expires_at, max_uses))
    if len(links_of(work, record)) >= MAX_LINKS:
        message = N_("A record has at most %(limit)s links; take one back first.")
        errors.append(FieldError("", message, {"limit": MAX_LINKS}))
    if errors:
        raise ValidationFailed(errors=errors)
    secret = PREFIX + secrets.token_urlsafe(32)
    link = ShareLink(
        record_id=record.id,
        version_id=_shown_version(work, record, version_id) if permission == REVIEW else None,
        permission=permission,
        secret_hash=_hash(secret),
        note=note,
        created_by=actor.user_id if actor else None,
        created_at=work.clock.now(),
        expires_at=expires_at,
        max_uses=max_uses,
        uses=0,
    )
    work.session.add(link)
    work.session.flush()
    until = expires_at.isoformat() if expires_at else None
    told = {"link": link.id, "permission": permission, "until": until}
    log(work, link.created_by, "access.link", "record", record.id, **told)
    return link, secret


def _problems(
    work: Work, permission: str, note: str, expires_at: datetime | None, max_uses: int | None
) -> list[FieldError]:
    errors = []
    if permission not in KINDS:
        known = {"known": ", ".join(KINDS)}
        errors.append(FieldError("/permission", N_("Choose one of: %(known)s."), known))
    if len(note) > MAX_NOTE:
        message = N_("Use at most %(count)s characters.")
        errors.append(FieldError("/note", message, {"count": MAX_NOTE}))
    if expires_at is not None and expires_at <= work.clock.now():
        errors.append(FieldError("/expires_at", N_("Choose a day that is still to come.")))
    if max_uses is not None and not 1 <= max_uses <= 1_000_000:
        errors.append(FieldError("/max_uses", N_("Write a number from 1 to 1,000,000.")))
    return errors


def _shown_version(work: Work, record: Record, version_id: str) -> str:
    """Which version an anonymous link shows: the one named, else the newest there is."""
    newest = select(Version).where(Version.record_id == record.id).order_by(Version.number.desc())
    named = work.session.get(Version, version_id) if version_id else None
    chosen = named if named is not None and named.record_id == record.id else None
    return (chosen or work.session.scalars(newest.limit(1)).one()).id


def find_link(work: Work, record: Record, link_id: int) -> ShareLink:
    """Raises NotFound."""
    link = work.session.get(ShareLink, link_id)
    if link is None or link.record_id != record.id:
        raise NotFound
    return link


def revoke_link(work: Work, actor: Actor, record: Record, link_id: int) -> None:
    """Take a link back: it opens nothing from the next request on. Raises NotFound."""
    link = find_link(work, record, link_id)
    told = {"link": link.id, "permission": link.permission}
    log(work, actor.user_id, "access.link-revoke", "record", link.record_id, **told)
    work.session.delete(link)
    work.session.flush()


def open_link(work: Work, secret: str) -> ShareLink:
    """Count an opening. Raises NotFound, the same for one that is unknown, over or used up."""
    link = _by_secret(work, secret)
    if link is None:
        raise NotFound(N_("This link is not known here, was taken back, or has expired."))
    counted = work.session.execute(
        update(ShareLink)
        .where(
            ShareLink.id == link.id,
            or_(ShareLink.max_uses.is_(None), ShareLink.uses < ShareLink.max_uses),
        )
        .values(uses=ShareLink.uses + 1, last_used_at=work.clock.now())
    )
    if not getattr(counted, "rowcount", 0):
        raise NotFound(N_("This link is not known here, was taken back, or has expired."))
    return link


def _by_secret(work: Work, secret: str) -> ShareLink | None:
    if not secret.startswith(PREFIX):
        return None
    link = work.session.scalar(select(ShareLink).where(ShareLink.secret_hash == _hash(secret)))
    return link if link is not None and _lasts(link, work.clock.now()) else None


def _lasts(link: ShareLink, now: datetime) -> bool:
    return link.expires_at is None or link.expires_at > now


def bearer_actor(work: Work, secret: str) -> Actor | None:
    """Who a program is that sends a link's secret: nobody, with what the link gives to read. An
    anonymous link, or one that was opened as often as it may be, is for its pages alone.
    """
    link = _by_secret(work, secret)
    used_up = link is not None and link.max_uses is not None and link.uses >= link.max_uses
    if link is None or used_up or link.permission == REVIEW:
        return None
    held = HeldLink(link.id, link.record_id, link.permission, link.expires_at)
    reads = frozenset({Scope.READ.value})
    return Actor(scopes=reads, links=(held,), guest=link.secret_hash)


def holding(work: Work, actor: Actor, link_ids: Sequence[int]) -> Actor:
    """`actor` with those of these links that still hold."""
    query = select(ShareLink).where(
        ShareLink.id.in_(link_ids[-MAX_HELD:]),
        or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > work.clock.now()),
    )
    held = tuple(
        HeldLink(link.id, link.record_id, link.permission, link.expires_at)
        for link in work.session.scalars(query.order_by(ShareLink.id))
    )
    return replace(actor, links=held) if held else actor


def reviewed_version(work: Work, actor: Actor, link_id: int) -> Version:
    """The version that an anonymous link shows, draft or published. Raises NotFound where the
    reader does not hold the link, or what it showed was withdrawn.
    """
    now = work.clock.now()
    held = any(link.id == link_id and link.lasts(now) for link in actor.links)
    link = work.session.get(ShareLink, link_id) if held else None
    if link is None or link.permission != REVIEW or link.version_id is None:
        raise NotFound
    version = work.session.get_one(Version, link.version_id)
    if version.state == State.WITHDRAWN or is_core(version):
        raise NotFound
    return version


def reviewed_metadata(work: Work, version: Version) -> dict[str, Any]:
    """What is published of it; of one never published, what was typed so far."""
    draft = work.session.get(Draft, version.id) if version.state == State.DRAFT else None
    return draft.metadata_json if draft is not None else version.metadata_json


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
