"""Working out scores, keeping them, listing what to mend first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, select

from repository.access.rules import visible_to
from repository.accounts.models import Actor, User
from repository.accounts.notices import kind, notify
from repository.core.messages import N_
from repository.core.work import Work
from repository.i18n.catalog import translations
from repository.quality.checks import CHECKS, CRITERIA
from repository.quality.checks.alive import OVERDUE
from repository.quality.fair import Fair, fair
from repository.quality.links import note_links
from repository.quality.models import QualityFinding, QualityHistory, QualityScore
from repository.quality.rules import Score, score
from repository.quality.subjects import in_portions, subjects_of
from repository.records.collections import CollectionRecord
from repository.records.models import Record, State, Version
from repository.records.titles import title_of

AGAIN = timedelta(days=1)
BATCH = 500
HISTORY = 50
OVERDUE_NOTICE = kind(
    "quality.overdue",
    N_("“%(title)s” should be looked at again"),
    N_("Its page of quality says what time has made of it: %(checks)s."),
)
CRITERION_NAMES = tuple(each.name for each in CRITERIA)


def assess(work: Work, versions: Sequence[Version]) -> int:
    """Work out published versions' scores and keep them; how many. The history grows where they
    moved.
    """
    for portion in in_portions(versions):
        _assess(work, portion)
    return len(versions)


def _assess(work: Work, versions: Sequence[Version]) -> None:
    ids = [version.id for version in versions]
    subjects = subjects_of(work, versions)
    of_these = select(QualityScore).where(QualityScore.version_id.in_(ids))
    known = {row.version_id: row for row in work.session.scalars(of_these)}
    before = _findings(work, ids)
    note_links(work, subjects.values())
    for version in versions:
        found = score(subjects[version.id])
        told = fair(subjects[version.id], found)
        old = known.get(version.id)
        _keep_score(work, old or QualityScore(version_id=version.id), found, told)
        _keep_findings(work, version.id, before[version.id], found)
        late = {each.check.name for each in found.failed} & OVERDUE - before[version.id].keys()
        if late and old is not None and version.is_latest:
            _warn(work, version, late)
    work.session.flush()


def _keep_score(work: Work, row: QualityScore, found: Score, told: Fair) -> None:
    now = work.clock.now()
    if (row.score, row.fair) != (found.score, told.score):
        work.session.add(
            QualityHistory(version_id=row.version_id, score=found.score, fair=told.score, at=now)
        )
    row.score, row.fair, row.fair_letters = found.score, told.score, told.letters
    for each in found.criteria:
        setattr(row, each.criterion.name, each.score)
    row.at = now
    work.session.add(row)


def _warn(work: Work, version: Version, late: Collection[str]) -> None:
    """Tell the owner, once, what became overdue."""
    owner = work.session.get(User, version.record.owner_id)
    if owner is None:
        return
    locale = owner.locale or work.settings.default_locale
    speak = translations(locale).gettext
    notify(
        work,
        owner,
        OVERDUE_NOTICE,
        url=f"/records/{version.id}/quality",
        record_id=version.id,
        title=title_of(version.metadata_json, locale),
        checks="; ".join(speak(CHECKS[name].title) for name in sorted(late)),
    )


def _findings(work: Work, version_ids: Sequence[str]) -> dict[str, dict[str, QualityFinding]]:
    """What each was found to lack, by check."""
    found: dict[str, dict[str, QualityFinding]] = {each: {} for each in version_ids}
    query = select(QualityFinding).where(QualityFinding.version_id.in_(version_ids))
    for row in work.session.scalars(query):
        found[row.version_id][row.check] = row
    return found


def _keep_findings(
    work: Work, version_id: str, before: Mapping[str, QualityFinding], found: Score
) -> None:
    """Those of now in place of those before."""
    points = {each.check.name: round(each.points) for each in found.failed}
    for name, row in before.items():
        if name not in points:
            work.session.delete(row)
        else:
            row.points = points[name]
    work.session.add_all(
        QualityFinding(version_id=version_id, check=name, points=points[name])
        for name in points.keys() - before.keys()
    )


def assess_records(work: Work, record_ids: Sequence[str]) -> int:
    """The standing versions of these records; how many were assessed."""
    query = select(Version).where(
        Version.record_id.in_(record_ids), Version.state == State.PUBLISHED.value
    )
    return assess(work, work.session.scalars(query).all())


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
    return assess(work, work.session.scalars(query).all())


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


def latest(work: Work, actor: Actor, collections: Sequence[int] | None) -> Select[tuple[str]]:
    """The ids of records' newest versions that `actor` may see; of those in `collections`, if any
    are named.
    """
    query = (
        select(Version.id)
        .join(Record, Record.latest_id == Version.id)
        .where(Version.state == State.PUBLISHED.value, visible_to(actor, work.clock.now()))
    )
    if collections is None:
        return query
    within = select(CollectionRecord.record_id).where(
        CollectionRecord.collection_id.in_(collections)
    )
    return query.where(Version.record_id.in_(within))


def to_mend(
    work: Work,
    actor: Actor,
    *,
    order: str,
    check: str,
    offset: int,
    limit: int,
    collections: Sequence[int] | None = None,
) -> tuple[list[Listed], int]:
    """The newest versions of records by a score, lowest first; those that fail `check` if it is
    named. Also how many there are. Only what `actor` may see.
    """
    query = (
        select(Version, QualityScore)
        .join(QualityScore, QualityScore.version_id == Version.id)
        .where(Version.id.in_(latest(work, actor, collections)))
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


def means(work: Work, actor: Actor, collections: Sequence[int] | None = None) -> dict[str, int]:
    """How many of the newest versions that `actor` may see were assessed (`records`), and the mean
    of each score over them.
    """
    names = ("score", *CRITERION_NAMES, "fair")
    columns = [func.avg(getattr(QualityScore, name)) for name in names]
    wanted = QualityScore.version_id.in_(latest(work, actor, collections))
    count, *found = work.session.execute(select(func.count(), *columns).where(wanted)).one()
    told = {n: round(float(m)) for n, m in zip(names, found, strict=True) if m is not None}
    return {"records": count, **told}


def failing(
    work: Work, actor: Actor, collections: Sequence[int] | None = None
) -> list[tuple[str, int]]:
    """How many of the same fail which check, most first."""
    query = (
        select(QualityFinding.check, func.count())
        .where(QualityFinding.version_id.in_(latest(work, actor, collections)))
        .group_by(QualityFinding.check)
        .order_by(func.count().desc(), QualityFinding.check)
    )
    return [(check, count) for check, count in work.session.execute(query)]
