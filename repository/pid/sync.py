"""Bringing registries to hold what they should: the queue of one account, worked off in order.

One job per account, so that its DOIs go out in the order in which they were asked for, one worker
at a time, and a pause is waited for once and not by each of ten thousand jobs. Every step is: a
transaction that says what will be sent; the call; a transaction that says how it went. A worker
killed between them leaves the row in the queue, and what it may have sent is sent again.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from repository.core.jobs import RetryLater
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.pid import gate
from repository.pid.accounts import account_for
from repository.pid.models import Identifier, PidState
from repository.pid.payloads import target_of
from repository.pid.providers.base import (
    Account,
    Provider,
    Refused,
    RegistryError,
    Target,
    Throttled,
    Uncertain,
)
from repository.pid.providers.registry import open_provider
from repository.pid.rules import backoff
from repository.pid.services import ask, wanted_for

SLICE = 25
LOOK_AHEAD = 4
LOCAL_BATCH = 200
ATTEMPTS_BEFORE_ALARM = 3
MAX_ANSWER = 2000
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Wait:
    """Nothing may be sent for `seconds`."""

    seconds: float
    reason: str


@dataclass(frozen=True)
class Sending:
    """What is about to be sent, and for which asking."""

    id: int
    revision: int
    target: Target


@dataclass(frozen=True)
class Outcome:
    """How a sending went: the registry's answer, or its error."""

    sending: Sending
    answer: str
    error: RegistryError | None = None


def drain(runtime: Runtime, prefix: str) -> None:
    """Work on the queue of an account for a slice, so that other jobs get their turn.

    Raises RetryLater while there is more to do: at once, when the rate allows, or when the next
    failed one is due again.
    """
    with runtime.read() as work:
        account = account_for(work, prefix)
    provider = open_provider(account)
    if not provider.remote:
        _settle_locally(runtime, prefix)
        return
    outcome: Outcome | None = None
    for _ in range(SLICE):
        with runtime.work() as work:
            if outcome is not None:
                settle(work, account, outcome)
            step = next_step(work, account)
        match step:
            case None:
                return
            case Wait(seconds, reason):
                raise RetryLater(seconds, reason)
            case Sending():
                outcome = send(provider, step)
    if outcome is not None:
        with runtime.work() as work:
            settle(work, account, outcome)
    raise RetryLater(0, "more identifiers wait")


def send(provider: Provider, sending: Sending) -> Outcome:
    try:
        return Outcome(sending, provider.put(sending.target))
    except RegistryError as error:
        return Outcome(sending, str(error), error)


def _settle_locally(runtime: Runtime, prefix: str) -> None:
    """This site is the registry: what is wanted is so."""
    settled = LOCAL_BATCH
    while settled == LOCAL_BATCH:
        with runtime.work() as work:
            rows = work.session.scalars(_due(work, prefix).limit(LOCAL_BATCH)).all()
            for identifier in rows:
                _is_held(work, identifier, wanted_for(work, identifier), identifier.revision)
            settled = len(rows)


def _due(work: Work, prefix: str) -> Select[tuple[Identifier]]:
    now = work.clock.now()
    return (
        select(Identifier)
        .where(Identifier.prefix == prefix, Identifier.due_at <= now)
        .where(or_(Identifier.in_flight_until.is_(None), Identifier.in_flight_until <= now))
        .order_by(Identifier.due_at, Identifier.id)
        .with_for_update()
    )


def next_step(work: Work, account: Account) -> Sending | Wait | None:
    """Say what is sent next, or how long to wait; None when the queue is empty.

    The newest state is read here, just before it is sent: whatever was asked for in between is
    superseded and never sent.
    """
    for identifier in work.session.scalars(_due(work, account.prefix).limit(LOOK_AHEAD)).all():
        try:
            target = target_of(work, identifier)
        except SQLAlchemyError:
            raise
        except Exception as error:  # whatever is wrong with one, the others must pass
            log.exception("identifier cannot be described", doi=identifier.value)
            identifier.attempts += 1
            _fail(work, identifier, f"cannot be described ({type(error).__name__})", at_once=True)
            continue
        if target is None or target.digest == identifier.digest:
            held = target.state if target else PidState(identifier.state)
            _is_held(work, identifier, held, identifier.revision, identifier.digest)
            continue
        seconds, reason = gate.seconds_to_wait(work, account)
        if seconds:
            return Wait(seconds, reason)
        gate.note_call(work, account)
        identifier.attempts += 1
        now = identifier.attempted_at = work.clock.now()
        identifier.in_flight_until = now + timedelta(seconds=2 * account.timeout)
        identifier.digest = None
        return Sending(identifier.id, identifier.revision, target)
    return _until_next(work, account.prefix)


