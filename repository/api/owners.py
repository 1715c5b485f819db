"""Whose a record is: InvenioRDM's `access.owned_by`."""

from flask import Response, jsonify

from repository.accounts.identity import require_actor
from repository.api.access_schemas import OwnerInput, OwnerOutput
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.inputs import json_object
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.deposit import owners
from repository.web.context import writing


@blueprint.put("/records/<id>/access/owned_by")
@answers(200, OwnerOutput, 403, 413, summary="Hand a record over to another owner")
@json_body(OwnerInput)
def write_owner(id: str) -> Response:  # noqa: A002 - the field's name for it
    """At once, with all its versions and drafts, by its owner or a curator. Both are told."""
    actor, body = require_actor(), json_object()
    match body:
        case {"user": str(email)} if isinstance(keeps := body.get("keeps") or "", str):
            with writing() as work:
                record = owners.hand_over(work, actor, id, email, keeps)
                return jsonify(id=record.id, owned_by={"user": str(record.owner_id)})
    message = N_('Use {"user": "name@example.org", "keeps": null or a permission}.')
    raise ValidationFailed(errors=[FieldError("", message)])
