"""What is wrong with the ground floor, one clear line each; see `repository doctor`."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from repository.core import mail
from repository.core.feed import FeedCursor, last_seq
from repository.core.jobs import Job
from repository.core.runtime import Runtime
from storage.base import StorageError

OVERDUE = timedelta(hours=1)
NAMED = 10


def problems(runtime: Runtime) -> Iterator[str]:
    """Jobs that were set aside or wait for too long, followers that fell behind, a silent store."""
    for place, store in runtime.stores.items():
        try:
            store.check()
        except StorageError as error:
            yield f"Files: the {place} does not answer: {error}"
    yield from mail.problems(runtime)
    with runtime.read() as work:
        failed = select(Job).where(Job.state == "failed").order_by(Job.finished_at.desc())
        for job in work.session.scalars(failed.limit(NAMED)):
            yield f"Jobs: {job.key} was set aside after {job.attempts} attempts: {job.last_error}"
        late = work.clock.now() - OVERDUE
        waiting = select(func.count()).where(Job.state == "queued", Job.run_at < late)
        if count := work.session.scalar(waiting):
            yield f"Jobs: {count} are due for more than an hour; is a job runner or worker running?"
        newest = last_seq(work.session)
        for cursor in work.session.scalars(select(FeedCursor).where(FeedCursor.seq < newest)):
            behind = newest - cursor.seq
            yield f"Change feed: {cursor.follower} is {behind} changes behind."
