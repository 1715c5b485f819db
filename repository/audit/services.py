"""Writing to the audit log, and reading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from repository.audit import chain
from repository.audit.models import AuditEvent
from repository.core.work import Work


def log(
    work: Work, user_id: int | None, action: str, object_type: str, object_id: str, **detail: Any
) -> None:
    """Add an event in the transaction of the act itself: neither is there without the other.

    `detail` is JSON and holds ids and codes, never secrets, never the words of a hidden record.
    """
    event = AuditEvent(
        at=work.clock.now(),
        user_id=user_id,
        action=action,
        object_type=object_type,
        object_id=object_id,
        detail=detail,
    )
    chain.add(work, event)


@dataclass(frozen=True)
class Wanted:
    """Which events to list; an empty value asks for all. `action` may be the beginning of one."""

    user_id: int | None = None
    action: str = ""
    object_id: str = ""


def listed(work: Work, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[AuditEvent], int]:
    """Events, newest first; and how many there are."""
    conditions = []
    if wanted.user_id is not None:
        conditions.append(AuditEvent.user_id == wanted.user_id)
    if wanted.action:
        conditions.append(AuditEvent.action.startswith(wanted.action, autoescape=True))
    if wanted.object_id:
        conditions.append(AuditEvent.object_id == wanted.object_id)
    total = work.session.scalar(select(func.count()).select_from(AuditEvent).where(*conditions))
    query = select(AuditEvent).where(*conditions).order_by(AuditEvent.id.desc())
    return work.session.scalars(query.offset(offset).limit(limit)).all(), total or 0
