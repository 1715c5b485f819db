"""The page on which one looks inside a file."""

import unicodedata
from functools import partial
from pathlib import PurePosixPath

from flask import Blueprint, Flask, render_template, request, url_for
from werkzeug.wrappers import Response

from repository.access.documents import downloadable_file
from repository.access.file_rules import is_for_everyone
from repository.access.looking import note_look
from repository.accounts.identity import current_actor
from repository.core.errors import NotFound
from repository.previews.archives import opener_of
from repository.previews.base import NOT_WHAT_IT_SAYS, CannotShow, Preview, Source
from repository.previews.registry import can_look_inside, can_open_member, member_of, previewer_for
from repository.records.models import File, Version
from repository.web.caching import public
from repository.web.context import reading, runtime

blueprint = Blueprint("previews", __name__)
TABLES = "tables.table"
TABLE_ENDINGS = frozenset((".csv", ".tsv", ".tab", ".xlsx", ".parquet"))


@blueprint.get("/records/<record_id>/preview/<path:path>")
def preview(record_id: str, path: str) -> Response:
    """What is in a file, or with `?member=` in one member of an archive.

    A file that cannot be shown has a page that says why, and how to download it.
    """
    work, actor = reading(), current_actor()
    path = unicodedata.normalize("NFC", path)
    file = downloadable_file(work, actor, record_id, path)
    version = work.session.get_one(Version, file.version_id)
    note_look(actor, version, file)
    name = request.args.get("member", "")
    source = _source(file)
    problem: CannotShow | None = None
    shown: Preview | None = None
    try:
        if name:
            source = _member(source, name)
        shown = _shown(source)
    except CannotShow as error:
        problem = error
    page = render_template(
        f"previews/{shown.name if shown else 'cannot'}.html",
        version=version,
        file=file,
        member=name,
        source=source,
        notes=shown.notes if shown else (),
        problem=problem,
        **(shown.values if shown else {}),
    )
    if is_for_everyone(version, file, work.clock.now()):
        return public(page)
    return Response(page, mimetype="text/html", headers={"Cache-Control": "private, no-store"})


def _source(file: File) -> Source:
    return Source(
        path=file.path,
        media_type=file.media_type,
        size=file.size,
        read=partial(runtime().store.read, file.sha256 or ""),
        url=url_for("discovery.download", record_id=file.version_id, path=file.path, inline="1"),
        version_id=file.version_id,
    )


def _member(archive: Source, name: str) -> Source:
    opener = opener_of(archive)
    if opener is None:
        raise NotFound
    return member_of(archive, name, opener.member(archive, name))


def _shown(source: Source) -> Preview:
    previewer = previewer_for(source)
    if previewer is None:
        if not source.member:
            raise NotFound
        raise CannotShow(NOT_WHAT_IT_SAYS)
    return previewer.show(source)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals["can_open_member"] = can_open_member

    @app.template_global("look_inside_url")
    def look_inside_url(version_id: str, path: str, media_type: str) -> str | None:
        """Where one looks inside a file: at its table where it is one; None where nowhere."""
        if PurePosixPath(path).suffix.lower() in TABLE_ENDINGS and TABLES in app.view_functions:
            return url_for(TABLES, record_id=version_id, path=path)
        if not can_look_inside(path, media_type):
            return None
        return url_for("previews.preview", record_id=version_id, path=path)
