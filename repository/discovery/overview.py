"""How much there is, and what is new: for the front page and the feeds."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from repository.access.file_rules import files_downloadable_by
from repository.access.rules import downloadable_by, visible_to
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.discovery.documents import access_filter
from repository.discovery.engines.base import Search
from repository.discovery.readers import ask
from repository.discovery.standing import standing
from repository.records.collections import Collection, Kind
from repository.records.models import File, Record, Version

MANY = 1000
TOPICS = 24
TYPES = 8


@dataclass(frozen=True)
class Overview:
    """What the reader may see of all there is; `bytes` are those of files they may have.

    `topics` and `institutions` count at most MANY; `facets` holds the most frequent of them.
    """

    total: int
    topics: int
    institutions: int
    bytes: int
    facets: dict[str, list[tuple[str, int]]]


def overview(work: Work, actor: Actor) -> Overview:
    now = work.clock.now()
    wanted = {"topic": MANY, "institution": MANY, "type": TYPES}
    filters = [access_filter(work, actor)]
    found = ask(work.settings, Search(filters=filters, facets=wanted, limit=0))
    facets = found.facets if found else {name: [] for name in wanted}
    size = (
        select(func.coalesce(func.sum(Version.file_bytes), 0))
        .join(Record, Record.latest_id == Version.id)
        .where(standing(), ~Version.own_file_access, downloadable_by(actor, now))
    )
    mixed = (
        select(func.coalesce(func.sum(File.size), 0))
        .join(Version, Version.id == File.version_id)
        .join(Record, Record.latest_id == Version.id)
        .where(
            standing(), Version.own_file_access, File.committed, files_downloadable_by(actor, now)
        )
    )
    return Overview(
        total=found.total if found else 0,
        topics=len(facets["topic"]),
        institutions=len(facets["institution"]),
        bytes=int(work.session.scalar(size) or 0) + int(work.session.scalar(mixed) or 0),
        facets=facets
        | {"topic": facets["topic"][:TOPICS], "institution": facets["institution"][:12]},
    )


def records_by_collection(work: Work, actor: Actor) -> dict[str, int]:
    """How many records that the reader may see are in each collection and below it, by slug."""
    wanted = {"collection": MANY}
    found = ask(work.settings, Search(filters=[access_filter(work, actor)], facets=wanted, limit=0))
    return dict(found.facets["collection"]) if found else {}


def institutions(work: Work, limit: int = 12) -> list[Collection]:
    """Institutions at the top, by name: for the front page."""
    query = (
        select(Collection)
        .where(Collection.kind == Kind.INSTITUTION.value, Collection.parent_id.is_(None))
        .order_by(Collection.title_vi)
        .limit(limit)
    )
    return list(work.session.scalars(query))


def newest(work: Work, actor: Actor, limit: int = 6) -> list[Version]:
    """The records published last, from the database: what was just published is there at once."""
    query = (
        select(Version)
        .join(Record, Record.latest_id == Version.id)
        .where(standing(), visible_to(actor, work.clock.now()))
        .order_by(Version.published_at.desc(), Version.id)
        .limit(limit)
        .options(joinedload(Version.record))
    )
    return list(work.session.scalars(query))
