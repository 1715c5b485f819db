"""Writing to the audit log."""

from typing import Any

from repository.audit.models import AuditEvent
from repository.core.work import Work


def log(
    work: Work, user_id: int | None, action: str, object_type: str, object_id: str, **detail: Any
) -> None:
    """Add an event in the transaction of the act itself: neither is there without the other.

    `detail` is JSON and holds ids and codes, never secrets, never the words of a hidden record.
    """
    work.session.add(
        AuditEvent(
            at=work.clock.now(),
            user_id=user_id,
            action=action,
            object_type=object_type,
            object_id=object_id,
            detail=detail,
        )
    )
