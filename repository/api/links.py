"""Share links of a record: InvenioRDM's `access/links`."""

from typing import Any

from flask import Response, jsonify

from repository.access import grants, links
from repository.access.models import ShareLink
from repository.accounts.identity import require_actor
from repository.api.access_schemas import LinkInput, LinkListOutput, LinkOutput
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.grants import moment
from repository.api.inputs import json_object
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.web.context import reading, writing
from repository.web.urls import absolute_url


def _body(work: Work, link: ShareLink, secret: str = "") -> dict[str, Any]:
    api = f"{work.settings.base_url}/api/records/{link.record_id}/access/links"
    expires, used = link.expires_at, link.last_used_at
    body: dict[str, Any] = {
        "id": link.id,
        "permission": link.permission,
        "description": link.note,
        "created_at": link.created_at.isoformat(),
        "expires_at": expires.isoformat() if expires else None,
        "expired": expires is not None and expires <= work.clock.now(),
        "max_uses": link.max_uses,
        "uses": link.uses,
        "last_used_at": used.isoformat() if used else None,
        "links": {"self": f"{api}/{link.id}"},
    }
    if secret:
        body["token"] = secret
        body["links"]["open"] = absolute_url("sharing.share", key=secret)
    return body


@blueprint.get("/records/<id>/access/links")
@answers(200, LinkListOutput, 403, summary="List a record's share links")
def list_links(id: str) -> Response:  # noqa: A002 - the field's name for it
    work = reading()
    record = grants.managed_record(work, require_actor(), id)
    made = [_body(work, each) for each in links.links_of(work, record)]
    return jsonify({"hits": {"hits": made, "total": len(made)}})


@blueprint.post("/records/<id>/access/links")
@json_body(LinkInput)
@answers(201, LinkOutput, 403, 415, summary="Make a share link")
def create_link(id: str) -> tuple[Response, int]:  # noqa: A002
    """The answer alone holds its secret. Send it as a bearer token, or open `links.open`."""
    actor, wanted = require_actor(), _wanted(json_object())
    with writing() as work:
        record = grants.managed_record(work, actor, id)
        link, secret = links.create_link(work, actor, record, version_id=id, **wanted)
        return jsonify(_body(work, link, secret)), 201


def _wanted(body: dict[str, Any]) -> dict[str, Any]:
    permission, note, uses = (body.get(k) for k in ("permission", "description", "max_uses"))
    if not isinstance(permission, str) or not isinstance(note or "", str):
        message = N_("Choose one of: %(known)s.")
        known = {"known": ", ".join(links.KINDS)}
        raise ValidationFailed(errors=[FieldError("/permission", message, known)])
    if isinstance(uses, bool) or not isinstance(uses, int | None):
        message = N_("Write a number from 1 to 1,000,000.")
        raise ValidationFailed(errors=[FieldError("/max_uses", message)])
    return {
        "permission": permission,
        "note": note or "",
        "max_uses": uses,
        "expires_at": moment(body.get("expires_at"), "/expires_at"),
    }


@blueprint.get("/records/<id>/access/links/<int:link_id>")
@answers(200, LinkOutput, 403, summary="Read a share link")
def read_link(id: str, link_id: int) -> Response:  # noqa: A002
    work = reading()
    record = grants.managed_record(work, require_actor(), id)
    return jsonify(_body(work, links.find_link(work, record, link_id)))


@blueprint.delete("/records/<id>/access/links/<int:link_id>")
@answers(204, None, 403, summary="Take a share link back")
def delete_link(id: str, link_id: int) -> tuple[str, int]:  # noqa: A002
    actor = require_actor()
    with writing() as work:
        links.revoke_link(work, actor, grants.managed_record(work, actor, id), link_id)
    return "", 204
