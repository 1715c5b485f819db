"""Guessing at one account from many addresses: NIST SP 800-63B, section 5.2.2.

The audit log is the memory. An account that is held refuses the right password too, in the words
in which it refuses a wrong one; sessions that there are go on, and a new password by mail ends it.
"""

from datetime import timedelta

from sqlalchemy import func, select

from repository.accounts.models import User
from repository.audit.models import AuditEvent
from repository.core.work import Work

REFUSED = "user.sign-in-refused"
FORGIVEN_BY = ("user.sign-in", "user.new-password")
MAX_REFUSED = 10
HELD_FOR = timedelta(minutes=15)


def is_held(work: Work, user: User) -> bool:
    """Whether the last quarter of an hour saw ten refusals and nothing that forgave them."""
    about = AuditEvent.object_id == str(user.id)
    recent = (about, AuditEvent.object_type == "user", AuditEvent.at > work.clock.now() - HELD_FOR)
    forgiven = select(func.max(AuditEvent.id)).where(*recent, AuditEvent.action.in_(FORGIVEN_BY))
    refused = select(func.count()).where(
        *recent,
        AuditEvent.action == REFUSED,
        AuditEvent.id > func.coalesce(forgiven.scalar_subquery(), 0),
    )
    return (work.session.scalar(refused) or 0) >= MAX_REFUSED
