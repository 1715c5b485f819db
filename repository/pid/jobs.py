"""Jobs of identifiers: working off queues, looking after embargoes that ended, the weekly audit."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from repository.core.feed import follower
from repository.core.jobs import Lane, RetryLater, handler
from repository.core.runtime import Runtime
from repository.pid import services
from repository.pid.accounts import account_for, all_prefixes
from repository.pid.audit import check_next
from repository.pid.providers.base import RegistryError
from repository.pid.providers.registry import open_provider
from repository.pid.sync import SLICE, Wait, drain

AUDIT_EVERY = timedelta(days=7)


@handler(services.SYNC, lane=Lane.OUTSIDE)
def sync(runtime: Runtime, payload: dict[str, Any]) -> None:
    drain(runtime, payload["prefix"])


@handler("pid.sweep", every=timedelta(hours=1))
def sweep(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Whatever became of jobs and embargoes: what is not yet as it should be is taken up again."""
    with runtime.work() as work:
        services.ask_after_embargoes(work)
        services.wake_all(work)


@follower("pid")
def follow(runtime: Runtime, record_ids: Sequence[str]) -> None:
    """What became public, or ceased to be, without anybody's doing: an embargo's day has come."""
    with runtime.work() as work:
        services.ask_where_state_differs(work, record_ids)
        services.ask_after_embargoes(work)


@handler("pid.audit", every=timedelta(days=1), lane=Lane.UPKEEP)
def audit(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Each identifier once a week, a slice at a time, so that other jobs get their turn.

    What differs is shown to the operator and not repaired unasked: somebody may have meant it.
    """
    with runtime.read() as work:
        accounts = [account_for(work, prefix) for prefix in all_prefixes(work)]
        before = work.clock.now() - AUDIT_EVERY
    for account in accounts:
        provider = open_provider(account)
        for _ in range(SLICE if provider.remote else 0):
            try:
                outcome = check_next(runtime, account, provider, before, repair=False)
            except RegistryError as error:
                raise RetryLater(runtime.settings.job_retry_seconds, str(error)) from error
            if isinstance(outcome, Wait):
                raise RetryLater(outcome.seconds, outcome.reason)
            if outcome is None:
                break
        else:
            if provider.remote:
                raise RetryLater(0, "more identifiers are to be compared")
