"""A bulk edit as pages and the API show it: each record with what is, or would be, other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from repository.accounts.models import User
from repository.bulk.actions import of_json
from repository.bulk.changes import Difference, Refused, changed_metadata, differences, move
from repository.bulk.fields import Context
from repository.bulk.models import BulkEdit, BulkItem, ItemState
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.collections import Collection
from repository.records.models import Revision, Version
from repository.records.titles import title_of

WORDS = {
    "preparing": N_("Being looked at"),
    "ready": N_("Ready; nothing has changed yet"),
    "running": N_("Being changed"),
    "done": N_("Done"),
    "undoing": N_("Being undone"),
    "undone": N_("Undone"),
    "discarded": N_("Discarded"),
    "waiting": N_("not looked at yet"),
    "change": N_("to change"),
    "same": N_("nothing to change"),
    "refused": N_("refused"),
    "conflict": N_("edited meanwhile"),
    "kept": N_("not undone"),
}
ITEM_WORDS = {**WORDS, "done": N_("changed"), "undone": N_("undone")}
_COLLECTION = N_("Collection")
Json = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    item: BulkItem
    title: str
    differences: list[Difference]


def shown(work: Work, bulk: BulkEdit, items: Sequence[BulkItem], language: str) -> list[Shown]:
    """With the differences of those to change, as they would be now, or as they were made."""
    ids = [item.version_id for item in items if item.version_id]
    query = select(Version).where(Version.id.in_(ids))
    versions = {version.id: version for version in work.session.scalars(query)}
    context = Context.of(work)
    told = []
    for item in items:
        version = versions.get(item.version_id or "")
        title = title_of(version.metadata_json, language) if version else ""
        found = _differences(context, bulk, item, version) if version else []
        told.append(Shown(item, title or item.given, found))
    return told


def _differences(
    context: Context, bulk: BulkEdit, item: BulkItem, version: Version
) -> list[Difference]:
    work = context.work
    if item.state == ItemState.CHANGE:
        try:
            after = changed_metadata(context, bulk, item, version)
        except Refused:
            return []
        moves = move(work, bulk, version)
        return [*differences(context, version.metadata_json, after), *_moves(work, moves)]
    if item.state in (ItemState.DONE, ItemState.UNDONE, ItemState.KEPT):
        before, after_that = (_said(work, version.id, n) for n in _revisions(item))
        return [*differences(context, before, after_that), *_moves(work, item.placed)]
    return []


def _revisions(item: BulkItem) -> tuple[int, int]:
    return item.base_revision, item.new_revision


def _said(work: Work, version: str, revision: int) -> Json:
    query = select(Revision.metadata_json).where(
        Revision.version_id == version, Revision.revision == revision
    )
    return work.session.scalar(query) or {}


def _moves(work: Work, moves: Json) -> list[Difference]:
    if not moves:
        return []
    added, removed = (
        tuple(work.session.scalars(select(Collection.slug).where(Collection.id.in_(ids))))
        for ids in (moves.get("added", ()), moves.get("removed", ()))
    )
    return [Difference(_COLLECTION, removed, added)]


def told_of(work: Work, bulk: BulkEdit) -> Json:
    """The ledger's entry as JSON."""

    def moment(name: str) -> str | None:
        value = getattr(bulk, name)
        return value.isoformat() if value else None

    names = name_of(work, [bulk])
    api = f"{work.settings.base_url}/api/bulk-edits/{bulk.id}"
    times = {name: moment(name) for name in ("started_at", "finished_at", "undone_at")}
    return {
        "id": bulk.id,
        "status": bulk.state,
        "selection": bulk.selection,
        "actions": [
            {"action": a.verb, "field": a.field, "value": a.value, "old": a.old}
            for a in of_json(bulk.actions)
        ],
        "note": bulk.note,
        "total": bulk.total,
        "counts": bulk.counts,
        "created": bulk.created_at.isoformat(),
        "created_by": names.get(bulk.user_id, ""),
        "undone_by": names.get(bulk.undone_by or 0),
        **times,
        "links": {
            "self": api,
            "changes": f"{api}/changes",
            "self_html": f"{work.settings.base_url}/admin/bulk/{bulk.id}",
            "actions": {name: f"{api}/actions/{name}" for name in ("start", "undo", "discard")},
        },
    }


def name_of(work: Work, bulks: Sequence[BulkEdit]) -> dict[int, str]:
    """Names of the people in a ledger, by their ids."""
    ids = {number for each in bulks for number in (each.user_id, each.undone_by) if number}
    query = select(User.id, User.name).where(User.id.in_(ids))
    return dict(work.session.execute(query).tuples().all())
