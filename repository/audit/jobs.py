"""The daily walk along the audit log's chain."""

from datetime import timedelta
from typing import Any

import structlog

from repository.audit import chain
from repository.core import jobs
from repository.core.runtime import Runtime

log = structlog.get_logger(__name__)


@jobs.handler("audit.verify", every=timedelta(days=1), lane=jobs.Lane.UPKEEP)
def verify(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Fails, and so is seen by an operator, when the log is not as it was written.

    The head goes to the server's own log: outside the database, it tells whether the newest events
    were cut off.
    """
    with runtime.read() as work:
        head = chain.verify(work)
    log.info("audit log verified", head=str(head))
