"""A version's files: folders as pages, and the bytes."""

import unicodedata

from flask import render_template, request
from werkzeug.wrappers import Response

from repository.access.documents import (
    downloadable_file,
    downloadable_version,
    exportable_document,
    packable_version,
)
from repository.accounts.identity import current_actor
from repository.core.errors import NotFound
from repository.discovery.bag import bag_of, name_of
from repository.discovery.blueprint import blueprint
from repository.discovery.downloads import send_archive, send_content
from repository.discovery.packages import PACKAGES
from repository.discovery.signposting import back_link
from repository.discovery.tree import open_folder
from repository.web import paging
from repository.web.caching import public
from repository.web.context import reading, runtime
from repository.web.negotiation import wants_fragment


@blueprint.get("/records/<record_id>/files")
def folder(record_id: str) -> Response:
    """One folder of the tree: a page, or the part of the landing page that htmx asks for."""
    work, actor = reading(), current_actor()
    version = downloadable_version(work, actor, record_id)
    page = paging.requested().page
    opened = open_folder(work, actor, version, request.args.get("folder", ""), page)
    name = "file_list" if wants_fragment() else "folder"
    return public(
        render_template(f"discovery/{name}.html", version=version, folder=opened),
    )


@blueprint.get("/records/<record_id>/files.zip")
def download_all(record_id: str) -> Response:
    """All files of a version as one ZIP that starts at once and goes on where it broke off."""
    work, actor = reading(), current_actor()
    version = packable_version(work, actor, record_id)
    response = send_archive(version, bag_of(runtime(), actor, version), name_of(version))
    response.headers["Link"] = back_link(work, record_id, "collection")
    return response


@blueprint.get("/records/<record_id>/packages/<package>.zip")
def download_package(record_id: str, package: str) -> Response:
    """All files with the metadata, in a shape that archives and tools take in.

    Raises NotFound, and Forbidden where the version may be known and its files may not.
    """
    wanted = PACKAGES.get(package)
    if wanted is None:
        raise NotFound
    work, actor = reading(), current_actor()
    version = packable_version(work, actor, record_id)
    document = exportable_document(work, actor, version, files_limit=0)
    archive = wanted.build(runtime(), actor, version, document)
    response = send_archive(
        version, archive, f"{version.id}-{wanted.name}.zip", changed=version.updated_at
    )
    response.headers["Link"] = back_link(work, record_id, "collection")
    return response


@blueprint.get("/records/<record_id>/files/<path:path>")
def download(record_id: str, path: str) -> Response:
    """The bytes of one file; `?inline=1` shows an image or a text instead of saving it."""
    path = unicodedata.normalize("NFC", path)
    file = downloadable_file(reading(), current_actor(), record_id, path)
    response = send_content(file, inline=request.args.get("inline") == "1")
    response.headers["Link"] = back_link(reading(), record_id, "collection")
    return response
