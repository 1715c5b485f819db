"""Requests for access to a record's files: InvenioRDM's `access/request` and its requests."""

from typing import Any, Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from repository.access.documents import title_for
from repository.accounts.identity import current_actor, require_actor
from repository.accounts.models import Actor
from repository.api.blueprint import answers, blueprint, json_body, query
from repository.api.grants import moment
from repository.api.inputs import json_object
from repository.api.records import absolute
from repository.api.schemas import (
    PageQuery,
    RequestListOutput,
    RequestOutput,
)
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.i18n.locale import language
from repository.records.models import Record
from repository.sharing import services
from repository.sharing.models import AccessRequest, RequestStatus
from repository.web import paging
from repository.web.context import reading, writing
from repository.web.limits import limiter, sign_in_limit

PREFIX = "access-"  # of their ids: reviews are requests too, with numbers of their own
STATUSES = {
    RequestStatus.UNVERIFIED: "created",
    RequestStatus.OPEN: "submitted",
    RequestStatus.GRANTED: "accepted",
    RequestStatus.DECLINED: "declined",
    RequestStatus.CANCELLED: "cancelled",
    RequestStatus.LAPSED: "expired",
}
FIELDS = {
    "/name": "/full_name",
    "/agreed": "/consent_to_terms",
    "/until": "/expires_at",
    "/reason": "/payload/content",
}


class AccessRequestInput(BaseModel):
    """Guests send `full_name` and `email` too; users are known by their account."""

    message: str = Field(max_length=5000)
    full_name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=254)
    affiliation: str = Field(default="", max_length=300)
    answers: list[str] = Field(default=[], description="One to each of the owner's questions.")
    consent_to_terms: bool = Field(default=False, description="Needed where there are terms.")


class RequestPolicyOutput(BaseModel):
    takers: Literal["everyone", "users", "nobody"]
    terms: str
    questions: list[str]
    links: dict[str, str]


def body_of(work: Work, actor: Actor, asked: AccessRequest, *, decides: bool) -> dict[str, Any]:
    base = work.settings.base_url
    api = f"{base}/api/requests/{PREFIX}{asked.id}"
    owner = work.session.get_one(Record, asked.record_id).owner_id
    possible = ("accept", "decline") if decides else ("cancel",)
    is_open = asked.status == RequestStatus.OPEN
    acts = possible if is_open else ()
    changed = asked.decided_at or asked.opened_at or asked.created_at
    by = {"user": str(asked.user_id)} if asked.user_id else {"email": asked.email}
    return {
        "id": f"{PREFIX}{asked.id}",
        "number": str(asked.id),
        "type": "user-access-request" if asked.user_id else "guest-access-request",
        "title": title_for(work, actor, asked.version_id, language()) or "",
        "status": STATUSES[RequestStatus(asked.status)],
        "is_open": is_open,
        "is_closed": not is_open and asked.status != RequestStatus.UNVERIFIED,
        "created": asked.created_at.isoformat(),
        "updated": changed.isoformat(),
        "created_by": by,
        "receiver": {"user": str(owner)},
        "topic": {"record": asked.version_id},
        "payload": {
            "permission": "view",
            "full_name": asked.name,
            "email": asked.email,
            "affiliation": asked.affiliation,
            "message": asked.message,
            "answers": asked.answers,
            "reason": asked.reason,
        },
        "expires_at": asked.access_until.isoformat() if asked.access_until else None,
        "links": {
            "self": api,
            "self_html": f"{base}/access-requests/{asked.id}",
            "actions": {name: f"{api}/actions/{name}" for name in acts},
        },
    }


