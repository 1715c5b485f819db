"""The page of what changed since an earlier version."""

from flask import render_template, request
from werkzeug.wrappers import Response

from repository.access.documents import document_for, find_version, visible_versions
from repository.accounts.identity import current_actor
from repository.accounts.models import Actor
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.discovery.blueprint import blueprint
from repository.discovery.changes import MOST_FILES, described_changes, file_changes
from repository.i18n.locale import language
from repository.records.document import Document, VersionLink
from repository.records.models import State
from repository.web import caching
from repository.web.context import reading


@blueprint.get("/records/<record_id>/changes")
def changes(record_id: str) -> Response:
    """Against `?since=`, another version's id; without, the one before that the reader may see."""
    work, actor = reading(), current_actor()
    new = _document(work, actor, record_id)
    versions = visible_versions(work, actor, new.concept_id)
    earlier = [each for each in versions if each.number < new.number]
    old = _since(work, actor, earlier)
    page = render_template(
        "discovery/changes.html",
        old=old,
        new=new,
        earlier=earlier,
        changes=described_changes(old, new, language()) if old else [],
        files=file_changes(old, new) if old else None,
        most=MOST_FILES,
    )
    return caching.public(page, max_age=60)


def _since(work: Work, actor: Actor, earlier: list[VersionLink]) -> Document | None:
    asked = request.args.get("since", "")
    for each in earlier:
        if asked and each.id != asked:
            continue
        found = _document(work, actor, each.id, may_be_withdrawn=True)
        if found.withdrawn is None:
            return found
    if asked:
        raise NotFound
    return None


def _document(
    work: Work, actor: Actor, version_id: str, *, may_be_withdrawn: bool = False
) -> Document:
    """Raises NotFound for what is not there, is hidden or was withdrawn."""
    version = find_version(work, actor, version_id)
    document = document_for(work, actor, version, files_limit=MOST_FILES)
    if document is None or (version.state == State.WITHDRAWN and not may_be_withdrawn):
        raise NotFound
    return document
