"""Bulk edits for programs: begin, look at every change, start, undo."""

from typing import Any, Literal

from flask import Response, jsonify, request
from pydantic import BaseModel, Field
from werkzeug.datastructures import MultiDict

from repository.accounts.identity import require_actor
from repository.api.blueprint import answers, blueprint, json_body, query
from repository.api.idempotency import Answer, once
from repository.api.inputs import json_object
from repository.api.records import absolute
from repository.api.schemas import PageQuery
from repository.bulk import services, showing
from repository.bulk.models import BulkEdit
from repository.bulk.selecting import MAX_RECORDS
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.discovery.arguments import read
from repository.i18n.locale import language
from repository.web import paging
from repository.web.context import reading
from repository.web.messages import translate

STEPS = {"start": services.start, "undo": services.undo, "discard": services.discard}


class BulkAction(BaseModel):
    action: Literal["set", "add", "remove", "replace"]
    field: str
    value: str = ""
    old: str = ""


class BulkSelection(BaseModel):
    q: str | None = Field(default=None, description="A search; * is everything")
    ids: list[str] | None = Field(default=None, description="Ids or DOIs")


class BulkInput(BaseModel):
    selection: BulkSelection
    actions: list[BulkAction]
    note: str = ""


class BulkOutput(BaseModel):
    id: str
    status: str
    total: int
    counts: dict[str, int]
    links: dict[str, Any]


class BulkHits(BaseModel):
    hits: list[dict[str, Any]]
    total: int


class BulkListOutput(BaseModel):
    hits: BulkHits
    links: dict[str, str]


class ChangesQuery(PageQuery):
    state: str = ""


@blueprint.get("/bulk-edits")
@answers(200, BulkListOutput, 403, summary="List the bulk edits there were")
@query(PageQuery)
def list_bulk_edits() -> Response:
    work, actor, page = reading(), require_actor(), paging.requested()
    found, total = services.ledger(work, actor, offset=page.offset, limit=page.size)
    hits = [showing.told_of(work, each) for each in found]
    return jsonify({"hits": {"hits": hits, "total": total}, "links": absolute(page.links(total))})


@blueprint.post("/bulk-edits")
@answers(201, BulkOutput, 403, 409, 413, 415, summary="Begin a bulk edit")
@json_body(BulkInput)
def begin_bulk_edit() -> tuple[Response, int]:
    """Nothing changes until it is started. The fields are those of the curators' page."""
    actor, body = require_actor(), json_object()
    told = body.get("actions")
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise ValidationFailed(errors=[FieldError("/actions", N_("Send a JSON list."))])

    def act(work: Work) -> Answer:
        chosen = _selection(body.get("selection"))
        made = services.begin(work, actor, told, **chosen, note=str(body.get("note") or ""))
        return showing.told_of(work, made), 201

    return once(act)


def _selection(told: Any) -> dict[str, Any]:
    match told:
        case {"ids": [*ids]} if len(ids) <= MAX_RECORDS and all(isinstance(i, str) for i in ids):
            return {"ids": ids}
        case {"q": str() as text} if text.strip():
            asked = MultiDict({"q": "" if text == "*" else text})
            return {"search": read(asked, offset=0, limit=1), "query": text[:300]}
    message = N_("Send a search as q, or a list of at most %(count)s ids.")
    raise ValidationFailed(errors=[FieldError("/selection", message, {"count": MAX_RECORDS})])


@blueprint.get("/bulk-edits/<bulk_id>")
@answers(200, BulkOutput, 403, summary="Read a bulk edit")
def read_bulk_edit(bulk_id: str) -> Response:
    work = reading()
    return jsonify(showing.told_of(work, _found(work, bulk_id)))


def _found(work: Work, bulk_id: str) -> BulkEdit:
    return services.found(work, require_actor(), bulk_id)


@blueprint.get("/bulk-edits/<bulk_id>/changes")
@answers(200, BulkListOutput, 403, summary="List every change of a bulk edit")
@query(ChangesQuery)
def list_bulk_changes(bulk_id: str) -> Response:
    work, page = reading(), paging.requested()
    bulk, state = _found(work, bulk_id), request.args.get("state", "")
    items, total = services.items(work, bulk, state, offset=page.offset, limit=page.size)
    hits = [
        {
            "id": each.item.version_id,
            "given": each.item.given,
            "title": each.title,
            "state": each.item.state,
            "message": translate(each.item.said["message"], each.item.said["params"])
            if each.item.said
            else None,
            "revision": each.item.new_revision or each.item.base_revision,
            "changes": [
                {"field": translate(d.label, {}), "removed": d.removed, "added": d.added}
                for d in each.differences
            ],
        }
        for each in showing.shown(work, bulk, items, language())
    ]
    return jsonify({"hits": {"hits": hits, "total": total}, "links": absolute(page.links(total))})


@blueprint.post("/bulk-edits/<bulk_id>/actions/<step>")
@answers(202, BulkOutput, 403, 409, summary="Start, undo or discard a bulk edit")
def take_bulk_step(bulk_id: str, step: str) -> tuple[Response, int]:
    actor = require_actor()
    if step not in STEPS:
        raise NotFound

    def act(work: Work) -> Answer:
        return showing.told_of(work, STEPS[step](work, actor, bulk_id)), 202

    return once(act)
