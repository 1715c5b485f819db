"""Forgetting what the API need not remember."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from repository.api.models import IdempotentRequest
from repository.core.jobs import handler
from repository.core.runtime import Runtime

KEPT = timedelta(days=1)


@handler("api.forget-idempotent-requests", every=timedelta(hours=1))
def forget(runtime: Runtime, _payload: dict[str, Any]) -> None:
    with runtime.work() as work:
        old = IdempotentRequest.created_at < work.clock.now() - KEPT
        work.session.execute(delete(IdempotentRequest).where(old))
