"""What the checks look at, gathered from the database and, once, from the store."""

from collections.abc import Sequence

from sqlalchemy import func, select

from repository.access.file_rules import files_downloadable_by
from repository.access.files import variables_of
from repository.access.rules import Action, can, status
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.preservation.services import last_fixity
from repository.quality.duplicates import is_doubled
from repository.quality.models import ContentSign
from repository.quality.signs import sign_of
from repository.quality.subject import Standing, Subject, SubjectFile, Table
from repository.records.models import Content, Draft, File, State, TableProfile, Version
from repository.stats.services import totals
from storage.base import StorageError

MAX_FILES = 1000
HEAD = 4096  # bytes


def subject_of(work: Work, version: Version, draft: Draft | None = None) -> Subject:
    """A version as it is published, or as its draft would be. The caller asked who may know."""
    now = work.clock.now()
    if draft is not None:
        metadata = {"publisher": work.settings.publisher} | draft.metadata_json
        access = draft.access
        closed = "restricted" in (access.get("record"), access.get("files"))
        under_embargo = (access.get("embargo") or {}).get("active")
        word = "embargoed" if under_embargo else "restricted" if closed else "open"
    else:
        metadata, word = version.metadata_json, status(version, now.date())
    doi = version.doi
    if draft is not None and work.settings.pid_provider != "none":
        doi = doi or "reserved"  # it gets one when it is published
    standing = None if draft is not None else standing_of(work, version)
    return Subject(metadata, _files(work, version.id), word, doi, now.date(), standing)


def knows_files(work: Work, actor: Actor, version: Version) -> bool:
    """Whether `actor` may have every file of a version, and so know what was found in them."""
    now = work.clock.now()
    kept_from = (
        select(File.id)
        .join(Version, Version.id == File.version_id)
        .where(File.version_id == version.id, File.committed, ~files_downloadable_by(actor, now))
        .limit(1)
    )
    allowed = can(actor, Action.DOWNLOAD, version, now)
    return allowed and work.session.scalar(kept_from) is None


def _files(work: Work, version_id: str) -> tuple[SubjectFile, ...]:
    query = (
        select(File, TableProfile, ContentSign.sign)
        .outerjoin(TableProfile, TableProfile.sha256 == File.sha256)
        .outerjoin(ContentSign, ContentSign.sha256 == File.sha256)
        .where(File.version_id == version_id, File.committed)
        .order_by(File.path)
        .limit(MAX_FILES)
    )
    return tuple(
        SubjectFile(
            file.path, file.media_type, file.sha256 or "", _table(file, profile), sign or ""
        )
        for file, profile, sign in work.session.execute(query)
    )


def _table(file: File, profile: TableProfile | None) -> Table | None:
    if profile is None:
        return None
    if profile.refusal:
        return Table(refusal=profile.refusal)
    told = {each.name: each for each in variables_of(file, profile.variables)}
    columns = tuple(
        each
        | {
            "label": told[each["name"]].label,
            "description": told[each["name"]].description,
            "unit": told[each["name"]].unit,
            "concept": told[each["name"]].concept,
        }
        for each in profile.statistics
        if each["name"] in told
    )
    codes = frozenset(each["code"] for each in profile.details.get("problems", []))
    return Table(columns, codes, profile.details.get("encoding", ""))


def standing_of(work: Work, version: Version) -> Standing:
    """What is known here of a published version."""
    now = work.clock.now()
    newest = work.session.scalar(
        select(func.max(Version.published_at)).where(
            Version.record_id == version.record_id, Version.state == State.PUBLISHED.value
        )
    )
    fixity = last_fixity(work, version)
    checked = fixity.checked_at if fixity else None
    if fixity and checked is None:  # what was not read again yet was hashed when it came
        checked = work.session.scalar(
            select(func.min(Content.created_at))
            .join(File, File.sha256 == Content.sha256)
            .where(File.version_id == version.id)
        )
    return Standing(
        age_days=(now - (version.published_at or now)).days,
        quiet_days=(now - (newest or now)).days,
        fixity=(fixity.outcome or "") if fixity else "",
        checked_days=(now - checked).days if checked else None,
        due_days=work.settings.fixity_interval_days,
        downloads=totals(work, [version.record_id])[version.record_id].downloads,
        doubled=is_doubled(work, version),
    )


def read_signs(work: Work, record_ids: Sequence[str] | None, limit: int) -> dict[str, str]:
    """The kinds of contents that were not looked at yet, of these records or of any, by their
    first bytes; nothing is written while the store is asked.
    """
    seen = select(ContentSign.sha256).where(ContentSign.sha256 == File.sha256).exists()
    query = (
        select(File.sha256)
        .join(Version, Version.id == File.version_id)
        .where(
            Version.state == State.PUBLISHED.value, File.committed, File.sha256.is_not(None), ~seen
        )
        .distinct()
        .limit(limit)
    )
    if record_ids is not None:
        query = query.where(Version.record_id.in_(record_ids))
    found = {}
    for sha256 in map(str, work.session.scalars(query)):
        try:
            head = b"".join(work.store.read(sha256, 0, HEAD))
        except StorageError:
            continue
        found[sha256] = sign_of(head) if head else ""
    return found


def keep_signs(work: Work, signs: dict[str, str]) -> None:
    for sha256, sign in signs.items():
        if work.session.get(Content, sha256) is not None:
            work.session.merge(ContentSign(sha256=sha256, sign=sign))
    work.session.flush()
