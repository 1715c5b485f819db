"""Working out scores, keeping them, listing what to mend first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from repository.access.file_rules import files_downloadable_by
from repository.access.files import variables_of
from repository.access.rules import Action, can, status, visible_to
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.quality.checks import CRITERIA
from repository.quality.fair import fair
from repository.quality.models import QualityFinding, QualityHistory, QualityScore
from repository.quality.rules import Score, score
from repository.quality.subject import Subject, SubjectFile, Table
from repository.records.models import Draft, File, Record, State, TableProfile, Version

MAX_FILES = 1000
AGAIN = timedelta(days=1)
BATCH = 500
HISTORY = 50
CRITERION_NAMES = tuple(each.name for each in CRITERIA)


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
    return Subject(metadata, _files(work, version.id), word, doi, now.date())


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
        select(File, TableProfile)
        .outerjoin(TableProfile, TableProfile.sha256 == File.sha256)
        .where(File.version_id == version_id, File.committed)
        .order_by(File.path)
        .limit(MAX_FILES)
    )
    return tuple(
        SubjectFile(file.path, file.media_type, file.sha256 or "", _table(file, profile))
        for file, profile in work.session.execute(query)
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


def assess(work: Work, version: Version) -> QualityScore:
    """Work out a published version's scores and keep them; the history grows where they moved."""
    subject = subject_of(work, version)
    found = score(subject)
    told = fair(subject, found)
    row = work.session.get(QualityScore, version.id) or QualityScore(version_id=version.id)
    moved = (row.score, row.fair) != (found.score, told.score)
    row.score, row.fair, row.fair_letters = found.score, told.score, told.letters
    for each in found.criteria:
        setattr(row, each.criterion.name, each.score)
    row.at = work.clock.now()
    work.session.add(row)
    if moved:
        history = QualityHistory(
            version_id=version.id, score=row.score, fair=row.fair, at=work.clock.now()
        )
        work.session.add(history)
    _keep_findings(work, version.id, found)
    return row


def _keep_findings(work: Work, version_id: str, found: Score) -> None:
    gone = delete(QualityFinding).where(QualityFinding.version_id == version_id)
    work.session.execute(gone)
    for each in found.failed:
        work.session.add(
            QualityFinding(version_id=version_id, check=each.check.name, points=round(each.points))
        )
    work.session.flush()


def assess_records(work: Work, record_ids: Sequence[str]) -> int:
    """The standing versions of these records; how many were assessed."""
    query = select(Version).where(
        Version.record_id.in_(record_ids), Version.state == State.PUBLISHED.value
    )
    versions = work.session.scalars(query).all()
    for version in versions:
        assess(work, version)
    return len(versions)


def assess_old(work: Work) -> int:
    """The next versions that were never assessed, or not for a day: time alone changes scores."""
    query = (
        select(Version)
        .outerjoin(QualityScore, QualityScore.version_id == Version.id)
        .where(
            Version.state == State.PUBLISHED.value,
            QualityScore.at.is_(None) | (QualityScore.at < work.clock.now() - AGAIN),
        )
        .order_by(QualityScore.at.asc().nulls_first(), Version.id)
        .limit(BATCH)
    )
    versions = work.session.scalars(query).all()
    for version in versions:
        assess(work, version)
    return len(versions)


def history(work: Work, version_id: str) -> list[QualityHistory]:
    """The latest changes of a version's score, oldest first."""
    query = (
        select(QualityHistory)
        .where(QualityHistory.version_id == version_id)
        .order_by(QualityHistory.id.desc())
        .limit(HISTORY)
    )
    return list(work.session.scalars(query))[::-1]


@dataclass(frozen=True)
class Listed:
    version: Version
    score: QualityScore
    findings: list[QualityFinding]


def to_mend(
    work: Work, actor: Actor, *, order: str, check: str, offset: int, limit: int
) -> tuple[list[Listed], int]:
    """The newest versions of records by a score, lowest first; those that fail `check` if it is
    named. Also how many there are. Only what `actor` may see.
    """
    query = (
        select(Version, QualityScore)
        .join(QualityScore, QualityScore.version_id == Version.id)
        .join(Record, Record.latest_id == Version.id)
        .where(Version.state == State.PUBLISHED.value, visible_to(actor, work.clock.now()))
    )
    if check:
        failing = select(QualityFinding.version_id).where(QualityFinding.check == check)
        query = query.where(Version.id.in_(failing))
    total = work.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    column = getattr(QualityScore, order if order in (*CRITERION_NAMES, "fair") else "score")
    rows = work.session.execute(
        query.order_by(column, Version.id).offset(offset).limit(limit)
    ).all()
    findings: dict[str, list[QualityFinding]] = {}
    ids = [version.id for version, _score in rows]
    for each in work.session.scalars(
        select(QualityFinding)
        .where(QualityFinding.version_id.in_(ids))
        .order_by(QualityFinding.points.desc(), QualityFinding.check)
    ):
        findings.setdefault(each.version_id, []).append(each)
    return [Listed(version, row, findings.get(version.id, [])) for version, row in rows], total


def overview(work: Work, actor: Actor) -> dict[str, Any]:
    """The means over the newest versions that `actor` may see, and how many fail which check."""
    latest = (
        select(Version.id)
        .join(Record, Record.latest_id == Version.id)
        .where(Version.state == State.PUBLISHED.value, visible_to(actor, work.clock.now()))
    )
    names = ("score", *CRITERION_NAMES, "fair")
    means = [func.avg(getattr(QualityScore, name)) for name in names]
    row = work.session.execute(
        select(func.count(), *means).where(QualityScore.version_id.in_(latest))
    ).one()
    failing = work.session.execute(
        select(QualityFinding.check, func.count())
        .where(QualityFinding.version_id.in_(latest))
        .group_by(QualityFinding.check)
        .order_by(func.count().desc(), QualityFinding.check)
    ).all()
    return {
        "count": row[0],
        "means": {n: round(float(m)) for n, m in zip(names, row[1:], strict=True) if m is not None},
        "failing": [(check, count) for check, count in failing],
    }
