"""Scheduled preservation: fixity, backups, drills, and the watch over them.

A backup copies in slices, so that other jobs have their turn while the first terabytes go over.
"""

from datetime import timedelta
from typing import Any

import structlog

from repository.core.errors import Conflict
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.preservation import backup, fixity, runs
from repository.preservation.drill import drill
from repository.preservation.places import target_for_writing
from repository.preservation.policies import current
from repository.preservation.replication import replicate

SLICE_SECONDS = 20
PAUSE_SECONDS = 1
BUSY_SECONDS = 600
log = structlog.get_logger(__name__)


@handler("fixity.sweep", every=fixity.EVERY, lane=Lane.UPKEEP)
def sweep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    fixity.sweep(runtime)


@handler("backup.run", every=timedelta(minutes=15), lane=Lane.UPKEEP)
def run_backup(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """A backup if the policy wants one by now, then those go that it no longer keeps."""
    if not _wanted(runtime, runs.BACKUP):
        return
    try:
        with runs.exclusive(runtime.settings):
            target = target_for_writing(runtime.settings)
            done = replicate(runtime, target, seconds=SLICE_SECONDS).done
        if not done:
            raise RetryLater(PAUSE_SECONDS, "more to copy")
        backup.run(runtime)
        with runtime.read() as work:
            terms = current(work).terms
        backup.prune(runtime, target, terms)
    except Conflict as error:
        raise RetryLater(BUSY_SECONDS, str(error)) from error


@handler("backup.drill", every=timedelta(hours=6), lane=Lane.UPKEEP)
def run_drill(runtime: Runtime, _payload: dict[str, Any]) -> None:
    if not _wanted(runtime, runs.DRILL):
        return
    with runtime.read() as work:
        if runs.latest(work, runs.BACKUP) is None:
            return
    try:
        drill(runtime)
    except Conflict as error:
        raise RetryLater(BUSY_SECONDS, str(error)) from error


@handler("backup.watch", every=timedelta(hours=1))
def watch(runtime: Runtime, _payload: dict[str, Any]) -> None:
    runs.watch(runtime)


def _wanted(runtime: Runtime, kind: str) -> bool:
    if not runtime.settings.backup_target:
        return False
    with runtime.read() as work:
        return runs.is_due(work, kind)
