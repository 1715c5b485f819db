"""How what is served follows the records."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from repository.core import feed, jobs
from repository.core.runtime import Runtime
from repository.oai import conformance, rebuild, search_sets, stamper


@feed.follower("oai")
def follow(runtime: Runtime, record_ids: Sequence[str]) -> None:
    stamper.refresh_records(runtime, record_ids)


@jobs.handler("oai.rebuild", every=timedelta(hours=1), lane=jobs.Lane.UPKEEP)
def rebuild_changed_formats(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Looked at when the runner starts, which is when a new release begins to run."""
    rebuild.run(runtime)


@jobs.handler("oai.check", lane=jobs.Lane.UPKEEP)
def check_endpoint(runtime: Runtime, _payload: dict[str, Any]) -> None:
    conformance.check_and_keep(runtime)


@jobs.handler(search_sets.JOB, every=search_sets.EVERY, lane=jobs.Lane.UPKEEP)
def look_at_search_sets(runtime: Runtime, _payload: dict[str, Any]) -> None:
    search_sets.refresh(runtime)
