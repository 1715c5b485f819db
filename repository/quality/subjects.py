"""What the checks look at, gathered from the database and, once, from the store."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select

from repository.access.file_rules import files_downloadable_by
from repository.access.files import variables_of
from repository.access.rules import Action, can, status
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.preservation.services import last_fixities
from repository.quality.contacts import answers
from repository.quality.duplicates import Files, doubled
from repository.quality.links import with_links
from repository.quality.models import ContentSign
from repository.quality.signs import sign_of
from repository.quality.subject import Standing, Subject, SubjectFile, Table
from repository.records.models import Content, Draft, File, State, TableProfile, Version
from repository.stats.services import totals
from storage.base import StorageError

MAX_FILES = 1000
PORTION = 2000  # files
HEAD = 4096  # bytes


def subject_of(work: Work, version: Version, draft: Draft | None = None) -> Subject:
    """A version as it is published, or as its draft would be. The caller asked who may know."""
    if draft is None:
        return subjects_of(work, [version])[version.id]
    metadata = {"publisher": work.settings.publisher} | draft.metadata_json
    access = draft.access
    closed = "restricted" in (access.get("record"), access.get("files"))
    under_embargo = (access.get("embargo") or {}).get("active")
    word = "embargoed" if under_embargo else "restricted" if closed else "open"
    declared = bool((access.get("personal_data") or {}).get("contains"))
    doi = version.doi
    if work.settings.pid_provider != "none":
        doi = doi or "reserved"  # it gets one when it is published
    files = tuple(_files(work, [version.id])[version.id])
    today = work.clock.now().date()
    return Subject(metadata, files, word, doi, today, personal_data=declared)


def subjects_of(work: Work, versions: Sequence[Version]) -> dict[str, Subject]:
    """Published versions by id, with as many queries for many as for one. The caller keeps their
    files together to a number that memory holds (`in_portions`).
    """
    today = work.clock.now().date()
    files = _files(work, [version.id for version in versions])
    standings = standings_of(work, versions, files)
    subjects = {
        version.id: Subject(
            version.metadata_json,
            tuple(files[version.id]),
            status(version, today),
            version.doi,
            today,
            standings[version.id],
            bool(version.personal_data_ground),
        )
        for version in versions
    }
    return with_links(work, subjects)


def in_portions(versions: Sequence[Version]) -> Iterator[list[Version]]:
    """So many at once that their files are no more than `PORTION` (or one version's)."""
    portion: list[Version] = []
    room = PORTION
    for version in versions:
        size = 1 + min(version.file_count, MAX_FILES)
        if portion and size > room:
            yield portion
            portion, room = [], PORTION
        portion.append(version)
        room -= size
    if portion:
        yield portion


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


def _files(work: Work, version_ids: Sequence[str]) -> dict[str, list[SubjectFile]]:
    """Of each version the first `MAX_FILES` by path."""
    place = func.row_number().over(partition_by=File.version_id, order_by=File.path).label("place")
    placed = (
        select(File.id, place).where(File.version_id.in_(version_ids), File.committed).subquery()
    )
    query = (
        select(File, TableProfile, ContentSign.sign)
        .join(placed, placed.c.id == File.id)
        .outerjoin(TableProfile, TableProfile.sha256 == File.sha256)
        .outerjoin(ContentSign, ContentSign.sha256 == File.sha256)
        .where(placed.c.place <= MAX_FILES)
        .order_by(File.version_id, File.path)
    )
    found: dict[str, list[SubjectFile]] = {each: [] for each in version_ids}
    for file, profile, sign in work.session.execute(query):
        table = _table(file, profile)
        found[file.version_id].append(
            SubjectFile(file.path, file.media_type, file.sha256 or "", table, sign or "")
        )
    return found


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


def standings_of(work: Work, versions: Sequence[Version], files: Files) -> dict[str, Standing]:
    """What is known here of published versions."""
    now = work.clock.now()
    ids = [version.id for version in versions]
    records = {version.record_id for version in versions}
    last = (
        select(Version.record_id, func.max(Version.published_at))
        .where(Version.record_id.in_(records), Version.state == State.PUBLISHED.value)
        .group_by(Version.record_id)
    )
    newest = dict(work.session.execute(last).tuples().all())
    fixities = last_fixities(work, ids)
    came = _came(work, [each for each, fixity in fixities.items() if fixity.checked_at is None])
    uses = totals(work, records)
    contacts = answers(work, records)
    doubles = doubled(work, {version.id: version.record_id for version in versions}, files)

    def standing(version: Version) -> Standing:
        fixity = fixities.get(version.id)
        # What was not read again yet was hashed when it came.
        checked = (fixity.checked_at if fixity else None) or came.get(version.id)
        return Standing(
            age_days=(now - (version.published_at or now)).days,
            quiet_days=(now - (newest.get(version.record_id) or now)).days,
            fixity=(fixity.outcome or "") if fixity else "",
            checked_days=(now - checked).days if checked else None,
            due_days=work.settings.fixity_interval_days,
            downloads=uses[version.record_id].downloads,
            doubled=version.id in doubles,
            contact_answers=contacts.get(version.record_id),
        )

    return {version.id: standing(version) for version in versions}


def _came(work: Work, version_ids: Sequence[str]) -> dict[str, datetime]:
    """When the oldest content of each came."""
    query = (
        select(File.version_id, func.min(Content.created_at))
        .join(Content, File.sha256 == Content.sha256)
        .where(File.version_id.in_(version_ids))
        .group_by(File.version_id)
    )
    return dict(work.session.execute(query).tuples().all()) if version_ids else {}


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
