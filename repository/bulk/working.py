"""The long part of a bulk edit, some records a transaction: looking, changing, undoing.

An item leaves its state in the transaction that deals with its record, so whoever takes over
after a crash goes on with the next and does none twice.
"""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from repository.access.rules import Action, can
from repository.accounts.identities import actor_of
from repository.accounts.models import Actor, User
from repository.bulk.changes import Refused, changed_metadata, move, move_back
from repository.bulk.fields import Context
from repository.bulk.models import BulkEdit, BulkItem, ItemState, State
from repository.bulk.selecting import MAX_RECORDS, versions_named, versions_with
from repository.bulk.services import PREPARE, WORK, add_items, ask, count
from repository.core.failpoints import reach
from repository.core.feed import TURN_SECONDS
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit.publish import revise, tell_everyone
from repository.records.models import Draft, Revision, Version
from repository.records.models import State as VersionState

BATCH = 50
_NOT_THERE = N_("There is no such record.")
_NOT_YOURS = N_("You may not publish changes of this record.")
_TWICE = N_("This record is named twice; the other line holds.")
_OPEN = N_("Somebody has an edit of this record open.")
_EDITED = N_("This record was edited since.")
Step = Callable[[Work, BulkEdit, Sequence[BulkItem]], None]


def prepare(runtime: Runtime, bulk_id: str) -> None:
    """Look at each record and say what would become of it."""
    _select(runtime, bulk_id)
    _each_batch(runtime, bulk_id, State.PREPARING, ItemState.WAITING, _look, State.READY, PREPARE)


def carry_on(runtime: Runtime, bulk_id: str) -> None:
    """Change the records, or undo that: whichever was asked for last."""
    _each_batch(runtime, bulk_id, State.RUNNING, ItemState.CHANGE, _change, State.DONE, WORK)
    _each_batch(runtime, bulk_id, State.UNDOING, ItemState.DONE, _undo, State.UNDONE, WORK)


def _select(runtime: Runtime, bulk_id: str) -> None:
    with runtime.work() as work:
        bulk = work.session.get(BulkEdit, bulk_id, with_for_update=True)
        if bulk is None or bulk.state != State.PREPARING or "term" not in bulk.selection:
            return
        if bulk.total:
            return
        for ids in versions_with(work, bulk.selection["term"]):
            room = MAX_RECORDS - bulk.total
            add_items(work, bulk, [{"given": each} for each in ids[:room]])


def _each_batch(
    runtime: Runtime,
    bulk_id: str,
    during: State,
    wanted: ItemState,
    step: Step,
    after: State,
    job: str,
) -> None:
    """For as long as a turn lasts; then the job is asked for again, after those that wait."""
    more, end = True, time.monotonic() + TURN_SECONDS
    while more:
        with runtime.work() as work:
            bulk = work.session.get(BulkEdit, bulk_id, with_for_update=True)
            if bulk is None or bulk.state != during.value:
                return
            query = select(BulkItem).where(
                BulkItem.bulk_id == bulk_id, BulkItem.state == wanted.value
            )
            items = list(work.session.scalars(query.order_by(BulkItem.id).limit(BATCH)))
            more = bool(items)
            if items:
                step(work, bulk, items)
            else:
                bulk.state = after.value
                if after is State.DONE:
                    bulk.finished_at = work.clock.now()
            count(work, bulk)
            if more and time.monotonic() >= end:
                ask(work, bulk, job)
                more = False
        reach("bulk.batch")


def _actor(work: Work, user_id: int | None) -> Actor:
    """As whom the records are published: with the rights the person has today."""
    return actor_of(work, work.session.get_one(User, user_id))


def _versions(work: Work, ids: Sequence[str]) -> dict[str, Version]:
    """Locked, in one order for everybody; their drafts' existence is asked after that."""
    query = (
        select(Version)
        .where(Version.id.in_(ids))
        .order_by(Version.id)
        .options(joinedload(Version.record, innerjoin=True))
        .with_for_update(of=Version)
    )
    return {version.id: version for version in work.session.scalars(query)}


def _drafts(work: Work, ids: Sequence[str]) -> set[str]:
    return set(work.session.scalars(select(Draft.version_id).where(Draft.version_id.in_(ids))))


def _say(item: BulkItem, state: ItemState, message: str, **params: str) -> None:
    item.state, item.said = state.value, {"message": message, "params": params}


