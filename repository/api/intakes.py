"""Files that the server brings into a draft itself: from an address, or out of an archive."""

from typing import Literal

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from repository.access.rules import Action
from repository.accounts.identity import require_actor
from repository.api import inputs
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.representations import Json
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.deposit import drafts, intakes
from repository.deposit.intakes import Wanted
from repository.deposit.models import Intake
from repository.web.context import reading, writing
from repository.web.messages import translate

ONE = N_("Send either a url, or the key of an archive.")


class IntakeInput(BaseModel):
    """Either `url` (and a `key`, if not the name that the server gives), or `archive`, the key of a
    ZIP or TAR among the draft's files (and a `folder` to unpack into). One that was only announced
    yet is unpacked when it has arrived.
    """

    model_config = ConfigDict(extra="forbid")

    url: str = Field(default="", max_length=2000)
    key: str = Field(default="", max_length=1024)
    archive: str = Field(default="", max_length=1024)
    folder: str = Field(default="", max_length=800)
    replace: bool = False
    keep: bool = Field(default=True, description="The archive stays beside its files.")


class IntakeOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    kind: Literal["address", "archive"]
    source: str
    key: str
    status: str
    bytes_done: int
    bytes_total: int
    problem: str


class IntakesOutput(BaseModel):
    entries: list[IntakeOutput]


@blueprint.get("/records/<id>/draft/intakes")
@answers(200, IntakesOutput, summary="List what the server brings into a draft")
def list_intakes(id: str) -> Response:  # noqa: A002
    """The newest 20: fetched from addresses, unpacked from archives, and how far each is."""
    drafts.get_draft(reading(), require_actor(), id, Action.EDIT)
    return jsonify(entries=[_told(each) for each in intakes.listed(reading(), id)])


@blueprint.post("/records/<id>/draft/intakes")
@answers(201, IntakeOutput, 403, 409, 429, summary="Fetch a file, or unpack an archive")
@json_body(IntakeInput)
def add_intake(id: str) -> tuple[Response, int]:  # noqa: A002
    """The server does it by and by; ask `GET` how far it is. Existing files are left as they are
    unless `replace` is set.
    """
    actor, given = require_actor(), inputs.body_of(IntakeInput)
    if bool(given.url) == bool(given.archive):
        raise ValidationFailed(errors=[FieldError("/url", ONE)])
    source, path = (given.url, given.key) if given.url else (given.archive, given.folder)
    ask = intakes.add_address if given.url else intakes.unpack
    with writing() as work:
        made = ask(work, actor, id, Wanted(source, path, given.replace, given.keep))
        body = _told(made)
    return jsonify(body), 201


def _told(intake: Intake) -> Json:
    return {
        "id": intake.id,
        "kind": intake.kind,
        "source": intake.source,
        "key": intake.path,
        "status": intake.state,
        "bytes_done": intake.done_bytes,
        "bytes_total": intake.total_bytes,
        "problem": translate(intake.problem, intake.params) if intake.problem else "",
        "made": intake.result.get("made", 0),
        "total": intake.result.get("total", 0),
        "left": intake.result.get("left", 0),
        "skipped": intake.result.get("skipped", []),
    }
