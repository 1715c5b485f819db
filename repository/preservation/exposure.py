"""How much would be lost: files that have fewer good copies than a policy promises."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, func, select

from repository.core.copies import Copy
from repository.core.work import Work
from repository.preservation.abroad import is_abroad
from repository.preservation.models import BackupPlace, Outcome
from repository.preservation.policies import Policy, sites_of
from repository.preservation.replication import wanted_versions
from repository.records.models import Content, File, Version


@dataclass(frozen=True)
class Exposure:
    """How many contents and bytes lack copies, and since when the oldest of them does.

    `hours` is its age, the RPO of the files as it is at this moment; 0 where none lacks any.
    """

    count: int
    bytes: int
    since: datetime | None
    hours: float


def exposure(work: Work, policy: Policy) -> Exposure:
    """Disks that take turns at a site are one copy; one that was found bad is none."""
    terms, places = policy.terms, sites_of(work, policy)
    at_home = [site for site in places if not is_abroad(work.settings, site.country)]
    good = (
        select(func.count(distinct(BackupPlace.site)))
        .join(Copy, Copy.place == BackupPlace.place)
        .where(
            Copy.sha256 == Content.sha256,
            Copy.outcome == Outcome.PASS.value,
            BackupPlace.site.in_([site.name for site in places]),
        )
        .scalar_subquery()
    )
    query = select(func.count(), func.sum(Content.size), func.min(Content.created_at))
    query = query.select_from(Content).where(good < terms.copies)
    if terms.is_partial:
        # Of core data no more copies are promised than there are sites at home for them.
        wanted = wanted_versions(work, terms, abroad=len(at_home) < terms.copies)
        versions = select(Version.id).where(wanted)
        files = select(File.sha256).where(File.version_id.in_(versions))
        query = query.where(Content.sha256.in_(files))
    count, size, since = work.session.execute(query).one()
    age = (work.clock.now() - since).total_seconds() / 3600 if since else 0.0
    return Exposure(count, int(size or 0), since, age)
