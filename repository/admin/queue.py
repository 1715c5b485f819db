"""Jobs as an operator sees them: what failed and why, what waits; and trying again."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select, true

from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core import jobs
from repository.core.errors import NotFound
from repository.core.jobs import Job
from repository.core.messages import N_
from repository.core.work import Work

FILTERS: Mapping[str, str] = {
    "failed": N_("Set aside"),
    "troubled": N_("Being tried again"),
    "waiting": N_("Waiting"),
    "running": N_("Running"),
    "all": N_("All"),
}


def _condition(show: str) -> ColumnElement[bool]:
    if show == "troubled":
        return (Job.state != "failed") & Job.last_error.is_not(None)
    states = {"failed": "failed", "waiting": "queued", "running": "running"}
    return Job.state == states[show] if show in states else true()


def listed(work: Work, show: str, offset: int, limit: int) -> tuple[Sequence[Job], int]:
    """Jobs of one of FILTERS: what waits in the order in which it comes, all else newest first."""
    condition = _condition(show)
    order = (Job.run_at, Job.id) if show == "waiting" else (Job.run_at.desc(), Job.id.desc())
    total = work.session.scalar(select(func.count()).select_from(Job).where(condition))
    query = select(Job).where(condition).order_by(*order).offset(offset).limit(limit)
    return work.session.scalars(query).all(), total or 0


def counts(work: Work) -> dict[str, int]:
    sums = [func.count().filter(_condition(show)) for show in FILTERS]
    row = work.session.execute(select(*sums).select_from(Job)).one()
    return dict(zip(FILTERS, row, strict=True))


def retry_one(work: Work, actor: Actor, job_id: int) -> str:
    """Have a job tried at once; its key. Raises NotFound; one that runs or is done stays so."""
    job = work.session.get(Job, job_id)
    if job is None:
        raise NotFound
    if jobs.retry(work.session, job_id, work.clock.now()):
        log(work, actor.user_id, "job.retry", "job", str(job_id), key=job.key)
    return job.key


def retry_failed(work: Work, actor: Actor) -> int:
    """Have all that were set aside tried again; how many."""
    ids = work.session.scalars(select(Job.id).where(Job.state == "failed")).all()
    now = work.clock.now()
    count = sum(jobs.retry(work.session, job_id, now) for job_id in ids)
    if count:
        log(work, actor.user_id, "job.retry-failed", "job", "", count=count)
    return count
