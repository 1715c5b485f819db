"""Telling the followers of the change feed of embargoes that have ended and files that are gone.

The access rule needs no job: it looks at the date. But what was indexed or rendered while an
embargo stood (search, OAI-PMH) is made anew only for records in the feed.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from repository.access import entries, retention
from repository.core import feed, jobs
from repository.core.runtime import Runtime
from repository.records.models import File, State, Version

LIFTED = "access.embargoes"


@jobs.handler("access.embargoes", every=timedelta(minutes=5))
def tell_of_lifted_embargoes(runtime: Runtime, _payload: dict[str, Any]) -> None:
    """Days are dealt with in order; the last one, as an ordinal, is kept where followers keep
    their position, so that a runner that was off for a week misses none. A clock that was set
    back closes again what it had opened too early, and that is told as well.
    """
    with runtime.work() as work:
        today = work.clock.now().date()
        told = feed.position(work.session, LIFTED)
        first, last = sorted((date.fromordinal(told or 1), today))
        days = (Version.embargo_until, Version.delete_files_at, File.embargo_until, File.delete_at)
        crossed = or_(*((day > first) & (day <= last) for day in days))
        ended = (
            select(Version.record_id)
            .outerjoin(File, (File.version_id == Version.id) & Version.own_file_access)
            .where(Version.state != State.DRAFT.value, crossed)
        )
        for record_id in work.session.scalars(ended.distinct()):
            work.changed(record_id)
        feed.advance(work.session, LIFTED, today.toordinal())


@jobs.handler("access.retention", every=timedelta(minutes=30))
def delete_due_files(runtime: Runtime, _payload: dict[str, Any]) -> None:
    retention.delete_due_files(runtime)


@jobs.handler("access.forget", every=timedelta(days=1))
def forget_old(runtime: Runtime, _payload: dict[str, Any]) -> None:
    entries.forget_old(runtime)
