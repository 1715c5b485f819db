"""Pairs of records that may be one, found over the whole repository by a job.

Titles are compared by the sorted-neighbourhood method (Hernández and Stolfo, 1995): records are
sorted by a key, and each is compared with the few that follow it. That finds what nearly agrees
in time that grows with the number of records, not with its square.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from repository.access.rules import visible_to
from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.quality import duplicates
from repository.quality.models import LikelyDouble
from repository.records.models import File, Record, State, Version

NEIGHBOURS = 8
MOST_PAIRS = 5000
MOST_RECORDS = 200_000
COMMON = 20  # a content that more records than this hold is a licence or a logo


@dataclass(frozen=True)
class Pair:
    """The newest versions of two records; `files` is how many contents both hold."""

    id: int
    one: Version
    other: Version
    files: int


def find_pairs(work: Work) -> int:
    """Write all pairs anew, but for those that somebody looked at and set aside; how many."""
    shared = _sharing_files(work)
    found = shared | {pair: shared.get(pair, 0) for pair in _alike(work)}
    aside = LikelyDouble.dismissed_by.is_not(None)
    known = {
        (one, other)
        for one, other in work.session.execute(
            select(LikelyDouble.one_id, LikelyDouble.other_id).where(aside)
        )
    }
    work.session.execute(delete(LikelyDouble).where(~aside))
    for (one, other), files in sorted(found.items())[:MOST_PAIRS]:
        if (one, other) not in known:
            pair = LikelyDouble(one_id=one, other_id=other, files=files, at=work.clock.now())
            work.session.add(pair)
    work.session.flush()
    return len(found)


def _sharing_files(work: Work) -> dict[tuple[str, str], int]:
    """Pairs of records by how many contents their newest versions share."""
    newest = (
        select(Version.record_id, File.sha256)
        .join(Record, Record.latest_id == Version.id)
        .join(File, File.version_id == Version.id)
        .where(Version.state == State.PUBLISHED.value, File.committed, File.size > 0)
        .distinct()
        .cte("newest")
    )
    rare = (
        select(newest.c.sha256)
        .group_by(newest.c.sha256)
        .having(func.count().between(2, COMMON))
        .cte("rare")
    )
    one, other = aliased(newest), aliased(newest)
    query = (
        select(one.c.record_id, other.c.record_id, func.count())
        .join(rare, rare.c.sha256 == one.c.sha256)
        .join(other, (other.c.sha256 == one.c.sha256) & (other.c.record_id > one.c.record_id))
        .group_by(one.c.record_id, other.c.record_id)
        .order_by(func.count().desc())
        .limit(MOST_PAIRS)
    )
    return {(a, b): int(count) for a, b, count in work.session.execute(query)}


def _alike(work: Work) -> Iterator[tuple[str, str]]:
    query = (
        select(Version.record_id, Version.metadata_json)
        .join(Record, Record.latest_id == Version.id)
        .where(Version.state == State.PUBLISHED.value)
        .limit(MOST_RECORDS)
        .execution_options(yield_per=1000)
    )
    entries = [
        (title, " ".join(sorted(title.split())), record, people)
        for record, metadata in work.session.execute(query)
        for people in [duplicates.people(metadata)]
        for title in duplicates.titles(metadata)
    ]
    for key in (0, 1):
        entries.sort(key=lambda entry: entry[key])
        for at, (title, _sorted, record, people) in enumerate(entries):
            for other in entries[at + 1 : at + 1 + NEIGHBOURS]:
                alike = other[2] != record and duplicates.same([title], [other[0]])
                if alike and duplicates.same_people(people, other[3]):
                    yield min(record, other[2]), max(record, other[2])


def listed(work: Work, actor: Actor, *, offset: int, limit: int) -> tuple[list[Pair], int]:
    """Pairs of which `actor` may see both, those that share most files first; and how many."""
    one, other = aliased(Version), aliased(Version)
    now = work.clock.now()
    visible = (
        select(Version.record_id)
        .join(Record, Record.latest_id == Version.id)
        .where(Version.state == State.PUBLISHED.value, visible_to(actor, now))
    )
    first, second = aliased(Record), aliased(Record)
    query = (
        select(LikelyDouble, one, other)
        .join(first, first.id == LikelyDouble.one_id)
        .join(second, second.id == LikelyDouble.other_id)
        .join(one, one.id == first.latest_id)
        .join(other, other.id == second.latest_id)
        .where(
            LikelyDouble.dismissed_by.is_(None),
            LikelyDouble.one_id.in_(visible),
            LikelyDouble.other_id.in_(visible),
        )
    )
    total = work.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(LikelyDouble.files.desc(), LikelyDouble.id)
    rows = work.session.execute(ordered.offset(offset).limit(limit))
    return [Pair(pair.id, a, b, pair.files) for pair, a, b in rows], total


def dismiss(work: Work, actor: Actor, pair_id: int) -> None:
    """Say that the two are two; they are not listed again. Raises NotFound."""
    pair = work.session.get(LikelyDouble, pair_id)
    if pair is None:
        raise NotFound
    pair.dismissed_by = actor.user_id
    log(work, actor.user_id, "quality.no_double", "record", pair.one_id, other=pair.other_id)
