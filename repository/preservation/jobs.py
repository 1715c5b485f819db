"""Scheduled preservation: fixity, backups, drills, and the watch over them.

A backup copies in slices, so that other jobs have their turn while the first terabytes go over.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from repository.core.errors import Conflict, ValidationFailed
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.preservation import backup, fixity, locks, moving, placement, pronom, runs, watch
from repository.preservation.drill import drill
from repository.preservation.places import open_for_writing
from repository.preservation.policies import Duty, duties
from repository.preservation.pruning import prune
from repository.preservation.replication import replicate
from storage.base import StorageError

SLICE_SECONDS = 20
PAUSE_SECONDS = 1
BUSY_SECONDS = 600


@handler("fixity.sweep", every=fixity.EVERY, lane=Lane.UPKEEP)
def sweep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    fixity.sweep(runtime)


@handler("backup.run", every=timedelta(minutes=15), lane=Lane.UPKEEP)
def run_backup(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """The backups that policies want by now, then those go that they no longer keep.

    A site that fails does not keep the others from theirs; the job is then tried again.
    """
    _each_due(runtime, runs.BACKUP, _backup)


def _backup(runtime: Runtime, duty: Duty) -> None:
    terms = duty.policy.terms
    try:
        with runs.exclusive(runtime.settings):
            target = open_for_writing(runtime, duty)
            done = replicate(
                runtime, target, terms=terms, abroad=duty.abroad, seconds=SLICE_SECONDS
            ).done
    except (StorageError, ValidationFailed):
        with runs.recorded(runtime, runs.BACKUP, duty):
            raise
    if not done:
        raise RetryLater(PAUSE_SECONDS, "more to copy")
    backup.run(runtime, duty=duty)
    prune(runtime, target, terms, duty.policy.name)


@handler("backup.renew-locks", every=timedelta(hours=6), lane=Lane.UPKEEP)
def renew_locks(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Of all sites of all policies; those that do not answer are tried again with the others."""
    with runtime.read() as work:
        wanted = duties(work)
    _each(runtime, wanted, _renew)


def _renew(runtime: Runtime, duty: Duty) -> None:
    if not locks.renew(runtime, duty, seconds=SLICE_SECONDS):
        raise RetryLater(PAUSE_SECONDS, "more to renew")


@handler("backup.drill", every=timedelta(hours=6), lane=Lane.UPKEEP)
def run_drill(runtime: Runtime, _payload: dict[str, Any]) -> None:
    _each_due(runtime, runs.DRILL, lambda runtime, duty: drill(runtime, duty=duty))


def _each_due(runtime: Runtime, kind: str, act: Callable[[Runtime, Duty], object]) -> None:
    with runtime.read() as work:
        due = [duty for duty in duties(work) if runs.is_due(work, kind, duty)]
    _each(runtime, due, act)


def _each(runtime: Runtime, due: Sequence[Duty], act: Callable[[Runtime, Duty], object]) -> None:
    later: RetryLater | None = None
    failed: Exception | None = None
    for duty in due:
        try:
            act(runtime, duty)
        except Conflict as error:
            raise RetryLater(BUSY_SECONDS, str(error)) from error
        except RetryLater as error:
            later = error
        except Exception as error:  # noqa: BLE001 - raised when the others had their turn
            failed = error
    if failed or later:
        raise later or failed  # type: ignore[misc]  # mypy does not see that one is there


@handler(placement.APPLY, every=timedelta(hours=1), lane=Lane.UPKEEP)
def place_contents(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """With several stores: bring each content where the rules say, and let old copies go.

    Raises StorageError when some could not be moved; they are tried again.
    """
    if len(runtime.stores) == 1:
        return
    moved = moving.place_all(runtime, seconds=SLICE_SECONDS)
    if not moved.done:
        raise RetryLater(PAUSE_SECONDS, "more to move")
    moving.drop_due(runtime)
    if moved.failed:
        sha256, why = next(iter(moved.failed.items()))
        raise StorageError(f"{len(moved.failed)} contents were not moved: {sha256}: {why}")


@handler("backup.watch", every=timedelta(hours=1))
def keep_watch(runtime: Runtime, _payload: dict[str, Any]) -> None:
    watch.watch(runtime)


@handler(pronom.IDENTIFY, lane=Lane.FILES)
def identify_formats(runtime: Runtime, payload: dict[str, Any]) -> None:
    pronom.identify(runtime, payload["version"])


@handler("files.identify-missed", every=timedelta(hours=1), lane=Lane.UPKEEP)
def identify_missed(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Files from before formats were identified, or that came while it could not be done."""
    pronom.identify(runtime)
