"""A draft from a description or a package that is sent as it is."""

import tempfile
from typing import BinaryIO, cast

from flask import Response, jsonify, request

from repository.accounts.identity import require_actor
from repository.api.blueprint import answers, blueprint
from repository.api.drafts import draft_body
from repository.api.schemas import RecordOutput
from repository.core.errors import TooLarge
from repository.deposit.importing.starting import begin, read_file
from repository.web.context import runtime, writing
from repository.web.limits import limiter, streams_body

MAX_BODY = 2 << 30
CHUNK = 1 << 20
IN_MEMORY = 1 << 20


@blueprint.post("/import")
@answers(201, RecordOutput, 403, 413, summary="Begin a record from a file")
@limiter.limit("30 per minute")
@streams_body
def import_file() -> tuple[Response, int]:
    """The body is the file; `Content-Type`, `?filename=` and its content say what it is.

    `?keep_doi=1` keeps the DOI it has. The answer is the draft, with `import`: what the file was
    taken for, its DOI, and the names of what there was no place for.
    """
    actor = require_actor()
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        arrived = 0
        while chunk := request.stream.read(CHUNK):
            arrived += len(chunk)
            if arrived > MAX_BODY:
                raise TooLarge(limit=MAX_BODY)
            spool.write(chunk)
        spool.seek(0)
        name = request.args.get("filename", "")
        found = read_file(runtime(), cast("BinaryIO", spool), name, request.mimetype)
    with writing() as work:
        keep = request.args.get("keep_doi") == "1"
        draft = begin(work, actor, found, {}, keep_doi=keep)
        work.session.flush()
        body = draft_body(work, draft)
    body["import"] = {"format": found.label, "doi": found.doi, "left": list(found.left)}
    return jsonify(body), 201
