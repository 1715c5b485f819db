"""When a registry may be called: its rate, shared by all workers, and pauses."""

import math
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from repository.core.work import Work
from repository.pid.models import RegistryCall, RegistryPause
from repository.pid.providers.base import Account, RegistryError, Throttled

FAILURES_BEFORE_PAUSE = 3
MAX_PAUSE = timedelta(minutes=15)
MAX_RETRY_AFTER = timedelta(hours=1)


def seconds_to_wait(work: Work, account: Account) -> tuple[float, str]:
    """Seconds until the account may be used again, 0 for now; and why.

    DataCite counts requests per IP address over a sliding window of five minutes
    (support.datacite.org/docs/rate-limit), so all accounts on one registry share its log.
    """
    now = work.clock.now()
    pause = work.session.get(RegistryPause, account.prefix)
    if pause is not None and pause.until is not None and pause.until > now:
        return _seconds(pause.until - now), pause.message
    work.lock(f"registry:{account.url}")
    window = timedelta(seconds=account.rate_seconds)
    recent = (RegistryCall.registry_url == account.url, RegistryCall.at > now - window)
    newest_first = select(RegistryCall.at).where(*recent).order_by(RegistryCall.at.desc())
    limiting = work.session.scalar(newest_first.offset(account.rate_limit - 1).limit(1))
    if limiting is None:
        return 0, ""
    return _seconds(limiting + window - now), "the rate limit is used up"


def _seconds(span: timedelta) -> float:
    """At least a millisecond, and never rounded down: a hair too early would be asked again."""
    return max(math.ceil(span.total_seconds() * 1000) / 1000, 0.001)


def note_call(work: Work, account: Account) -> None:
    """Count one call that is about to be made; the caller asked `seconds_to_wait` in this work."""
    now = work.clock.now()
    work.session.add(RegistryCall(registry_url=account.url, at=now))
    aged = now - timedelta(seconds=account.rate_seconds)
    work.session.execute(
        delete(RegistryCall).where(
            RegistryCall.registry_url == account.url, RegistryCall.at <= aged
        )
    )


def note_success(work: Work, account: Account) -> None:
    pause = work.session.get(RegistryPause, account.prefix)
    if pause is not None:
        work.session.delete(pause)


def note_failure(work: Work, account: Account, error: RegistryError) -> None:
    """Pause the account: as long as the registry asked for, or longer with each failure in a row.

    One DOI that the registry cannot take must not hold up the others, so that it takes three in a
    row before the account is believed to be at fault, or one error that says so.
    """
    now = work.clock.now()
    pause = work.session.get(RegistryPause, account.prefix)
    if pause is None:
        pause = RegistryPause(prefix=account.prefix, failures=0, message="")
        work.session.add(pause)
    if isinstance(error, Throttled):
        span = min(timedelta(seconds=error.seconds), MAX_RETRY_AFTER)
        pause.until = _later(pause.until, now + span)
        pause.message = str(error)
        return
    pause.failures += 1
    pause.message = str(error)
    beyond = pause.failures - (1 if error.stops_account else FAILURES_BEFORE_PAUSE)
    if beyond >= 0:
        step = timedelta(seconds=work.settings.job_retry_seconds * 2 ** min(beyond, 20))
        pause.until = _later(pause.until, now + min(step, MAX_PAUSE))


def _later(one: datetime | None, other: datetime) -> datetime:
    return max(one, other) if one else other


def lift_pause(work: Work, prefix: str) -> None:
    """Forget a pause: a person has put right what was wrong."""
    pause = work.session.get(RegistryPause, prefix)
    if pause is not None:
        work.session.delete(pause)


def pause_of(work: Work, prefix: str) -> RegistryPause | None:
    """Why an account is not being used just now; None when it is."""
    pause = work.session.get(RegistryPause, prefix)
    if pause is None or pause.until is None or pause.until <= work.clock.now():
        return None
    return pause
