"""Scores follow what changes, and time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from repository.core import feed
from repository.core.jobs import Lane, handler
from repository.core.runtime import Runtime
from repository.quality import services


@feed.follower("quality")
def follow(runtime: Runtime, record_ids: Sequence[str]) -> None:
    with runtime.work() as work:
        services.assess_records(work, record_ids)


@handler("quality.sweep", every=timedelta(minutes=30), lane=Lane.UPKEEP)
def sweep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    with runtime.work() as work:
        services.assess_old(work)
