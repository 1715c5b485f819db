"""Reviews as InvenioRDM's draft reviews and requests."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor
from repository.api import access_requests
from repository.api.blueprint import answers, blueprint, json_body, query
from repository.api.idempotency import Answer, once
from repository.api.inputs import json_object
from repository.api.records import absolute
from repository.api.schemas import (
    CommentInput,
    RequestListOutput,
    RequestOutput,
    ReviewInput,
    SearchQuery,
    TimelineOutput,
)
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import reviews
from repository.deposit import drafts
from repository.deposit import review as acts
from repository.records.models import Draft, Version
from repository.records.reviews import Review, ReviewEvent
from repository.records.titles import title_of
from repository.web import paging
from repository.web.context import reading, writing

MAX_ID = 9
# InvenioRDM has no state between; a request sent back to its depositor is still open there.
TYPE = "community-submission"


def body_of(work: Work, review: Review) -> dict[str, Any]:
    base = work.settings.base_url
    api = f"{base}/api/requests/{review.id}"
    version = work.session.get_one(Version, review.version_id)
    draft = work.session.get(Draft, review.version_id)
    actions = {
        "created": ("submit",),
        "submitted": ("accept", "decline", "cancel", "request-changes"),
        "changes": ("decline", "cancel"),
    }.get(review.status, ())
    return {
        "id": str(review.id),
        "number": str(review.id),
        "type": TYPE,
        "title": title_of((draft or version).metadata_json, "vi"),
        "status": "submitted" if review.status == "changes" else review.status,
        "changes_requested": review.status == "changes",
        "is_open": review.status in ("submitted", "changes"),
        "is_closed": review.status in ("accepted", "declined", "cancelled"),
        "created": review.created_at.isoformat(),
        "updated": review.updated_at.isoformat(),
        "due": review.due_on.isoformat() if review.due_on else None,
        "checklist": [
            {"text": text, "done": number in review.checked}
            for number, text in enumerate(review.collection.checklist)
        ],
        "fingerprint": review.fingerprint,
        "created_by": {"user": str(review.submitted_by)},
        "receiver": {"community": review.collection.slug},
        "topic": {"record": review.version_id},
        "links": {
            "self": api,
            "self_html": f"{base}/reviews/{review.id}",
            "comments": f"{api}/comments",
            "timeline": f"{api}/timeline",
            "actions": {name: f"{api}/actions/{name}" for name in actions if name != "submit"},
        },
    }


def _text(body: dict[str, Any]) -> str:
    """What was written, in the `payload` of InvenioRDM."""
    payload = body.get("payload") or {}
    content = payload.get("content", "") if isinstance(payload, dict) else None
    if not isinstance(content, str):
        message = N_("Send the text as payload.content.")
        raise ValidationFailed(errors=[FieldError("/payload/content", message)])
    return content


def _review(work: Work, actor: Actor, number: str, *, lock: bool = False) -> Review:
    if not (number.isascii() and number.isdigit() and len(number) <= MAX_ID):
        raise NotFound
    return reviews.find(work, actor, int(number), lock=lock)


def _of_draft(work: Work, actor: Actor, version_id: str) -> Review:
    drafts.get_draft(work, actor, version_id)
    review = reviews.of_version(work, version_id)
    if review is None:
        raise NotFound
    return review


@blueprint.get("/records/<id>/draft/review")
@answers(200, RequestOutput, summary="Read a draft's review")
def read_review(id: str) -> Response:  # noqa: A002 - the field's name for it
    work = reading()
    return jsonify(body_of(work, _of_draft(work, require_actor(), id)))


@blueprint.put("/records/<id>/draft/review")
@answers(200, RequestOutput, 403, 409, summary="Choose the collection a draft is for")
@json_body(ReviewInput)
def set_review(id: str) -> Response:  # noqa: A002
    """`{"receiver": {"community": SLUG}, "type": "community-submission"}`."""
    actor, receiver = require_actor(), json_object().get("receiver")
    slug = receiver.get("community") if isinstance(receiver, dict) else None
    if not isinstance(slug, str):
        message = N_("Name the collection by its short name.")
        raise ValidationFailed(errors=[FieldError("/receiver/community", message)])
    with writing() as work:
        body = body_of(work, acts.choose(work, actor, id, slug))
    return jsonify(body)


@blueprint.delete("/records/<id>/draft/review")
@answers(204, None, 403, 409, summary="Take a draft's review back")
def delete_review(id: str) -> tuple[str, int]:  # noqa: A002
    with writing() as work:
        actor = require_actor()
        reviews.cancel(work, actor, _of_draft(work, actor, id))
    return "", 204


@blueprint.post("/records/<id>/draft/actions/submit-review")
@answers(202, RequestOutput, 403, 409, summary="Submit a draft for review")
def submit_review(id: str) -> tuple[Response, int]:  # noqa: A002
    actor, text = require_actor(), _text(json_object(required=False))
    return once(lambda work: (body_of(work, acts.submit(work, actor, id, text)), 202))


@blueprint.get("/requests")
@answers(200, RequestListOutput, summary="List the reviews that concern me")
@query(SearchQuery)
def list_requests() -> Response:
    """`status` is one of the states, or `all`; without it, those under way."""
    work, actor, page = reading(), require_actor(), paging.requested()
    rows, total = reviews.queue(
        work,
        actor,
        status=request.args.get("status", ""),
        collection=request.args.get("community", ""),
        offset=page.offset,
        limit=page.size,
    )
    hits = [body_of(work, row.review) for row in rows]
    return jsonify({"hits": {"hits": hits, "total": total}, "links": absolute(page.links(total))})


@blueprint.get("/requests/<number>")
@answers(200, RequestOutput, summary="Read a review, or a request for access")
def read_request(number: str) -> Response:
    work = reading()
    asked = access_requests.number_of(number)
    if asked is not None:
        return jsonify(access_requests.read(work, require_actor(), asked))
    return jsonify(body_of(work, _review(work, require_actor(), number)))


def _accept(work: Work, actor: Actor, review: Review, body: dict[str, Any]) -> None:
    told = body.get("fingerprint")
    looked_at = told if isinstance(told, str) and told else None
    acts.accept(work, actor, review, looked_at=looked_at, text=_text(body))


ACTIONS: dict[str, Callable[[Work, Actor, Review, dict[str, Any]], None]] = {
    "accept": _accept,
    "decline": lambda work, actor, review, body: reviews.decline(work, actor, review, _text(body)),
    "cancel": lambda work, actor, review, body: reviews.cancel(work, actor, review, _text(body)),
    "request-changes": lambda work, actor, review, body: reviews.send_back(
        work, actor, review, _text(body)
    ),
}


@blueprint.post("/requests/<number>/actions/<action>")
@answers(200, RequestOutput, 403, 409, 412, summary="Accept, decline, cancel, ask for changes")
def act_on_request(number: str, action: str) -> tuple[Response, int]:
    """`accept` publishes what was submitted last, or the state whose `fingerprint` is sent. Of a
    request for access it gives access until `expires_at`.
    """
    actor, body = require_actor(), json_object(required=False)
    asked = access_requests.number_of(number)
    if asked is not None:
        text = _text(body)
        return once(lambda work: (access_requests.act(work, actor, asked, action, body, text), 200))
    do = ACTIONS.get(action)
    if do is None:
        raise NotFound

    def act(work: Work) -> Answer:
        review = _review(work, actor, number, lock=True)
        do(work, actor, review, body)
        return body_of(work, review), 200

    return once(act)


@blueprint.get("/requests/<number>/timeline")
@answers(200, TimelineOutput, summary="Read the conversation of a review")
def read_timeline(number: str) -> Response:
    work = reading()
    review = _review(work, require_actor(), number)
    hits = [_event(work, review, event, name) for event, name in reviews.events(work, review)]
    return jsonify({"hits": {"hits": hits, "total": len(hits)}})


def _event(work: Work, review: Review, event: ReviewEvent, name: str) -> dict[str, Any]:
    said = event.kind in ("comment", "suggestion")
    payload: dict[str, Any] = {"content": event.text, "format": "text"}
    if not said:
        payload["event"] = event.kind
    if event.pointer:
        payload["pointer"] = event.pointer
    if event.suggestion:
        payload |= {"suggestion": event.suggestion, "state": event.state}
    return {
        "id": str(event.id),
        "type": "C" if said else "L",
        "created": event.at.isoformat(),
        "created_by": {"user": str(event.user_id), "name": name},
        "payload": payload,
        "links": {"self": f"{work.settings.base_url}/api/requests/{review.id}/comments/{event.id}"},
    }


@blueprint.post("/requests/<number>/comments")
@answers(201, None, 403, 409, summary="Comment, or suggest a value for a field")
@json_body(CommentInput)
def create_comment(number: str) -> tuple[Response, int]:
    """`payload` may hold a `pointer` to a field or file, and a `suggestion` for the field."""
    actor, body = require_actor(), json_object()
    text, payload = _text(body), body.get("payload") or {}
    pointer = str(payload.get("pointer") or "")

    def act(work: Work) -> Answer:
        review = _review(work, actor, number, lock=True)
        suggestion = payload.get("suggestion")
        event = reviews.comment(work, actor, review, text, pointer=pointer, suggestion=suggestion)
        return _event(work, review, event, ""), 201

    return once(act)


@blueprint.post("/requests/<number>/comments/<int:comment_id>/actions/<action>")
@answers(200, None, 403, 409, summary="Apply a suggestion, or undo it")
def act_on_comment(number: str, comment_id: int, action: str) -> tuple[Response, int]:
    actor = require_actor()
    do = {"apply": acts.apply_suggestion, "undo": acts.undo_suggestion}.get(action)
    if do is None:
        raise NotFound

    def act(work: Work) -> Answer:
        review = _review(work, actor, number, lock=True)
        return _event(work, review, do(work, actor, review, comment_id), ""), 200

    return once(act)
