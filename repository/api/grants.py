"""Who else has access to a record: InvenioRDM's `access/grants`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify

from repository.access import grants
from repository.access.grants import Given
from repository.accounts import identities
from repository.accounts.identity import require_actor
from repository.api.access_schemas import GrantListOutput, GrantOutput, GrantsInput
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.idempotency import Answer, once
from repository.api.inputs import json_object
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.web.context import reading, writing

MAX_AT_ONCE = 50


def _body(work: Work, given: Given) -> dict[str, Any]:
    grant = given.grant
    api = f"{work.settings.base_url}/api/records/{grant.record_id}/access/grants"
    expires = grant.expires_at
    return {
        "id": grant.id,
        "subject": _subject(work, given),
        "permission": grant.permission,
        "created": grant.created_at.isoformat(),
        "expires_at": expires.isoformat() if expires else None,
        "expired": expires is not None and expires <= work.clock.now(),
        "links": {"self": f"{api}/{grant.id}"},
    }


def _subject(work: Work, given: Given) -> dict[str, Any]:
    if given.user is not None:
        return {"type": "user", "id": given.user.email}
    grant = given.grant
    if grant.issuer is not None:
        name = identities.name_of(work.settings, grant.issuer)
        claim, value = grant.claim or None, grant.claim_value or None
        return {"type": "provider", "id": name, "claim": claim, "value": value}
    return {"type": "domain", "id": grant.domain, "subdomains": grant.subdomains}


def _list(work: Work, given: list[Given]) -> dict[str, Any]:
    return {"hits": {"hits": [_body(work, each) for each in given], "total": len(given)}}


@blueprint.get("/records/<id>/access/grants")
@answers(200, GrantListOutput, 403, summary="List a record's grants")
def list_grants(id: str) -> Response:  # noqa: A002 - the field's name for it
    work = reading()
    record = grants.managed_record(work, require_actor(), id)
    return jsonify(_list(work, grants.grants_of(work, record)))


@blueprint.post("/records/<id>/access/grants")
@json_body(GrantsInput)
@answers(201, GrantListOutput, 403, 409, 415, summary="Give users or institutions access")
def create_grants(id: str) -> tuple[Response, int]:  # noqa: A002
    """For all its versions. Whoever had a grant has the new one instead. A `domain` is everyone
    with a verified e-mail address at it, with `subdomains` at those below it too. A `provider` is
    everyone who signs in by that identity provider, with a `claim` those of whom it tells `value`.
    """
    actor = require_actor()
    wanted = _wanted(json_object())

    def act(work: Work) -> Answer:
        record = grants.managed_record(work, actor, id)
        given = [
            give(work, actor, record, pointer=f"/grants/{index}", **each)
            for index, (give, each) in enumerate(wanted)
        ]
        return _list(work, given), 201

    return once(act)


@blueprint.get("/records/<id>/access/grants/<int:grant_id>")
@answers(200, GrantOutput, 403, summary="Read a grant")
def read_grant(id: str, grant_id: int) -> Response:  # noqa: A002
    work = reading()
    record = grants.managed_record(work, require_actor(), id)
    return jsonify(_body(work, grants.find_grant(work, record, grant_id)))


@blueprint.delete("/records/<id>/access/grants/<int:grant_id>")
@answers(204, None, 403, summary="Take a grant back")
def delete_grant(id: str, grant_id: int) -> tuple[str, int]:  # noqa: A002
    actor = require_actor()
    with writing() as work:
        grants.revoke_grant(work, actor, grants.managed_record(work, actor, id), grant_id)
    return "", 204


Wanted = tuple[Callable[..., Given], dict[str, Any]]


def _wanted(body: dict[str, Any]) -> list[Wanted]:
    wanted = body.get("grants")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_AT_ONCE:
        message = N_("Send a list of 1 to %(limit)s grants.")
        raise ValidationFailed(errors=[FieldError("/grants", message, {"limit": MAX_AT_ONCE})])
    return [_one(each, f"/grants/{index}") for index, each in enumerate(wanted)]


def _one(grant: Any, pointer: str) -> Wanted:
    match grant:
        case {"subject": {"type": kind, "id": str(name), **more}, "permission": str(permission)}:
            expires = moment(grant.get("expires_at"), f"{pointer}/expires_at")
            given = {"permission": permission, "expires_at": expires}
            below = more.get("subdomains", False)
            if kind == "user":
                return grants.grant_access, given | {"email": name}
            if kind == "domain" and isinstance(below, bool):
                return grants.grant_to_domain, given | {"domain": name, "subdomains": below}
            claim, value = more.get("claim") or "", more.get("value") or ""
            if kind == "provider" and isinstance(claim, str) and isinstance(value, str):
                said = {"provider": name, "claim": claim, "value": value}
                return grants.grant_to_provider, given | said
    message = N_(
        'Use {"subject": {"type": "user", "id": "name@example.org"}, "permission": …}, or '
        '{"type": "domain", "id": "example.org", "subdomains": true} as the subject, or '
        '{"type": "provider", "id": "name", "claim": …, "value": …}.'
    )
    raise ValidationFailed(errors=[FieldError(pointer, message)])


def moment(text: Any, pointer: str) -> datetime | None:
    """An ISO 8601 moment; in UTC where it names no zone."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        message = N_("Write a date such as 2027-01-31.")
        raise ValidationFailed(errors=[FieldError(pointer, message)]) from error
