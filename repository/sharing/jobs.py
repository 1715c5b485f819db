"""Requests for access that wait: owners are reminded, and nothing waits for ever."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from repository.core import jobs
from repository.core.runtime import Runtime
from repository.sharing import notices
from repository.sharing.models import AccessRequest, RequestStatus
from repository.sharing.services import last_day

TO_CONFIRM = timedelta(days=2)
REMIND_AFTER = timedelta(days=7)
LAPSE_AFTER = timedelta(days=60)
BEFORE_END = timedelta(days=7)
BATCH = 500


@jobs.handler("sharing.requests", every=timedelta(hours=6))
def keep_requests_moving(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Remind owners once a week; let what nobody decided in 60 days lapse; drop what no guest
    confirmed in two days; tell who was given access, a week before it ends.
    """
    with runtime.work() as work:
        now, status = work.clock.now(), AccessRequest.status
        unconfirmed = (status == RequestStatus.UNVERIFIED.value) & (
            AccessRequest.created_at < now - TO_CONFIRM
        )
        work.session.execute(delete(AccessRequest).where(unconfirmed))
        waiting = select(AccessRequest).where(
            status == RequestStatus.OPEN.value, AccessRequest.opened_at < now - REMIND_AFTER
        )
        for request in work.session.scalars(waiting.order_by(AccessRequest.id).limit(BATCH)):
            if request.opened_at and request.opened_at < now - LAPSE_AFTER:
                request.status, request.decided_at = RequestStatus.LAPSED.value, now
                notices.tell_asker(work, notices.LAPSED, request)
            elif request.reminded_at is None or request.reminded_at < now - REMIND_AFTER:
                request.reminded_at = now
                notices.tell_owner(work, notices.REMINDER, request)
        ending = select(AccessRequest).where(
            status == RequestStatus.GRANTED.value,
            AccessRequest.ending_told_at.is_(None),
            AccessRequest.access_until > now,
            AccessRequest.access_until < now + BEFORE_END,
            AccessRequest.decided_at < now - timedelta(days=1),
        )
        for request in work.session.scalars(ending.order_by(AccessRequest.id).limit(BATCH)):
            request.ending_told_at = now
            if request.access_until is not None:
                until = last_day(request.access_until)
                notices.tell_asker(work, notices.ENDING, request, until=until)
