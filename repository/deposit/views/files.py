"""Files of a draft: sent one by one as a stream by the script, or several in a plain form."""

from typing import BinaryIO, cast

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from repository.access.rules import Action
from repository.accounts.identity import require_actor
from repository.core.errors import FieldError, NotFound, RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.core.settings import GIB
from repository.deposit import drafts, files, intakes, listing, placing
from repository.deposit.room import room_for
from repository.deposit.views.blueprint import blueprint
from repository.discovery.downloads import send_content
from repository.records import quotas
from repository.records.models import File, State, Version
from repository.records.paths import normalise_path
from repository.web.context import reading, runtime, writing
from repository.web.limits import limiter, streams_body, takes_files
from repository.web.messages import translate
from repository.web.negotiation import wants_problem
from storage.base import Stored

FILES_SHOWN = 100
FILES_A_PAGE = 500
UNDO_SECONDS = 3600
MAX_FORM_FILES = GIB


@blueprint.get("/<id>/files")
def list_files(id: str) -> ResponseReturnValue:  # noqa: A002
    """All files of a draft, page by page: the form shows the first of them."""
    work = reading()
    draft = drafts.get_draft(work, require_actor(), id)
    after = request.args.get("after", "")
    rows = listing.draft_files(work, id, after=after, limit=FILES_A_PAGE + 1)
    count, size = listing.count_files(work, id)
    return render_template(
        "deposit/files.html",
        draft=draft,
        version=draft.version,
        locked=draft.version.state != State.DRAFT,
        files=rows[:FILES_A_PAGE],
        following=rows[FILES_A_PAGE - 1].path if len(rows) > FILES_A_PAGE else None,
        after=after,
        file_count=count,
        file_bytes=size,
        room=None if draft.version.state != State.DRAFT else room_for(work, draft.version),
        removed=just_removed(id),
    )


@blueprint.put("/<id>/files/<path:path>")
@limiter.exempt  # a folder of thousands is one act of one user
@streams_body
def upload(id: str, path: str) -> ResponseReturnValue:  # noqa: A002
    """Take one file's bytes as they come. `?replace=1` allows another in its place; `?unpack=1` has
    an archive unpacked.

    Asked before the first byte is read: whether it is allowed, and whether the path is free.
    """
    path = normalise_path(path)
    replace = request.args.get("replace") == "1"
    _check_free(id, path, replace, request.content_length)
    stream = cast("BinaryIO", request.stream)
    stored = files.receive(runtime(), stream, size=request.content_length, version_id=id)
    with writing() as work:
        file = files.put_file(work, require_actor(), id, path, stored, replace=replace)
        if request.args.get("unpack") == "1":
            intakes.unpack_arrived(work, require_actor(), id, path)
    return _arrived(file)


def _arrived(file: File) -> ResponseReturnValue:
    row = render_template("deposit/_file.html", file=file, version_id=file.version_id, locked=False)
    total = _total(file.version_id)
    return jsonify(path=file.path, sha256=file.sha256, size=file.size, row=row, total=total)


def _check_free(id: str, path: str, replace: bool, size: int | None = None) -> None:  # noqa: A002
    draft = drafts.get_draft(reading(), require_actor(), id, Action.EDIT)
    files.check_open(draft)
    quotas.check_fits(reading(), draft.version.record, size or 0)
    files.check_free(reading(), id, path, replace=replace)


@blueprint.get("/<id>/file-row")
def file_row(id: str) -> ResponseReturnValue:  # noqa: A002
    """A complete file's row in the list, for the script that sent it in parts."""
    drafts.get_draft(reading(), require_actor(), id)
    file = placing.find_file(reading(), id, request.args.get("path", ""))
    if file is None or not file.committed:
        raise NotFound
    return _arrived(file)


