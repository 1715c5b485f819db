"""The jobs of bulk edits."""

from typing import Any

from repository.bulk import services, working
from repository.core.jobs import handler
from repository.core.runtime import Runtime


@handler(services.PREPARE)
def prepare(runtime: Runtime, payload: dict[str, Any]) -> None:
    working.prepare(runtime, payload["bulk"])


@handler(services.WORK)
def carry_on(runtime: Runtime, payload: dict[str, Any]) -> None:
    working.carry_on(runtime, payload["bulk"])
