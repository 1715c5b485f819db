"""Files of a draft: announce, send, commit, remove."""

from typing import BinaryIO, cast

from flask import Response, jsonify, request
from sqlalchemy import select

from repository.access.rules import Action
from repository.accounts.identity import require_actor
from repository.api import inputs, representations
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.idempotency import once
from repository.api.schemas import FileKeys, FileListOutput, FileOutput
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.deposit import drafts, files
from repository.records.models import File
from repository.records.paths import normalise_path
from repository.web.context import reading, runtime, writing
from repository.web.limits import streams_body

MAX_LISTED = 10_000


def _listing(work: Work, version_id: str, enabled: bool, entries: list[File]) -> dict[str, object]:
    return {
        "enabled": enabled,
        "entries": [representations.draft_file(work, file) for file in entries],
        "links": {"self": f"{work.settings.base_url}/api/records/{version_id}/draft/files"},
    }


@blueprint.get("/records/<id>/draft/files")
@answers(200, FileListOutput, summary="List a draft's files")
def list_draft_files(id: str) -> Response:  # noqa: A002
    work = reading()
    draft = drafts.get_draft(work, require_actor(), id, Action.VIEW)
    query = select(File).where(File.version_id == id).order_by(File.path).limit(MAX_LISTED)
    entries = list(work.session.scalars(query))
    return jsonify(_listing(work, id, draft.files_enabled, entries))


@blueprint.post("/records/<id>/draft/files")
@answers(201, FileListOutput, 403, 409, 413, 415, summary="Announce files")
@json_body(FileKeys)
def announce_draft_files(id: str) -> tuple[Response, int]:  # noqa: A002
    actor, keys = require_actor(), []
    for index, item in enumerate(inputs.json_list()):
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(key, str):
            message = N_("Send the file's path as a string.")
            raise ValidationFailed(errors=[FieldError(f"/{index}/key", message)])
        keys.append(key)

    def act(work: Work) -> tuple[dict[str, object], int]:
        announced = files.announce_files(work, actor, id, keys)
        return _listing(work, id, True, announced), 201

    return once(act)


def _one(work: Work, version_id: str, path: str) -> File:
    file = files.find_file(work, version_id, normalise_path(path))
    if file is None:
        raise NotFound
    return file


@blueprint.get("/records/<id>/draft/files/<path:key>")
@answers(200, FileOutput, summary="Read a draft's file entry")
def read_draft_file(id: str, key: str) -> Response:  # noqa: A002
    work = reading()
    drafts.get_draft(work, require_actor(), id, Action.VIEW)
    return jsonify(representations.draft_file(work, _one(work, id, key)))


@blueprint.delete("/records/<id>/draft/files/<path:key>")
@answers(204, None, 403, 409, summary="Remove a file from a draft")
def delete_draft_file(id: str, key: str) -> tuple[str, int]:  # noqa: A002
    with writing() as work:
        files.delete_file(work, require_actor(), id, normalise_path(key))
    return "", 204


@blueprint.put("/records/<id>/draft/files/<path:key>/content")
@answers(200, FileOutput, 403, 409, 413, 507, summary="Send a file's bytes")
@streams_body
def send_draft_file(id: str, key: str) -> Response:  # noqa: A002
    """The body is the file. `Repr-Digest` or `Content-Length` that does not match is refused."""
    actor, path = require_actor(), normalise_path(key)
    files.check_awaited(reading(), actor, id, path)
    reading().session.rollback()
    stream = cast("BinaryIO", request.stream)
    stored = files.receive(runtime(), stream, size=request.content_length)
    with writing() as work:
        file = files.attach(work, actor, id, path, stored)
        body = representations.draft_file(work, file)
    return jsonify(body)


@blueprint.post("/records/<id>/draft/files/<path:key>/commit")
@answers(200, FileOutput, 403, 409, summary="Say that a file is complete")
def commit_draft_file(id: str, key: str) -> Response:  # noqa: A002
    with writing() as work:
        file = files.commit_file(work, require_actor(), id, normalise_path(key))
        body = representations.draft_file(work, file)
    return jsonify(body)


@blueprint.get("/records/<id>/draft/files/<path:key>/content")
@answers(200, None, summary="Read back a draft's file")
def read_draft_file_content(id: str, key: str) -> Response:  # noqa: A002
    from repository.discovery.downloads import send_content

    work = reading()
    drafts.get_draft(work, require_actor(), id, Action.VIEW)
    file = _one(work, id, key)
    if file.sha256 is None:
        raise NotFound
    return send_content(file)
