"""One item of a source: made, changed, withdrawn, or refused with a reason, in one transaction.

A source reaches only what it brought: its items are found by its own id and theirs, never by a
DOI or a title. Each is settled by the rights of the source's account.
"""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from repository.access.rules import Action, can
from repository.accounts.identities import actor_of
from repository.accounts.models import Actor, User
from repository.core.errors import Conflict, Forbidden, RepositoryError
from repository.core.failpoints import reach
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit.importing.services import digest
from repository.harvest import settling
from repository.harvest.kinds.base import Entry
from repository.harvest.models import HarvestedItem, HarvestRun, HarvestSource, ItemState
from repository.harvest.reading import Told, understand
from repository.records.models import Draft, State, Version
from repository.records.origins import MAX_IDENTIFIER

WITHDRAWN_HERE = N_("The record was withdrawn here; it is not taken in again.")
THROWN_AWAY = N_("Its draft was thrown away here; it is not taken in again.")
OPEN = N_("Somebody has an edit of the record open; it is changed when that is done.")
UNREADABLE = N_("Its metadata cannot be read: %(reason)s")
TOO_LONG = N_("Its identifier is longer than %(count)s characters.")
LOST_ACCOUNT = N_("The account of this source may no longer change the record.")


class Outcome(StrEnum):
    """The column of a run that counts it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    REFUSED = "refused"


class Refused(Exception):
    """Not taken; `state` is what the item is in then."""

    def __init__(
        self,
        message: str,
        params: Mapping[str, Any] | None = None,
        state: ItemState = ItemState.REFUSED,
    ) -> None:
        super().__init__(message)
        self.message, self.params, self.state = message, dict(params or {}), state


def take(runtime: Runtime, run: HarvestRun, entry: Entry) -> bool:
    """Settle an item; whether this run had not seen it before. Twice does no harm."""
    told: Told | None = None
    try:
        told = _understood(entry)
        with runtime.work() as work:
            fresh = _take(work, run, entry, told)
    except ValueError as error:
        refusal = Refused(UNREADABLE, {"reason": str(error)[:1000]})
    except Refused as error:
        refusal = error
    except RepositoryError as error:
        refusal = Refused("%(reason)s", {"reason": settling.explained(error)})
    else:
        reach("harvest.item")
        return fresh
    with runtime.work() as work:
        return _refuse(work, run, entry, told, refusal)


def _understood(entry: Entry) -> Told | None:
    """Raises Refused, UnreadableMetadata."""
    if len(entry.identifier) > MAX_IDENTIFIER:
        raise Refused(TOO_LONG, {"count": MAX_IDENTIFIER})
    return None if entry.metadata is None else understand(entry.metadata)


def _take(work: Work, run: HarvestRun, entry: Entry, told: Told | None) -> bool:
    source, item = _item(work, run, entry)
    fresh = item.run_id != run.id
    mark = digest(asdict(told)) if told else ""
    settled = item.state == ItemState.TAKEN and item.fingerprint == mark
    if settled and item.version_id is not None:
        outcome = Outcome.UNCHANGED
    else:
        outcome = _settle(work, source, item, entry, told)
    item.state = (ItemState.TAKEN if told else ItemState.GONE).value
    item.fingerprint, item.datestamp = mark, entry.datestamp
    item.waiting, item.problem, item.params = {}, "", {}
    _seen(work, run, item, outcome, fresh=fresh)
    return fresh


def _item(work: Work, run: HarvestRun, entry: Entry) -> tuple[HarvestSource, HarvestedItem]:
    """The row, made where it is new, until the end for nobody else."""
    work.lock(f"harvest:{run.source_id}")
    source = work.session.get_one(HarvestSource, run.source_id)
    identifier = entry.identifier[:MAX_IDENTIFIER]
    query = select(HarvestedItem).where(
        HarvestedItem.source_id == source.id, HarvestedItem.identifier == identifier
    )
    item = work.session.scalar(query)
    if item is None:
        item = HarvestedItem(
            source_id=source.id,
            identifier=identifier,
            state=ItemState.REFUSED.value,
            fingerprint="",
            run_id=0,
            at=work.clock.now(),
        )
    return source, item


def _seen(
    work: Work, run: HarvestRun, item: HarvestedItem, outcome: Outcome, *, fresh: bool
) -> None:
    """Counted once a run, however often the source lists it."""
    item.run_id, item.at = run.id, work.clock.now()
    work.session.add(item)
    if fresh:
        column = getattr(HarvestRun, outcome.value)
        mine = update(HarvestRun).where(HarvestRun.id == run.id)
        work.session.execute(mine.values({outcome.value: column + 1}))


def _refuse(work: Work, run: HarvestRun, entry: Entry, told: Told | None, refusal: Refused) -> bool:
    _source, item = _item(work, run, entry)
    fresh = item.run_id != run.id
    item.state, item.datestamp = refusal.state.value, entry.datestamp
    item.problem, item.params = refusal.message, refusal.params
    item.fingerprint = ""
    waits = refusal.state is ItemState.WAITING and told is not None
    item.waiting = asdict(told) if waits and told else {}
    _seen(work, run, item, Outcome.REFUSED, fresh=fresh)
    return fresh


def _settle(
    work: Work, source: HarvestSource, item: HarvestedItem, entry: Entry, told: Told | None
) -> Outcome:
    actor = _actor(work, source)
    version = settling.version_of(work, source, item)
    if told is None:
        return _delete(work, actor, source, item, version)
    if version is None:
        if item.state in (ItemState.TAKEN, ItemState.MISSING, ItemState.DECLINED):
            raise Refused(THROWN_AWAY, state=ItemState.DECLINED)
        item.version_id = settling.create(work, actor, source, item.identifier, entry, told)
        return Outcome.CREATED
    item.version_id = version.id
    if version.state == State.WITHDRAWN:
        if version.withdrawal.get("reason") != settling.REASON:
            raise Refused(WITHDRAWN_HERE)
    elif not can(actor, Action.PUBLISH, version, work.clock.now()):
        raise Refused(LOST_ACCOUNT)
    if version.state == State.PUBLISHED and work.session.get(Draft, version.id) is not None:
        raise Refused(OPEN, state=ItemState.WAITING)
    changed = settling.change(work, actor, source, version, entry, told)
    return Outcome.UPDATED if changed else Outcome.UNCHANGED


def _actor(work: Work, source: HarvestSource) -> Actor:
    return actor_of(work, work.session.get_one(User, source.owner_id))


def _delete(
    work: Work, actor: Actor, source: HarvestSource, item: HarvestedItem, version: Version | None
) -> Outcome:
    """What was never here, or is not any more, needs nothing."""
    if version is None or version.state == State.WITHDRAWN:
        return Outcome.UNCHANGED
    try:
        if version.state == State.DRAFT:
            item.version_id = None
            settling.take_out(work, actor, version)
        else:
            settling.withdraw(work, actor, source, version)
    except (Forbidden, Conflict) as error:
        raise Refused(LOST_ACCOUNT) from error
    return Outcome.DELETED


def waiting(runtime: Runtime, run: HarvestRun, most: int = 1000) -> None:
    """Try again what waited for an edit that somebody had open."""
    query = select(HarvestedItem).where(
        HarvestedItem.source_id == run.source_id,
        HarvestedItem.state == ItemState.WAITING.value,
        HarvestedItem.run_id != run.id,
    )
    with runtime.read() as work:
        items = list(work.session.scalars(query.order_by(HarvestedItem.id).limit(most)))
    for item in items:
        told = Told(**item.waiting)
        entry = Entry(item.identifier, item.datestamp, b"")
        try:
            with runtime.work() as work:
                _take(work, run, entry, told)
        except (Refused, RepositoryError):  # as before; the item says so already
            continue
