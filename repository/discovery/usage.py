"""How often a record is used, as its landing page shows it."""

from dataclasses import dataclass

from repository.core.work import Work
from repository.records.models import Version
from repository.stats.rules import Count
from repository.stats.services import Month, months, totals


@dataclass(frozen=True)
class Usage:
    this: Count
    all: Count
    months: list[Month]

    @property
    def highest(self) -> int:
        return max((max(month.views, month.downloads) for month in self.months), default=0)


def usage_of(work: Work, version: Version) -> Usage:
    """Numbers only; the caller asked the access rule about the version."""
    found = totals(work, (version.id, version.record_id))
    return Usage(found[version.id], found[version.record_id], months(work, version.record_id))
