"""Drafts: begin, read, save, discard, publish; new versions."""

from typing import Any

from flask import Response, jsonify
from sqlalchemy import func, select

from repository.access.documents import document_for
from repository.access.rules import Action
from repository.accounts.identity import require_actor
from repository.api import inputs, representations
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.idempotency import Answer, once
from repository.api.schemas import DraftInput, RecordOutput
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.deposit import drafts
from repository.deposit.publish import publish
from repository.pid import services as pid
from repository.records.models import Draft, File
from repository.web.context import reading, writing


def draft_body(work: Work, draft: Draft) -> dict[str, Any]:
    query = select(func.count(), func.coalesce(func.sum(File.size), 0))
    count, size = work.session.execute(query.where(File.version_id == draft.version_id)).one()
    return representations.draft(work, draft, count, int(size))


def _with_etag(body: dict[str, Any], status: int = 200) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.set_etag(str(body["revision_id"]))
    return response


@blueprint.post("/records")
@answers(201, RecordOutput, 403, 409, summary="Begin a record")
@json_body(DraftInput)
def create_draft() -> tuple[Response, int]:
    actor, body = require_actor(), inputs.json_object(required=False)
    enabled = inputs.files_enabled_of(body)

    def act(work: Work) -> Answer:
        draft = drafts.create_draft(
            work,
            actor,
            inputs.metadata_of(body),
            inputs.access_of(body),
            files_enabled=enabled is not False,
        )
        draft.external_doi = inputs.external_doi_of(body)
        return draft_body(work, draft), 201

    return once(act)


@blueprint.get("/records/<id>/draft")
@answers(200, RecordOutput, summary="Read a draft")
def read_draft(id: str) -> Response:  # noqa: A002 - the field's name for it
    work = reading()
    return _with_etag(draft_body(work, drafts.get_draft(work, require_actor(), id, Action.VIEW)))


@blueprint.put("/records/<id>/draft")
@answers(200, RecordOutput, 403, 412, summary="Save a draft")
@json_body(DraftInput)
def save_draft(id: str) -> Response:  # noqa: A002
    """With `If-Match`, only over the revision named there; what is not sent stays as it is."""
    actor, body = require_actor(), inputs.json_object()
    with writing() as work:
        draft = drafts.save_draft(
            work,
            actor,
            id,
            metadata=inputs.metadata_of(body),
            access=inputs.access_of(body),
            files_enabled=inputs.files_enabled_of(body),
            expected_revision=inputs.expected_revision(),
        )
        if "pids" in body:
            draft.external_doi = inputs.external_doi_of(body)
        saved = draft_body(work, draft)
    return _with_etag(saved)


@blueprint.post("/records/<id>/draft")
@answers(201, RecordOutput, 403, 409, summary="Edit what is published")
def edit_record(id: str) -> tuple[Response, int]:  # noqa: A002
    actor = require_actor()
    return once(lambda work: (draft_body(work, drafts.edit_published(work, actor, id)), 201))


@blueprint.delete("/records/<id>/draft")
@answers(204, None, 403, 412, summary="Discard a draft")
def discard_draft(id: str) -> tuple[str, int]:  # noqa: A002
    with writing() as work:
        drafts.discard_draft(work, require_actor(), id)
    return "", 204


@blueprint.post("/records/<id>/draft/actions/publish")
@answers(202, RecordOutput, 403, 409, summary="Publish a draft")
def publish_draft(id: str) -> tuple[Response, int]:  # noqa: A002
    actor = require_actor()

    def act(work: Work) -> Answer:
        version = publish(work, actor, id)
        work.session.flush()
        document = document_for(work, actor, version)
        if document is None:
            raise NotFound
        return representations.record(document), 202

    return once(act)


@blueprint.post("/records/<id>/draft/actions/files-import")
@answers(201, None, 403, 409, summary="Carry over the files of the version before")
def import_files(id: str) -> tuple[Response, int]:  # noqa: A002
    actor = require_actor()

    def act(work: Work) -> Answer:
        draft = drafts.get_draft(work, actor, id, Action.EDIT, lock=True)
        latest = draft.version.record.latest_id
        if latest is None or latest == id:
            raise NotFound
        drafts.carry_over_files(work, latest, id)
        return draft_body(work, draft), 201

    return once(act)


@blueprint.post("/records/<id>/draft/pids/doi")
@answers(201, RecordOutput, 403, 409, summary="Reserve a DOI")
def reserve_doi(id: str) -> tuple[Response, int]:  # noqa: A002
    actor = require_actor()

    def act(work: Work) -> Answer:
        draft = drafts.get_draft(work, actor, id, Action.EDIT, lock=True)
        pid.reserve(work, draft.version)
        return draft_body(work, draft), 201

    return once(act)


@blueprint.post("/records/<id>/versions")
@answers(201, RecordOutput, 403, 409, summary="Begin a new version")
def create_version(id: str) -> tuple[Response, int]:  # noqa: A002
    """Without files, as InvenioRDM does; `actions/files-import` carries them over."""
    actor = require_actor()

    def act(work: Work) -> Answer:
        draft = drafts.new_version(work, actor, id, carry_files=False)
        return draft_body(work, draft), 201

    return once(act)
