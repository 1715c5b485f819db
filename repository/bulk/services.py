"""Beginning, looking through, starting, undoing and dropping a bulk edit.

What takes long is done by jobs (`bulk.working`); these only say what is to be done.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select

from repository.accounts.models import Actor, Scope
from repository.audit.services import log
from repository.bulk.actions import Action, checked
from repository.bulk.fields import Context
from repository.bulk.models import BulkEdit, BulkItem, ItemState, State
from repository.bulk.selecting import MAX_RECORDS
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.ids import new_id
from repository.core.messages import N_
from repository.core.work import Work
from repository.discovery.search import SearchRequest, ids_of
from repository.vocabularies.models import Term
from repository.vocabularies.subjects import key_of
from repository.vocabularies.terms import term_of

PREPARE, WORK = "bulk.prepare", "bulk.work"
MAX_NOTE = 500
_LATER = N_("This bulk edit is not at a point where that can be done; look at it again.")
_NOTHING = N_("No record was found. Search for something else, or check the list.")
_TOO_MANY = N_("These are more than %(count)s records; take fewer at a time.")


def require_curator(actor: Actor, scope: Scope = Scope.READ) -> None:
    """Raises Forbidden: bulk work is for those who may edit everything."""
    if not actor.is_curator or scope not in actor.scopes:
        raise Forbidden(N_("Bulk edits are for curators."))


def begin(
    work: Work,
    actor: Actor,
    told: Sequence[Mapping[str, Any]],
    *,
    search: SearchRequest | None = None,
    query: str = "",
    ids: Iterable[str] = (),
    note: str = "",
) -> BulkEdit:
    """A bulk edit of what a search finds, or of the records named. Raises ValidationFailed."""
    require_curator(actor, Scope.PUBLISH)
    actions = checked(Context.of(work), told)
    given = ids_of(work, actor, search, MAX_RECORDS + 1) if search else _named(ids)
    selection = {"query": query} if search else {"ids": len(given)}
    return _begin(work, actor, selection, actions, [{"given": each} for each in given], note)


def _named(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(each.strip()[:300] for each in ids if each.strip()))


def begin_with_rows(
    work: Work, actor: Actor, rows: Sequence[Mapping[str, Any]], note: str = ""
) -> BulkEdit:
    """A bulk edit of a table: rows of `given`, `base_revision` and `row`, the cells to write."""
    require_curator(actor, Scope.PUBLISH)
    return _begin(work, actor, {"table": len(rows)}, [], rows, note)


def begin_merge(work: Work, actor: Actor, old: str, new: str) -> BulkEdit:
    """Put one term in the place of another, both as `LIST:CODE`: in its list at once, in the
    records by a bulk edit that is looked at and started like any other.
    """
    require_curator(actor, Scope.PUBLISH)
    goes, comes = (_term(work, text, name) for name, text in (("old", old), ("new", new)))
    if goes.id == comes.id:
        wrong = FieldError("/new", N_("A term cannot take its own place."))
        raise ValidationFailed(errors=[wrong])
    goes.retired = True
    if goes.vocabulary_id == comes.vocabulary_id:
        goes.replaced_by = comes.code
    action = Action("replace", "subject", key_of(comes.vocabulary_id, comes.code), old.strip())
    made = _made(work, actor, {"term": action.old}, [action], "")
    log(work, actor.user_id, "bulk.merge", "bulk", made.id, old=action.old, new=action.value)
    return made


def _term(work: Work, key: str, name: str) -> Term:
    vocabulary, _, code = key.strip().partition(":")
    term = term_of(work, vocabulary, code)
    if term is None:
        message = N_("“%(value)s” is no code of a list. Write it as ford:1.5.")
        raise ValidationFailed(errors=[FieldError(f"/{name}", message, {"value": key})])
    return term


def _begin(
    work: Work,
    actor: Actor,
    selection: dict[str, Any],
    actions: Sequence[Action],
    rows: Sequence[Mapping[str, Any]],
    note: str,
) -> BulkEdit:
    if not rows:
        raise ValidationFailed(errors=[FieldError("/selection", _NOTHING)])
    if len(rows) > MAX_RECORDS:
        wrong = FieldError("/selection", _TOO_MANY, {"count": MAX_RECORDS})
        raise ValidationFailed(errors=[wrong])
    made = _made(work, actor, selection, actions, note)
    add_items(work, made, rows)
    return made


def _made(
    work: Work, actor: Actor, selection: dict[str, Any], actions: Sequence[Action], note: str
) -> BulkEdit:
    made = BulkEdit(
        id=new_id(),
        user_id=actor.user_id,
        state=State.PREPARING.value,
        selection=selection,
        actions=[action.stored() for action in actions],
        note=note.strip()[:MAX_NOTE],
        created_at=work.clock.now(),
    )
    work.session.add(made)
    work.session.flush()
    log(work, actor.user_id, "bulk.begin", "bulk", made.id)
    ask(work, made, PREPARE)
    return made


def add_items(work: Work, bulk: BulkEdit, rows: Sequence[Mapping[str, Any]]) -> None:
    empty = {"base_revision": 0, "new_revision": 0, "row": {}, "said": {}, "placed": {}}
    waiting = empty | {"bulk_id": bulk.id, "state": ItemState.WAITING.value}
    if rows:
        work.session.execute(insert(BulkItem), [waiting | dict(row) for row in rows])
    bulk.total += len(rows)


def ask(work: Work, bulk: BulkEdit, job: str) -> None:
    work.enqueue(job, f"{job}:{bulk.id}", {"bulk": bulk.id})


def found(work: Work, actor: Actor, identifier: str, *, lock: bool = False) -> BulkEdit:
    require_curator(actor)
    bulk = work.session.get(BulkEdit, identifier, with_for_update=lock or None)
    if bulk is None:
        raise NotFound
    return bulk


def ledger(work: Work, actor: Actor, *, offset: int, limit: int) -> tuple[list[BulkEdit], int]:
    """All bulk edits, the newest first: who did what, when, to how many."""
    require_curator(actor)
    query = select(BulkEdit).order_by(BulkEdit.created_at.desc(), BulkEdit.id)
    total = work.session.scalar(select(func.count()).select_from(BulkEdit)) or 0
    return list(work.session.scalars(query.offset(offset).limit(limit))), total


def items(
    work: Work, bulk: BulkEdit, state: str, *, offset: int, limit: int
) -> tuple[list[BulkItem], int]:
    query = select(BulkItem).where(BulkItem.bulk_id == bulk.id)
    if state in set(ItemState):
        query = query.where(BulkItem.state == state)
    total = work.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = work.session.scalars(query.order_by(BulkItem.id).offset(offset).limit(limit))
    return list(rows), total


def count(work: Work, bulk: BulkEdit) -> None:
    """Bring `counts` up to date with the items."""
    work.session.flush()
    query = (
        select(BulkItem.state, func.count())
        .where(BulkItem.bulk_id == bulk.id)
        .group_by(BulkItem.state)
    )
    bulk.counts = dict(work.session.execute(query).tuples().all())


def start(work: Work, actor: Actor, identifier: str) -> BulkEdit:
    """Change the records, by a job. Raises Conflict where it is not `ready`."""
    return _go_on(work, actor, identifier, State.READY, State.RUNNING)


def undo(work: Work, actor: Actor, identifier: str) -> BulkEdit:
    """Restore what was changed and not edited since, by a job. Raises Conflict, also twice."""
    return _go_on(work, actor, identifier, State.DONE, State.UNDOING)


def _go_on(work: Work, actor: Actor, identifier: str, before: State, after: State) -> BulkEdit:
    require_curator(actor, Scope.PUBLISH)
    bulk = found(work, actor, identifier, lock=True)
    if bulk.state != before.value:
        raise Conflict(_LATER)
    bulk.state = after.value
    now = work.clock.now()
    if after is State.RUNNING:
        bulk.started_at, bulk.user_id = now, actor.user_id or bulk.user_id
    else:
        bulk.undone_at, bulk.undone_by = now, actor.user_id
    log(work, actor.user_id, f"bulk.{after.value}", "bulk", bulk.id)
    ask(work, bulk, WORK)
    return bulk


def discard(work: Work, actor: Actor, identifier: str) -> BulkEdit:
    """Drop a bulk edit that has not been started; it stays in the ledger."""
    bulk = found(work, actor, identifier, lock=True)
    if bulk.state not in (State.PREPARING, State.READY):
        raise Conflict(_LATER)
    bulk.state = State.DISCARDED.value
    log(work, actor.user_id, "bulk.discard", "bulk", bulk.id)
    return bulk
