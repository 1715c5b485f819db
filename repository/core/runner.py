"""Runs outbox jobs. The embedded runner and Celery's workers both come through `run_job`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from repository.core import jobs
from repository.core.runtime import Runtime

log = structlog.get_logger(__name__)


def run_job(runtime: Runtime, job_id: int) -> bool:
    """Run one job if it is due and nobody else has it; True when it was run (well or not).

    Whatever a handler raises is kept with the job and tried again later; nothing is raised here.
    """
    settings = runtime.settings
    lease = timedelta(seconds=settings.job_lease_seconds)
    with runtime.work() as work:
        claimed = jobs.claim(work.session, job_id, runtime.clock.now(), lease)
    if claimed is None:
        return False
    error: Exception | None = None
    with _kept_alive(runtime, claimed, lease):
        try:
            jobs.handler_for(claimed.kind)(runtime, claimed.payload)
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is kept with the job
            error = raised
    with runtime.work() as work:
        if error is None:
            jobs.finish(work.session, claimed, runtime.clock.now())
        else:
            _log_failure(claimed, error)
            jobs.fail(
                work.session,
                claimed,
                runtime.clock.now(),
                f"{type(error).__name__}: {error}",
                first_step=settings.job_retry_seconds,
                max_attempts=settings.job_max_attempts,
                after=error.seconds if isinstance(error, jobs.RetryLater) else None,
            )
    return True


def _log_failure(claimed: jobs.Claim, error: Exception) -> None:
    if isinstance(error, jobs.RetryLater):
        log.info("job waits", key=claimed.key, reason=str(error), seconds=error.seconds)
    else:
        log.warning("job failed", key=claimed.key, attempts=claimed.attempts, exc_info=error)


@contextmanager
def _kept_alive(runtime: Runtime, claimed: jobs.Claim, lease: timedelta) -> Iterator[None]:
    """Renew the lease while the job runs, so that only a dead worker's job is taken over."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(lease.total_seconds() / 3):
            try:
                with runtime.work() as work:
                    jobs.renew(work.session, claimed, runtime.clock.now() + lease)
            except Exception:
                log.exception("lease not renewed", key=claimed.key)

    thread = threading.Thread(target=beat, name=f"lease-{claimed.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def run_due(runtime: Runtime, limit: int = 100, *, lane: jobs.Lane | None = None) -> int:
    """Run what is due now, of one lane or of all, at most `limit` jobs; how many were run."""
    with runtime.read() as work:
        ids = jobs.due(work.session, runtime.clock.now(), limit, lane=lane)
    return sum(run_job(runtime, job_id) for job_id in ids)


def run_until_idle(runtime: Runtime, *, rounds: int = 1000) -> int:
    """Run jobs, and the jobs they ask for, until none is due; how many were run."""
    total = 0
    for _ in range(rounds):
        ran = run_due(runtime)
        if not ran:
            break
        total += ran
    return total
