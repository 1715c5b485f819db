"""Counting what was seen."""

from datetime import timedelta
from typing import Any

from repository.core.jobs import Lane, handler
from repository.core.runtime import Runtime
from repository.stats.services import count_day, open_days


@handler("stats.count", every=timedelta(minutes=30), lane=Lane.UPKEEP)
def count(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Each day in a transaction of its own; today's so far too."""
    with runtime.read() as work:
        days = open_days(work)
    for day in days:
        with runtime.work() as work:
            count_day(work, day)
