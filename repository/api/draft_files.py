"""Files of a draft: announce, send whole or in parts, commit, remove."""

from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Response, jsonify, request

from repository.access.rules import Action
from repository.accounts.identity import require_actor
from repository.api import inputs, representations
from repository.api.blueprint import answers, blueprint, json_body
from repository.api.idempotency import once
from repository.api.representations import Json
from repository.api.schemas import FileInput, FileKeys, FileListOutput, FileOutput
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.deposit import drafts, files, listing, placing, upload_rows, uploads
from repository.deposit.models import UNDER_WAY, Upload
from repository.deposit.room import room_for
from repository.records.models import File
from repository.records.paths import normalise_path
from repository.web.context import reading, runtime, writing
from repository.web.digests import announced
from repository.web.limits import limiter, streams_body

MAX_LISTED = 1000


def _listing(
    work: Work, version_id: str, enabled: bool, entries: list[File], *, with_parts: bool = False
) -> dict[str, object]:
    found = upload_rows.under_way(work, version_id, [file.path for file in entries])
    arriving = {upload.path: upload for upload in found}
    bodies = [
        _with_upload(representations.draft_file(work, file), arriving.get(file.path), with_parts)
        for file in entries
    ]
    return {
        "enabled": enabled,
        "entries": bodies,
        "links": {"self": f"{work.settings.base_url}/api/records/{version_id}/draft/files"},
    }


def _with_upload(body: Json, upload: Upload | None, with_parts: bool) -> Json:
    """An entry, and what arrives for it in parts; with what the store holds already if asked."""
    if upload is None:
        return body
    if not with_parts:
        return representations.arriving(body, upload)
    return representations.arriving_in_parts(
        body,
        upload,
        [part.number for part in uploads.held(runtime(), upload)],
        lambda number: uploads.address_of(runtime(), upload, number),
    )


@blueprint.get("/records/<id>/draft/files")
@answers(200, FileListOutput, summary="List a draft's files")
def list_draft_files(id: str) -> Response:  # noqa: A002
    """In the order of their paths, at most 1000; `links.next` leads on."""
    work = reading()
    draft = drafts.get_draft(work, require_actor(), id, Action.VIEW)
    after = request.args.get("after", "")
    entries = listing.draft_files(work, id, after=after, limit=MAX_LISTED)
    body = _listing(work, id, draft.files_enabled, entries)
    if len(entries) == MAX_LISTED:
        links = f"{work.settings.base_url}/api/records/{id}/draft/files"
        body["links"] = {"self": links, "next": f"{links}?after={quote(entries[-1].path)}"}
    return jsonify(body | {"quota": representations.room(room_for(work, draft.version))})


@blueprint.post("/records/<id>/draft/files")
@answers(201, FileListOutput, 403, 409, summary="Announce files")
@json_body(FileKeys)
def announce_draft_files(id: str) -> tuple[Response, int]:  # noqa: A002
    """With `"transfer": {"type": "M"}` and a `size`, a file comes in parts: each has a link in
    `links.parts`; PUT them in any order, then POST to `links.commit`.
    """
    actor, wanted = require_actor(), inputs.announced_files(runtime().settings)
    drafts.get_draft(reading(), actor, id, Action.EDIT)
    reading().session.rollback()
    plans = [item for item in wanted if isinstance(item, uploads.Plan)]
    handles = [uploads.new_handle(runtime(), id, plan.size) for plan in plans]
    unused = list(handles)

    def act(work: Work) -> tuple[dict[str, object], int]:
        made = uploads.announce_all(work, actor, id, wanted, handles)
        body = _listing(work, id, True, made, with_parts=True)
        unused.clear()
        return body, 201

    try:
        return once(act)
    finally:
        uploads.discard_unused(runtime(), unused)


def _one(work: Work, version_id: str, path: str) -> File:
    file = placing.find_file(work, version_id, normalise_path(path))
    if file is None:
        raise NotFound
    return file


@blueprint.get("/records/<id>/draft/files/<path:key>")
@answers(200, FileOutput, summary="Read a draft's file entry, and which parts have arrived")
def read_draft_file(id: str, key: str) -> Response:  # noqa: A002
    drafts.get_draft(reading(), require_actor(), id, Action.VIEW)
    return jsonify(_entry(id, key))


