"""What a bulk edit makes of one record: its metadata, and the collections it is in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from repository.accounts.models import Actor
from repository.bulk.actions import COLLECTION, applied, of_json, of_row
from repository.bulk.fields import FIELDS, Context
from repository.bulk.models import BulkEdit, BulkItem
from repository.bulk.tables import SEPARATOR
from repository.core.errors import NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import collections, placing
from repository.deposit.checks import as_published, metadata_problems
from repository.records.collections import Collection, CollectionRecord
from repository.records.metadata import Problem
from repository.records.models import Version

Json = dict[str, Any]
_INVALID = N_("The change was refused: %(reason)s")


class Refused(Exception):
    """A record that would not be valid; `message` is a msgid with its `params`."""

    def __init__(self, message: str, **params: str) -> None:
        super().__init__(message)
        self.message, self.params = message, params


def changed_metadata(context: Context, bulk: BulkEdit, item: BulkItem, version: Version) -> Json:
    """The metadata as they will be published; the same object where nothing changes.

    Faults that a record had before do not keep it from being edited; new ones do. Raises Refused.
    """
    before = version.metadata_json
    try:
        if item.row:
            after = of_row(context, before, item.row, SEPARATOR)
        else:
            after = applied(context, before, of_json(bulk.actions))
    except ValidationFailed as error:
        wrong = error.errors[0]
        raise Refused(wrong.message, **{k: str(v) for k, v in wrong.params.items()}) from error
    if after == before:
        return before
    errors = list(_errors(context, after))
    old = {_name(problem) for problem in _errors(context, before)} if errors else set()
    for problem in errors:
        if _name(problem) not in old:
            params = {key: str(value) for key, value in problem.params.items()}
            raise Refused(problem.message, **params)
    try:
        made = as_published(context.work, after, context.lookup)
    except ValueError as error:
        raise Refused(_INVALID, reason=str(error)[:200]) from error
    return before if made == before else made


def _errors(context: Context, metadata: Json) -> Iterator[Problem]:
    found = metadata_problems(context.work, metadata, "publish", context.lookup)
    return (problem for problem in found if problem.severity == "error")


def _name(problem: Problem) -> str:
    return f"{problem.message}{sorted(problem.params.items())}"


def move(
    work: Work, bulk: BulkEdit, version: Version, actor: Actor | None = None
) -> dict[str, list[int]]:
    """Into which collections a record goes, out of which it comes; done where `actor` is given."""
    moves: dict[str, list[int]] = {}
    for action in of_json(bulk.actions):
        if action.field != COLLECTION:
            continue
        try:
            collection = collections.find(work, action.value)
        except NotFound:
            continue
        key = (collection.id, version.record_id)
        is_in = work.session.get(CollectionRecord, key) is not None
        if is_in == (action.verb == "add"):
            continue
        moves.setdefault("added" if action.verb == "add" else "removed", []).append(collection.id)
        if actor is not None:
            _move(work, actor, collection.id, version, into=action.verb == "add")
    return moves


def _move(work: Work, actor: Actor, collection_id: int, version: Version, *, into: bool) -> None:
    collection = work.session.get(Collection, collection_id)
    if collection is None:
        return
    if into:
        placing.place(work, actor, collection, version.record)
    else:
        placing.remove_record(work, actor, collection, version.id)


def move_back(work: Work, item: BulkItem, version: Version, actor: Actor) -> None:
    """Undo `placed`, as far as nobody else has done so."""
    for name, into in (("added", False), ("removed", True)):
        for collection_id in item.placed.get(name, ()):
            key = (collection_id, version.record_id)
            if (work.session.get(CollectionRecord, key) is not None) != into:
                _move(work, actor, collection_id, version, into=into)


@dataclass(frozen=True)
class Difference:
    """A field by its msgid; the texts that go and those that come."""

    label: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


def differences(context: Context, before: Json, after: Json) -> list[Difference]:
    """Field by field, what is other in `after`."""
    found = []
    for field in FIELDS.values():
        old, new = field.read(context, before), field.read(context, after)
        if old != new:
            removed = tuple(text for text in old if text not in new)
            added = tuple(text for text in new if text not in old)
            if not removed and not added:  # another order, or one said twice
                removed, added = tuple(old), tuple(new)
            found.append(Difference(field.label, removed, added))
    return found
