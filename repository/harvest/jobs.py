"""When sources are asked."""

from datetime import timedelta
from typing import Any

from repository.core.fetch import FetchRefused
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.harvest import services, working
from repository.harvest.models import HarvestRun


@handler("harvest.due", every=timedelta(minutes=5), lane=Lane.UPKEEP)
def look(runtime: Runtime, _payload: dict[str, Any]) -> None:
    with runtime.work() as work:
        services.begin_due(work)


@handler(services.RUN, lane=Lane.UPKEEP)
def run(runtime: Runtime, payload: dict[str, Any]) -> None:
    """A turn; then it is asked for again, after those that wait."""
    try:
        more = working.carry_on(runtime, payload["run"])
    except FetchRefused as error:
        pause = working.postpone(runtime, payload["run"], error)
        if pause:
            raise RetryLater(pause, str(error)) from error
        return
    if more:
        with runtime.work() as work:
            services.enqueue(work, work.session.get_one(HarvestRun, payload["run"]))