def _entry(version_id: str, key: str) -> Json:
    file = _one(reading(), version_id, key)
    upload = upload_rows.find(reading(), version_id, file.path, UNDER_WAY)
    return _with_upload(representations.draft_file(reading(), file), upload, True)


@blueprint.put("/records/<id>/draft/files/<path:key>")
@answers(200, FileOutput, 403, summary="Set a file's own access")
@json_body(FileInput)
def change_draft_file(id: str, key: str) -> Response:  # noqa: A002
    """`access` as a whole: what is left out is as the record says. For a published version it
    holds once the edit is published.
    """
    wanted = inputs.file_access_of(inputs.json_object())
    with writing() as work:
        file = files.set_file_access(work, require_actor(), id, normalise_path(key), wanted)
        body = representations.draft_file(work, file)
    return jsonify(body)


@blueprint.delete("/records/<id>/draft/files/<path:key>")
@answers(204, None, 403, 409, summary="Remove a file from a draft")
def delete_draft_file(id: str, key: str) -> tuple[str, int]:  # noqa: A002
    with writing() as work:
        files.delete_file(work, require_actor(), id, normalise_path(key))
    return "", 204


@blueprint.put("/records/<id>/draft/files/<path:key>/content")
@answers(200, FileOutput, 403, 409, 413, 507, summary="Send a file's bytes", made=True)
@limiter.exempt  # a folder of thousands of small files is one act of one user
@streams_body
def send_draft_file(id: str, key: str) -> tuple[Response, int]:  # noqa: A002
    """The body is the file. One that was not announced is made and complete with this (201); one
    that was awaits its commit. The same bytes again change nothing; others are refused (409) until
    the file is removed. A `Repr-Digest`, `Content-Digest` (sha-256) or `Content-Length` that does
    not match is refused.
    """
    actor, path, sha256 = require_actor(), normalise_path(key), announced().sha256
    files.check_awaited(reading(), actor, id, path, request.content_length, sha256)
    reading().session.rollback()
    stream = cast("BinaryIO", request.stream)
    stored = files.receive(
        runtime(), stream, size=request.content_length, sha256=sha256, version_id=id
    )
    with writing() as work:
        file, made = files.take_in(work, actor, id, path, stored)
        body = representations.draft_file(work, file)
    return jsonify(body), 201 if made else 200


@blueprint.put("/records/<id>/draft/files/<path:key>/content/<int(signed=True):part>")
@answers(200, FileOutput, 403, 409, 413, 415, 507, summary="Send one part of a file")
@limiter.exempt  # a file of thousands of parts is one act of one user
@streams_body
def send_draft_file_part(id: str, key: str, part: int) -> Response:  # noqa: A002
    """The body is the part, of exactly the length it has to have. A `Repr-Digest`,
    `Content-Digest` (sha-256) or `Content-MD5` that does not match is refused. What is no number
    behind `content/` is read as a path: the entry of a file in a folder of that name (415: not
    JSON).
    """
    digests = announced()
    uploads.receive_part(
        runtime(),
        require_actor(),
        id,
        normalise_path(key),
        part,
        cast("BinaryIO", request.stream),
        length=request.content_length,
        sha256=digests.sha256,
        md5=digests.md5,
    )
    return jsonify(key=normalise_path(key), part=part, status="received")


@blueprint.delete("/records/<id>/draft/files/<path:key>/content")
@answers(204, None, 403, 409, summary="Give up sending a file in parts")
def give_up_draft_file(id: str, key: str) -> tuple[str, int]:  # noqa: A002
    with writing() as work:
        uploads.give_up(work, require_actor(), id, normalise_path(key))
    return "", 204


@blueprint.post("/records/<id>/draft/files/<path:key>/commit")
@answers(200, FileOutput, 403, 409, summary="Say that a file is complete")
def commit_draft_file(id: str, key: str) -> Response:  # noqa: A002
    """Of a file in parts the parts are put together; a large one is `finalising` until a job has
    read it. A `Repr-Digest` (sha-256) says what the whole has to be.
    """
    actor, path = require_actor(), normalise_path(key)
    drafts.get_draft(reading(), actor, id, Action.EDIT)
    if upload_rows.find(reading(), id, path, UNDER_WAY) is not None:
        reading().session.rollback()
        uploads.complete(runtime(), actor, id, path, sha256=announced().sha256)
        reading().session.rollback()
        return jsonify(_entry(id, path))
    with writing() as work:
        file = files.commit_file(work, actor, id, path)
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