@blueprint.post("/<id>/files")
@takes_files(MAX_FORM_FILES)
def send_files(id: str) -> ResponseReturnValue:  # noqa: A002
    """Without a script: the files that a form sends, which replace those of the same name only
    where that was ticked.
    """
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not sent:
        message = N_("Choose one file or more first.")
        raise ValidationFailed(errors=[FieldError("/files", message)])
    for file in sent:
        try:
            _take(id, file, replace="replace" in request.form, unpack="unpack" in request.form)
        except RepositoryError as error:
            details = [translate(e.message, e.params) for e in error.errors]
            told = " ".join(details or [translate(error.message, error.params)])
            flash(f"{file.filename}: {told}", "error")
    return redirect(url_for("deposit.edit", id=id, _anchor="files-section"))


def _take(id: str, file: FileStorage, *, replace: bool, unpack: bool) -> None:  # noqa: A002
    path = normalise_path((file.filename or "").rpartition("\\")[2])
    _check_free(id, path, replace)
    stored = files.receive(runtime(), cast("BinaryIO", file.stream), version_id=id)
    with writing() as work:
        files.put_file(work, require_actor(), id, path, stored, replace=replace)
        if unpack:
            intakes.unpack_arrived(work, require_actor(), id, path)
    flash(_("%(path)s has arrived.", path=path))


@blueprint.get("/<id>/files/<path:path>")
def download(id: str, path: str) -> ResponseReturnValue:  # noqa: A002
    """One's own file back, to see that it is the right one before it is published."""
    work = reading()
    drafts.get_draft(work, require_actor(), id)
    file = placing.find_file(work, id, path)
    if file is None or not file.committed:
        raise NotFound
    return send_content(file, inline=False)


@blueprint.delete("/<id>/files/<path:path>")
def delete_file(id: str, path: str) -> ResponseReturnValue:  # noqa: A002
    token = _remove(id, path)
    return jsonify(undo=token, total=_total(id))


@blueprint.post("/<id>/files/remove")
def remove_file(id: str) -> ResponseReturnValue:  # noqa: A002
    """Without a script: remove one file, and offer to take that back."""
    token = _remove(id, request.form.get("path", ""))
    back = url_for("deposit.edit", id=id, removed=token, _anchor="files-section")
    return redirect(back)


def _remove(id: str, path: str) -> str:  # noqa: A002
    """A token that proves which bytes stood at the path: they may be put back, no others."""
    with writing() as work:
        gone = files.delete_file(work, require_actor(), id, path)
        kept = [id, gone.path, gone.sha256, gone.size]
    return _signer().dumps(kept) if gone.sha256 else ""


@blueprint.post("/<id>/files/restore")
def restore_file(id: str) -> ResponseReturnValue:  # noqa: A002
    """Take a removal back."""
    found = _read(request.form.get("token", ""))
    if found is None or found[0] != id:
        raise ValidationFailed(N_("It is too late to undo this; upload the file again."))
    _id, path, sha256, size = found
    with writing() as work:
        file = files.restore_file(work, require_actor(), id, path, Stored(sha256, size))
    if not wants_problem():
        return redirect(url_for("deposit.edit", id=id, _anchor="files-section"))
    row = render_template("deposit/_file.html", file=file, version_id=id, locked=False)
    return jsonify(row=row, total=_total(id))


def _signer() -> URLSafeTimedSerializer:
    secret = runtime().settings.secret_key.get_secret_value()
    return URLSafeTimedSerializer(secret, salt="deposit.removed-file")


def _read(token: str) -> tuple[str, str, str, int] | None:
    try:
        id, path, sha256, size = _signer().loads(token, max_age=UNDO_SECONDS)  # noqa: A001
    except (BadSignature, ValueError):
        return None
    return str(id), str(path), str(sha256), int(size)


def just_removed(id: str) -> tuple[str, str] | None:  # noqa: A002
    """The path just removed and its token, where the address brings one."""
    token = request.args.get("removed", "")
    found = _read(token)
    return (found[1], token) if found is not None and found[0] == id else None


def _total(id: str) -> str:  # noqa: A002
    work = reading()
    version = work.session.get_one(Version, id, populate_existing=True)
    return render_template(
        "deposit/_file_total.html",
        file_count=version.file_count,
        file_bytes=version.file_bytes,
        room=room_for(work, version),
    )