def _until_next(work: Work, prefix: str) -> Wait | None:
    under_way = Identifier.in_flight_until > Identifier.due_at
    ready_at = case((under_way, Identifier.in_flight_until), else_=Identifier.due_at)
    query = select(func.min(ready_at)).where(
        Identifier.prefix == prefix, Identifier.due_at.is_not(None)
    )
    soonest = work.session.scalar(query)
    if soonest is None:
        return None
    return Wait(max((soonest - work.clock.now()).total_seconds(), 0), "the next is due then")


def settle(work: Work, account: Account, outcome: Outcome) -> None:
    """Write down how a sending went, and what follows for its identifier and the account."""
    sending, error = outcome.sending, outcome.error
    identifier = work.session.get(
        Identifier, sending.id, with_for_update=True, populate_existing=True
    )
    if identifier is not None:
        identifier.answer = outcome.answer[:MAX_ANSWER]
        if error is None:
            target = sending.target
            _is_held(work, identifier, target.state, sending.revision, target.digest)
        else:
            _is_not_held(work, identifier, sending, error)
    if error is None:
        gate.note_success(work, account)
    elif error.blames_account or isinstance(error, Throttled):
        gate.note_failure(work, account, error)
        log.warning("registry trouble", prefix=account.prefix, answer=outcome.answer)
    work.session.flush()


def _is_held(
    work: Work,
    identifier: Identifier,
    state: PidState,
    revision: int,
    digest: str | None = None,
) -> None:
    """The registry holds what was asked for at `revision`."""
    identifier.state = state.value
    identifier.failure = None
    identifier.attempts = 0
    identifier.digest = digest
    identifier.differences = None
    identifier.in_flight_until = None
    if identifier.sent > revision:
        _send_again(work, identifier)
    elif identifier.revision == revision:
        identifier.sent, identifier.due_at = revision, None
    else:
        identifier.sent = revision


def _send_again(work: Work, identifier: Identifier) -> None:
    """A worker that was frozen, while another sent something newer, may just have overwritten it:
    the newest is sent once more.
    """
    identifier.digest = None
    ask(work, [identifier.id])


def _is_not_held(
    work: Work, identifier: Identifier, sending: Sending, error: RegistryError
) -> None:
    """Try again later, for ever: what is refused today is taken tomorrow, once somebody has
    corrected the metadata or the account. Trouble of the account leaves a DOI's place as it is.
    """
    if isinstance(error, Uncertain):
        if identifier.sent >= sending.revision:
            _send_again(work, identifier)
    else:
        identifier.in_flight_until = None
    if error.stops_account or isinstance(error, Throttled):
        identifier.attempts = max(identifier.attempts - 1, 0)
        return
    _fail(work, identifier, str(error), at_once=isinstance(error, Refused))


def _fail(work: Work, identifier: Identifier, reason: str, *, at_once: bool) -> None:
    """Back off; and say that a person should look, `at_once` or when it has gone on for a while."""
    attempts = max(identifier.attempts, 1)
    if identifier.due_at is not None:
        pause = backoff(attempts, work.settings.job_retry_seconds)
        identifier.due_at = work.clock.now() + pause
    if at_once or attempts >= ATTEMPTS_BEFORE_ALARM:
        identifier.failure = reason[:MAX_ANSWER]


def retry_now(work: Work, identifier: Identifier) -> None:
    """A person's 'retry now': whatever pause or back-off there was is over.

    What the registry holds is taken to be unknown, so that it is sent even if nothing changed.
    """
    if identifier.prefix is None:
        return
    gate.lift_pause(work, identifier.prefix)
    identifier.digest = identifier.in_flight_until = None
    work.session.flush()
    ask(work, [identifier.id])
