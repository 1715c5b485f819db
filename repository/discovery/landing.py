"""The landing page of a version: to judge it, to cite it, to get it."""

from datetime import datetime

from flask import redirect, render_template, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from repository.access.documents import (
    collection_links,
    document_for,
    find_named,
    visible_version_ids,
    visible_versions,
)
from repository.access.retention import gone_files
from repository.access.rules import Action, can, is_core
from repository.accounts.identity import current_actor
from repository.accounts.models import Actor
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.discovery import exports, linkset, memory, signposting
from repository.discovery.blueprint import blueprint
from repository.discovery.cards import cards_of
from repository.discovery.coins import coins
from repository.discovery.maps import map_of
from repository.discovery.packages import PACKAGES
from repository.discovery.page import page_of
from repository.discovery.suggestions import more_like
from repository.discovery.tree import open_folder
from repository.discovery.usage import usage_of
from repository.formats import registry
from repository.formats.citation import citation
from repository.formats.citation_styles import DEFAULT, STYLES
from repository.i18n.locale import language
from repository.pid.services import state_of
from repository.records.models import File, State, Version
from repository.stats.services import totals
from repository.web import caching
from repository.web.context import reading
from repository.web.cors import readable_elsewhere

LISTED_FILES = 100
VERSIONS = 100


@blueprint.get("/records/<record_id>")
def landing(record_id: str) -> Response:
    """The page for people, or the metadata in the format that the Accept header prefers.

    A record's own id leads to the newest version that the reader may see.
    """
    work, actor = reading(), current_actor()
    version = find_named(work, actor, record_id)
    if version.id != record_id:
        return redirect(url_for("discovery.landing", record_id=version.id))
    in_a_format = exports.negotiated(version, (*exports.PAGE, *linkset.TYPES))
    if in_a_format is None:
        in_a_format = linkset.preferred(version, exports.PAGE)
    if in_a_format is not None:
        return in_a_format
    etag = _etag(work, actor, version)
    if caching.unchanged(etag):
        return caching.not_modified(etag)
    kept = memory.recall(etag)
    if kept is not None:
        return _answer(kept.body, kept.status, kept.link, etag, kept.last_modified)
    response = _page(work, actor, version, etag)
    memory.keep(etag, response)
    return response


def _etag(work: Work, actor: Actor, version: Version) -> str:
    """Changes with all it shows: version, siblings, DOI, collections, use, formats, day."""
    state = state_of(work, version.doi) if version.doi else None
    siblings = visible_version_ids(work, actor, version.record_id, VERSIONS)
    today = work.clock.now().date()
    placed = collection_links(work, version.record_id)
    used = totals(work, (version.id, version.record_id))
    unknown = select(File.id).where(
        File.version_id == version.id, File.committed, File.puid.is_(None)
    )
    waits = work.session.scalar(unknown.limit(1)) is not None  # for its formats to be identified
    return caching.etag_of(
        version.id, version.revision, version.state, state, siblings, placed, used, waits, today
    )


def _page(work: Work, actor: Actor, version: Version, etag: str) -> Response:
    document = document_for(work, actor, version, files_limit=LISTED_FILES)
    if document is None:
        raise NotFound
    now = work.clock.now()
    links = signposting.header_links(work, document)
    listed = document.file_count + document.locked_count
    html = render_template(
        "discovery/tombstone.html" if document.withdrawn else "discovery/landing.html",
        document=document,
        page=page_of(document, language()),
        version=version,
        versions=visible_versions(work, actor, version.record_id, VERSIONS),
        folder=open_folder(work, actor, version) if listed else None,
        gone=gone_files(work, version),
        may_edit=can(actor, Action.EDIT, version, now),
        citation=citation(document, language()),
        exports=() if is_core(version) else registry.offered(document),
        packages=() if is_core(version) else PACKAGES.values(),
        styles=STYLES,
        style=DEFAULT,
        spoken=language(),
        doi=document.doi_url,
        concept_doi=document.concept_doi_url,
        doi_state=state_of(work, version.doi) if version.doi else None,
        usage=usage_of(work, version),
        alike=cards_of(work, actor, more_like(work, actor, version), lang=language()),
        structured_data=exports.structured_data(document),
        typed_links=links,
        coins=coins(document),
        map=map_of(document.metadata),
    )
    status = 410 if version.state == State.WITHDRAWN else 200
    return _answer(html, status, signposting.header(links), etag, _last_modified(work, version))


def _last_modified(work: Work, version: Version) -> datetime:
    """Of the page's metadata, and of what it says of newer versions."""
    newest = select(func.max(Version.updated_at)).where(
        Version.record_id == version.record_id, Version.state != State.DRAFT.value
    )
    return max(version.updated_at, work.session.scalar(newest) or version.updated_at)


def _answer(
    body: str | bytes, status: int, link: str, etag: str, last_modified: datetime | None
) -> Response:
    response = caching.public((body, status), etag=etag, last_modified=last_modified)
    response.headers["Link"] = link
    response.vary.add("Accept")
    return readable_elsewhere(response)
