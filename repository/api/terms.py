"""The terms of a record's files, and accepting them; the class of its data."""

from typing import Any

from flask import Response, jsonify

from repository.access import terms
from repository.access.documents import find_named
from repository.accounts.identity import current_actor, require_actor
from repository.accounts.models import Actor, as_guest
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.inputs import json_object
from repository.api.schemas import (
    AcceptanceInput,
    AcceptanceOutput,
    DataClassInput,
    DataClassOutput,
    TermsOutput,
)
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit import classifying
from repository.records.models import Version
from repository.web.context import reading, writing
from repository.web.limits import limiter, sign_in_limit


def _version(work: Work, actor: Actor, identifier: str) -> Version:
    return terms.version_with_terms(find_named(work, actor, identifier))


def _links(work: Work, version: Version) -> dict[str, str]:
    api = f"{work.settings.base_url}/api/records/{version.id}/terms"
    page = f"{work.settings.base_url}/records/{version.id}/terms"
    return {"self": api, "acceptance": f"{api}/acceptance", "self_html": page}


@blueprint.get("/records/<id>/terms")
@answers(200, TermsOutput, summary="Read the terms of a record's files", bearer=False)
def read_terms(id: str) -> Response:  # noqa: A002 - the field's name for it
    """`accepted`: whether they are, or need not be; who may have the files is said elsewhere."""
    work, actor = reading(), current_actor()
    version = _version(work, actor, id)
    return jsonify(
        terms=version.terms_sha256,
        text=version.terms,
        accepted=not terms.must_accept(actor, version, work.clock.now()),
        links=_links(work, version),
    )


@blueprint.post("/records/<id>/terms/acceptance")
@limiter.limit(sign_in_limit)
@answers(201, AcceptanceOutput, 409, summary="Accept the terms of a record's files", bearer=False)
@json_body(AcceptanceInput)
def accept_terms(id: str) -> tuple[Response, int]:  # noqa: A002
    """It is kept who accepted which text. Without a token of your own the answer brings one: send
    it as bearer token with the downloads.
    """
    actor, digest = current_actor(), json_object().get("terms")
    if not isinstance(digest, str):
        message = N_("Send the digest that the terms are told with, as a string.")
        raise ValidationFailed(errors=[FieldError("/terms", message)])
    known = actor.user_id is not None or actor.guest
    secret = "" if known else terms.new_guest()
    with writing() as work:
        version = _version(work, actor, id)
        accepting = as_guest(actor, secret) if secret else actor
        made = terms.accept_terms(work, accepting, version, digest)
        body: dict[str, Any] = {
            "terms": made.terms_sha256,
            "accepted_at": made.at.isoformat(),
            "links": _links(work, version),
        }
    return jsonify(body | ({"token": secret} if secret else {})), 201


@blueprint.put("/records/<id>/access/data-class")
@answers(200, DataClassOutput, 403, summary="Class the data of a record")
@json_body(DataClassInput)
def write_data_class(id: str) -> Response:  # noqa: A002
    """At once, for all its versions. Core data vanish from every public place; only curators lower
    a class.
    """
    body, actor = json_object(), require_actor()
    told = {name: body.get(name) for name in ("data_class", "reason")}
    with writing() as work:
        texts = {name: value if isinstance(value, str) else "" for name, value in told.items()}
        record = classifying.classify(work, actor, id, texts["data_class"], texts["reason"])
        return jsonify(id=record.id, data_class=texts["data_class"])
