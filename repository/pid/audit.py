"""The drift audit: does the registry still hold what it should?

One identifier at a time, within the registry's rate, those longest unchecked first; an audit that
was broken off goes on where it was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.pid import gate
from repository.pid.models import Identifier, PidState
from repository.pid.payloads import target_of
from repository.pid.providers.base import Account, Held, Provider, RegistryError, Target
from repository.pid.services import ask
from repository.pid.sync import Wait

MAX_SHOWN = 300


@dataclass(frozen=True)
class Checked:
    """One identifier that was compared; `differences` are `{field, expected, found}`."""

    doi: str
    differences: list[dict[str, str]]


def check_next(
    runtime: Runtime, account: Account, provider: Provider, before: datetime, *, repair: bool
) -> Checked | Wait | None:
    """Compare the next identifier not checked since `before`; None when there is none left.

    With `repair` what differs is asked for again. Raises RegistryError, and pauses the account.
    """
    with runtime.work() as work:
        identifier = work.session.scalar(
            select(Identifier)
            .where(*_to_check(account.prefix, before))
            .order_by(Identifier.checked_at.is_not(None), Identifier.checked_at, Identifier.id)
            .limit(1)
        )
        if identifier is None:
            return None
        seconds, reason = gate.seconds_to_wait(work, account)
        if seconds:
            return Wait(seconds, reason)
        gate.note_call(work, account)
        target, revision = target_of(work, identifier), identifier.revision
    try:
        held = provider.get(identifier.value)
    except RegistryError as error:
        with runtime.work() as work:
            gate.note_failure(work, account, error)
        raise
    found = list(differences(target, held))
    with runtime.work() as work:
        _note(work, identifier.id, revision, found, repair=repair)
    return Checked(identifier.value, found)


def _to_check(prefix: str, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Announced, and not in the queue: what is in the queue is known to differ."""
    return (
        Identifier.prefix == prefix,
        Identifier.state != PidState.RESERVED.value,
        Identifier.due_at.is_(None),
        or_(Identifier.checked_at.is_(None), Identifier.checked_at < before),
    )


def count_to_check(work: Work, prefix: str, before: datetime) -> int:
    query = select(func.count()).select_from(Identifier).where(*_to_check(prefix, before))
    return work.session.scalar(query) or 0


def _note(
    work: Work, identifier_id: int, revision: int, found: list[dict[str, str]], *, repair: bool
) -> None:
    identifier = work.session.get(Identifier, identifier_id, with_for_update=True)
    if identifier is None:
        return
    identifier.checked_at = work.clock.now()
    if identifier.revision != revision:
        return
    identifier.differences = found or None
    if found and repair:
        identifier.digest = None
        work.session.flush()
        ask(work, [identifier.id])


def differences(target: Target | None, held: Held | None) -> Iterator[dict[str, str]]:
    """What of `target` the registry does not hold; what it adds of its own is no difference."""
    if target is None:
        if held is not None and held.state is PidState.FINDABLE:
            yield _difference("state", "not public", held.state)
        return
    if held is None:
        yield _difference("state", target.state, "unknown to the registry")
        return
    hidden = (PidState.REGISTERED, PidState.WITHDRAWN)
    if held.state != (PidState.REGISTERED if target.state in hidden else target.state):
        yield _difference("state", target.state, held.state)
    if held.url != target.url:
        yield _difference("url", target.url, held.url)
    for name, sent in target.attributes.items():
        found = held.attributes.get(name)
        if not _is_within(sent, found):
            yield _difference(name, sent, found)


def _difference(field: str, expected: Any, found: Any) -> dict[str, str]:
    shown = {"expected": str(expected)[:MAX_SHOWN], "found": str(found)[:MAX_SHOWN]}
    return {"field": field} | shown


def _is_within(sent: Any, found: Any) -> bool:
    """Whether all of `sent` is in `found`: DataCite fills in empty members and more names."""
    if sent in (None, "", [], {}):
        return True
    if isinstance(sent, Mapping):
        return isinstance(found, Mapping) and all(
            _is_within(value, found.get(key)) for key, value in sent.items()
        )
    if isinstance(sent, list):
        return (
            isinstance(found, list)
            and len(found) == len(sent)
            and all(map(_is_within, sent, found))
        )
    return str(sent).strip() == str(found).strip()