@blueprint.get("/records/<id>/access/request")
@answers(200, RequestPolicyOutput, 403, summary="Read how to ask for access", bearer=False)
def read_request_policy(id: str) -> Response:  # noqa: A002 - the field's name for it
    """Who may ask, the terms to agree to, and the questions to answer, in their order."""
    work = reading()
    version = services.requestable_version(work, current_actor(), id)
    policy = services.policy_of(work, version.record_id)
    told = {"takers": policy.takers, "terms": policy.terms, "questions": policy.questions}
    here = f"{work.settings.base_url}/api/records/{version.id}/access/request"
    return jsonify(told | {"links": {"self": here}})


@blueprint.post("/records/<id>/access/request")
@limiter.limit(sign_in_limit)
@answers(200, RequestOutput, 403, 409, summary="Ask for access to the files", bearer=False)
@json_body(AccessRequestInput)
def ask_for_access(id: str) -> Response:  # noqa: A002
    """As a user, or as a guest with name and address, who first confirms by a mailed link."""
    actor = current_actor()
    version = services.requestable_version(reading(), actor, id)
    wanted = _asked(json_object())
    try:
        with writing() as work:
            made = services.ask(work, actor, version, wanted)
            return jsonify(body_of(work, actor, made, decides=False))
    except ValidationFailed as error:
        raise _here(error) from error


def _asked(body: dict[str, Any]) -> services.Asked:
    texts: dict[str, str] = {}
    errors = []
    for name in ("full_name", "email", "affiliation", "message"):
        texts[name] = body.get(name) or ""
        if not isinstance(texts[name], str):
            errors.append(FieldError(f"/{name}", N_("Send a text.")))
    replies = body.get("answers") or []
    if not isinstance(replies, list) or not all(isinstance(each, str) for each in replies):
        errors.append(FieldError("/answers", N_("Send a list of texts.")))
    if errors:
        raise ValidationFailed(errors=errors)
    return services.Asked(
        name=texts["full_name"],
        email=texts["email"],
        affiliation=texts["affiliation"],
        message=texts["message"],
        answers=replies,
        agreed=body.get("consent_to_terms") is True,
        locale=language(),
    )


def _here(error: ValidationFailed) -> ValidationFailed:
    """With the names that fields have here."""
    return ValidationFailed(
        errors=[
            FieldError(
                FIELDS.get(e.pointer, e.pointer.replace("/answer-", "/answers/")),
                e.message,
                e.params,
            )
            for e in error.errors
        ]
    )


@blueprint.get("/user/access-requests")
@answers(200, RequestListOutput, summary="List requests for access, mine and those I decide on")
@query(PageQuery)
def list_access_requests() -> Response:
    """Those that are open first."""
    work, actor, page = reading(), require_actor(), paging.requested()
    total = services.count_requests(work, actor)
    hits = [
        body_of(work, actor, each, decides=services.find_request(work, actor, each.id)[1])
        for each in services.requests_of(work, actor, page.offset, page.size)
    ]
    return jsonify({"hits": {"hits": hits, "total": total}, "links": absolute(page.links(total))})


def number_of(request_id: str) -> int | None:
    """The number in the id of a request for access; None where it is another's."""
    number = request_id.removeprefix(PREFIX)
    known = request_id.startswith(PREFIX) and number.isascii() and number.isdigit()
    return int(number) if known and len(number) <= 9 else None


def read(work: Work, actor: Actor, number: int) -> dict[str, Any]:
    asked, decides = services.find_request(work, actor, number)
    return body_of(work, actor, asked, decides=decides)


def act(
    work: Work, actor: Actor, number: int, action: str, body: dict[str, Any], text: str
) -> dict[str, Any]:
    """Accept until `expires_at`, decline with a reason, or take one's own back."""
    asked, decides = services.find_request(work, actor, number)
    if action == "cancel":
        services.cancel(work, actor, asked)
    elif decides and action in ("accept", "decline"):
        until = moment(body.get("expires_at"), "/expires_at")
        try:
            services.decide(work, actor, asked, grant=action == "accept", reason=text, until=until)
        except ValidationFailed as error:
            raise _here(error) from error
    else:
        raise NotFound
    return body_of(work, actor, asked, decides=decides)
