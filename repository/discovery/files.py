"""A version's files: folders as pages, and the bytes."""

import unicodedata

from flask import render_template, request
from werkzeug.wrappers import Response

from repository.access.documents import downloadable_file, find_version
from repository.access.rules import Action, can
from repository.accounts.identity import current_actor
from repository.core.errors import Forbidden
from repository.core.messages import N_
from repository.discovery.blueprint import blueprint
from repository.discovery.downloads import send_content
from repository.discovery.signposting import back_link
from repository.discovery.tree import open_folder
from repository.web import paging
from repository.web.caching import public
from repository.web.context import reading
from repository.web.negotiation import wants_fragment


@blueprint.get("/records/<record_id>/files")
def folder(record_id: str) -> Response:
    """One folder of the tree: a page, or the part of the landing page that htmx asks for."""
    work, actor = reading(), current_actor()
    version = find_version(work, actor, record_id)
    if not can(actor, Action.DOWNLOAD, version, work.clock.now()):
        raise Forbidden(N_("The files of this record are not public."))
    page = paging.requested().page
    opened = open_folder(work, version, request.args.get("folder", ""), page)
    name = "file_list" if wants_fragment() else "folder"
    return public(
        render_template(f"discovery/{name}.html", version=version, folder=opened),
    )


@blueprint.get("/records/<record_id>/files/<path:path>")
def download(record_id: str, path: str) -> Response:
    """The bytes of one file; `?inline=1` shows an image or a text instead of saving it."""
    path = unicodedata.normalize("NFC", path)
    file = downloadable_file(reading(), current_actor(), record_id, path)
    response = send_content(file, inline=request.args.get("inline") == "1")
    response.headers["Link"] = back_link(reading(), record_id, "collection")
    return response
