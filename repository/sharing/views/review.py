"""What an anonymous reviewer sees: a page, the files, all of them as one ZIP."""

import unicodedata

from flask import render_template
from werkzeug.wrappers import Response

from repository.access.links import reviewed_version
from repository.accounts.identity import current_actor
from repository.discovery.downloads import send_archive, send_content
from repository.discovery.page import page_of
from repository.i18n.locale import language
from repository.sharing.blind import LISTED, blind_archive, blind_document, blind_file, blind_files
from repository.sharing.views.blueprint import blueprint
from repository.web.context import reading, runtime


@blueprint.get("/anonymous/<int:link>")
def review(link: int) -> str:
    work = reading()
    version = reviewed_version(work, current_actor(), link)
    document = blind_document(work, version)
    return render_template(
        "sharing/review.html",
        link=link,
        page=page_of(document, language()),
        document=document,
        files=blind_files(work, version),
        most=LISTED,
    )


@blueprint.get("/anonymous/<int:link>/files.zip")
def review_all(link: int) -> Response:
    version = reviewed_version(reading(), current_actor(), link)
    archive = blind_archive(runtime(), reading(), version)
    return send_archive(version, archive, f"review-{link}.zip", review=link)


@blueprint.get("/anonymous/<int:link>/files/<path:path>")
def review_file(link: int, path: str) -> Response:
    version = reviewed_version(reading(), current_actor(), link)
    path = unicodedata.normalize("NFC", path)
    return send_content(blind_file(reading(), version, path), review=link)
