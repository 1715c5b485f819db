"""The chain through the audit log: that no event was changed, taken out or put in.

Each event's `mac` is HMAC-SHA-256 (RFC 2104) over the one before and all that the event says, with
a key made from the site's secret: who can write to the database alone cannot make a chain that
holds. Cutting off the newest events leaves one that does; so its head is in the server's log each
day, and `repository audit verify --head` compares one that was noted elsewhere.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from repository.audit.models import AuditEvent
from repository.core.errors import RepositoryError
from repository.core.messages import N_
from repository.core.sealing import key_for
from repository.core.work import Work

PURPOSE = "audit log"
BATCH = 1000


class Broken(RepositoryError):
    """The log is not what was written; the message says where."""

    code = "audit-log-broken"


@dataclass(frozen=True)
class Head:
    """The newest event: its number and its MAC. `unchained` events are older than the chain."""

    seq: int
    mac: str
    unchained: int = 0

    def __str__(self) -> str:
        return f"{self.seq}:{self.mac}"


def add(work: Work, event: AuditEvent) -> None:
    """Write an event, and chain it in the transaction's last moments: the lock is everybody's."""
    work.session.add(event)
    work.session.info.setdefault(PURPOSE, []).append(event)
    work.before_commit("audit.chain", _extend)


def _extend(work: Work) -> None:
    work.session.flush()
    added = [each for each in work.session.info.pop(PURPOSE, ()) if each in work.session]
    work.lock(PURPOSE)
    head = head_of(work.session)
    key = key_for(work.settings.secret_key, PURPOSE)
    for event in sorted(added, key=lambda each: each.id):
        event.seq = head.seq + 1
        event.mac = mac_of(key, head.mac, event)
        head = Head(event.seq, event.mac)


def head_of(session: Session) -> Head:
    newest = (
        select(AuditEvent.seq, AuditEvent.mac)
        .where(AuditEvent.seq.is_not(None))
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    )
    row = session.execute(newest).one_or_none()
    return Head(row.seq, row.mac) if row else Head(0, "")


def mac_of(key: bytes, before: str, event: AuditEvent) -> str:
    """The event as canonical JSON, after the MAC of the one before."""
    said = [
        before,
        event.seq,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.user_id,
        event.action,
        event.object_type,
        event.object_id,
        event.detail,
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def verify(work: Work, former: Sequence[SecretStr] = (), expected: str = "") -> Head:
    """Go through the whole log, a thousand events at a time, and return its head.

    `former` are secrets the site had before; `expected` is a head (`NUMBER:MAC`) noted earlier,
    which must still be part of the chain. Raises Broken at the first event that is wrong.
    """
    keys = [key_for(secret, PURPOSE) for secret in (work.settings.secret_key, *former)]
    head, found = Head(0, ""), not expected
    while events := _after(work.session, head.seq):
        for event in events:
            head = _next(keys, head, event)
            found = found or str(head) == expected
        work.session.expunge_all()
    if not found:
        raise Broken(
            N_("The audit log does not hold the event that was noted: %(head)s."), head=expected
        )
    unchained = select(func.count()).where(AuditEvent.seq.is_(None))
    return Head(head.seq, head.mac, work.session.scalar(unchained) or 0)


def _after(session: Session, seq: int) -> Sequence[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.seq > seq).order_by(AuditEvent.seq).limit(BATCH)
    return session.scalars(query).all()


def _next(keys: Sequence[bytes], head: Head, event: AuditEvent) -> Head:
    """The head after `event`, whose MAC must fit one of the keys."""
    if event.seq != head.seq + 1 or event.mac is None:
        raise Broken(N_("The audit log lacks event %(number)s."), number=head.seq + 1)
    if not any(hmac.compare_digest(mac_of(key, head.mac, event), event.mac) for key in keys):
        message = N_("Event %(number)s of the audit log is not as it was written.")
        raise Broken(message, number=event.seq)
    return Head(event.seq, event.mac)