def _look(work: Work, bulk: BulkEdit, items: Sequence[BulkItem]) -> None:
    named = versions_named(work, [item.given for item in items])
    versions = _versions(work, list(named.values()))
    drafts = _drafts(work, list(versions))
    taken = set(
        work.session.scalars(
            select(BulkItem.version_id).where(
                BulkItem.bulk_id == bulk.id, BulkItem.version_id.in_(list(versions))
            )
        )
    )
    actor, context = _actor(work, bulk.user_id), Context.of(work)
    for item in items:
        version = versions.get(named.get(item.given, ""))
        now = work.clock.now()
        if version is None or version.state == VersionState.DRAFT:
            _say(item, ItemState.REFUSED, _NOT_THERE)
        elif not can(actor, Action.PUBLISH, version, now):
            _say(item, ItemState.REFUSED, _NOT_YOURS)
        elif version.id in taken:
            _say(item, ItemState.REFUSED, _TWICE)
        else:
            taken.add(version.id)
            item.version_id = version.id
            stale = item.base_revision and item.base_revision != version.revision
            item.base_revision = version.revision
            if stale or version.id in drafts:
                _say(item, ItemState.CONFLICT, _EDITED if stale else _OPEN)
            else:
                _foresee(context, bulk, item, version)


def _foresee(context: Context, bulk: BulkEdit, item: BulkItem, version: Version) -> None:
    try:
        after = changed_metadata(context, bulk, item, version)
    except Refused as error:
        _say(item, ItemState.REFUSED, error.message, **error.params)
        return
    moves = move(context.work, bulk, version)
    item.state = (
        ItemState.CHANGE if moves or after != version.metadata_json else ItemState.SAME
    ).value


def _change(work: Work, bulk: BulkEdit, items: Sequence[BulkItem]) -> None:
    ids = [str(item.version_id) for item in items]
    versions, drafts = _versions(work, ids), _drafts(work, ids)
    actor, context = _actor(work, bulk.user_id), Context.of(work)
    for item in items:
        version = versions[str(item.version_id)]
        if not can(actor, Action.PUBLISH, version, work.clock.now()):
            _say(item, ItemState.REFUSED, _NOT_YOURS)
        elif version.revision != item.base_revision:
            _say(item, ItemState.CONFLICT, _EDITED)
        elif version.id in drafts:
            _say(item, ItemState.CONFLICT, _OPEN)
        else:
            _change_one(context, actor, bulk, item, version)
    _tell(work, items, versions)


def _tell(work: Work, items: Sequence[BulkItem], versions: dict[str, Version]) -> None:
    """Let the world know of the records that were dealt with, once for all of them."""
    dealt = (ItemState.DONE.value, ItemState.UNDONE.value)
    revised = [
        versions[str(item.version_id)]
        for item in items
        if item.state in dealt and item.new_revision != item.base_revision
    ]
    if revised:
        tell_everyone(work, *revised)


def _change_one(
    context: Context, actor: Actor, bulk: BulkEdit, item: BulkItem, version: Version
) -> None:
    work = context.work
    try:
        after = changed_metadata(context, bulk, item, version)
        placed = move(work, bulk, version, actor)
    except Refused as error:
        _say(item, ItemState.REFUSED, error.message, **error.params)
        return
    if after != version.metadata_json:
        revise(work, actor, version, after, bulk=bulk.id)
    item.new_revision, item.placed = version.revision, placed
    item.state = ItemState.DONE.value


def _undo(work: Work, bulk: BulkEdit, items: Sequence[BulkItem]) -> None:
    ids = [str(item.version_id) for item in items]
    versions, drafts = _versions(work, ids), _drafts(work, ids)
    actor = _actor(work, bulk.undone_by)
    before = _before(work, items)
    for item in items:
        version = versions[str(item.version_id)]
        old = before.get((version.id, item.base_revision))
        if not can(actor, Action.PUBLISH, version, work.clock.now()):
            _say(item, ItemState.KEPT, _NOT_YOURS)
        elif version.id in drafts:
            _say(item, ItemState.KEPT, _OPEN)
        elif version.revision != item.new_revision or old is None:
            _say(item, ItemState.KEPT, _EDITED)
        else:
            if item.new_revision != item.base_revision:
                revise(work, actor, version, old.metadata_json, bulk=bulk.id, undo=True)
            move_back(work, item, version, actor)
            item.state = ItemState.UNDONE.value
    _tell(work, items, versions)


def _before(work: Work, items: Sequence[BulkItem]) -> dict[tuple[str, int], Revision]:
    """The revisions from which the items started."""
    query = select(Revision).where(Revision.version_id.in_([item.version_id for item in items]))
    wanted = {(item.version_id, item.base_revision) for item in items}
    numbers = {number for _version, number in wanted}
    found = work.session.scalars(query.where(Revision.revision.in_(numbers)))
    return {(r.version_id, r.revision): r for r in found if (r.version_id, r.revision) in wanted}
