"""Reading tables after they have arrived, and keeping their copies within bounds."""

from datetime import timedelta
from typing import Any

from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.tables import cache, services
from repository.tables.refusals import TableBusy

BUSY_SECONDS = 5


@handler(services.PROFILE, lane=Lane.FILES)
def profile(runtime: Runtime, payload: dict[str, Any]) -> None:
    try:
        services.profile_content(runtime, payload["sha256"])
    except TableBusy as error:
        raise RetryLater(BUSY_SECONDS, str(error)) from error


@handler("tables.prepare", lane=Lane.FILES)
def prepare(runtime: Runtime, payload: dict[str, Any]) -> None:
    try:
        services.prepare_again(runtime, payload["sha256"])
    except TableBusy as error:
        raise RetryLater(BUSY_SECONDS, str(error)) from error


@handler("tables.upkeep", every=timedelta(minutes=15), lane=Lane.UPKEEP)
def upkeep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Tables that came before there were profiles get theirs; the cache is trimmed."""
    cache.trim(runtime.settings)
    with runtime.work() as work:
        services.request_missed(work)
