"""Looking for malware in what is deposited, where a scanner is configured.

Each content is scanned once, by a job. What was found keeps every file of these bytes from
everyone, its owner too (`File.quarantined`, part of the access rule), and from being published.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from repository.accounts.models import User
from repository.accounts.notices import kind, notify
from repository.audit.services import log
from repository.core.clamd import Clamd
from repository.core.errors import NotFound
from repository.core.jobs import Lane, handler
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.core.work import Work
from repository.records.models import Content, Draft, File, Record, Version
from repository.records.titles import title_of
from storage.base import NotStored

SCAN = "files.scan"
MISSED = 500
MOST_TOLD = 100
FOUND = kind(
    "files.malware",
    N_("A file of “%(title)s” seems to hold malware (%(malware)s) and is kept from everyone"),
    N_(
        "The file is %(path)s. Remove it from the draft, or tell the operator if you are sure that "
        "it is harmless."
    ),
)


def request_scan(work: Work, file: File) -> None:
    """Ask, with this transaction, for a file's scan; or say at once what is known of its bytes."""
    content = work.session.get(Content, file.sha256)
    if content is None:
        return
    file.quarantined = bool(content.malware)
    if content.scanned_at is None and _is_scanned(work.settings, content.size):
        work.enqueue(SCAN, f"{SCAN}:{content.sha256}", {"sha256": content.sha256})


def _is_scanned(settings: Settings, size: int) -> bool:
    return bool(settings.clamd) and 0 < size <= settings.clamd_max_bytes


@handler(SCAN, lane=Lane.FILES)
def scan(runtime: Runtime, payload: dict[str, Any]) -> None:
    """Scan one content. Twice is as once. Raises Unavailable: then the job is tried again."""
    sha256 = payload["sha256"]
    with runtime.read() as work:
        content = work.session.get(Content, sha256)
    if content is None or content.scanned_at is not None:
        return
    if not _is_scanned(runtime.settings, content.size):
        return
    try:
        found = Clamd(runtime.settings.clamd).scan(runtime.store.read(sha256))
    except NotStored:  # fixity tells of it
        return
    with runtime.work() as work:
        _keep(work, sha256, found)


@handler("files.scan-missed", every=timedelta(hours=1))
def request_missed(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Ask for scans of what came before there was a scanner, or while it was away."""
    settings = runtime.settings
    if not settings.clamd:
        return
    with runtime.work() as work:
        query = select(Content.sha256).where(
            Content.scanned_at.is_(None), Content.size.between(1, settings.clamd_max_bytes)
        )
        for sha256 in work.session.scalars(query.limit(MISSED)):
            work.enqueue(SCAN, f"{SCAN}:{sha256}", {"sha256": sha256})


def _keep(work: Work, sha256: str, found: str | None) -> None:
    content = work.session.get(Content, sha256, with_for_update=True)
    if content is None:
        return
    content.scanned_at = work.clock.now()
    content.malware = (found or "")[:200]
    if found:
        _set_apart(work, sha256, True)
        _tell_owners(work, content)


def _set_apart(work: Work, sha256: str, quarantined: bool) -> None:
    work.session.execute(update(File).where(File.sha256 == sha256).values(quarantined=quarantined))
    holding = select(Version).join(File, File.version_id == Version.id)
    for version in work.session.scalars(holding.where(File.sha256 == sha256).distinct()):
        version.own_file_access = True
        action = "file.quarantine" if quarantined else "file.release"
        log(work, None, action, "version", version.id, sha256=sha256)
        if version.published_at is not None:
            version.updated_at = work.clock.now()
            work.changed(version.record_id)


def _tell_owners(work: Work, content: Content) -> None:
    query = (
        select(File, Version, User)
        .join(Version, Version.id == File.version_id)
        .join(Record, Record.id == Version.record_id)
        .join(User, User.id == Record.owner_id)
        .where(File.sha256 == content.sha256)
        .order_by(File.id)
    )
    told = set()
    for file, version, user in work.session.execute(query.limit(MOST_TOLD)).tuples():
        if version.record_id in told:
            continue
        told.add(version.record_id)
        draft = work.session.get(Draft, version.id)
        metadata = draft.metadata_json if draft is not None else version.metadata_json
        page = "deposit" if draft is not None else "records"
        notify(
            work,
            user,
            FOUND,
            url=f"/{page}/{version.id}",
            record_id=version.record_id,
            title=title_of(metadata, user.locale or work.settings.default_locale),
            malware=content.malware,
            path=file.path,
        )


def quarantined(work: Work, limit: int = 100) -> Sequence[tuple[str, str, str, str]]:
    """Digest, name of what was found, version and path of files that are kept from everyone."""
    query = (
        select(Content.sha256, Content.malware, File.version_id, File.path)
        .join(File, File.sha256 == Content.sha256)
        .where(File.quarantined)
        .order_by(Content.sha256, File.id)
    )
    return work.session.execute(query.limit(limit)).tuples().all()


def release(work: Work, sha256: str) -> int:
    """An operator found it harmless: its files are as before; how many. Raises NotFound."""
    content = work.session.get(Content, sha256, with_for_update=True)
    if content is None or not content.malware:
        raise NotFound(N_("Nothing with this SHA-256 is in quarantine."))
    content.malware = ""
    _set_apart(work, sha256, False)
    files = select(func.count()).select_from(File).where(File.sha256 == sha256)
    return work.session.scalar(files) or 0
