"""Composition root of the job runner: embedded, or Celery on Redis or RabbitMQ.

Both run the same outbox jobs through `run_job`. Celery carries only ids: the outbox stays the
truth, so that a broker that forgets loses nothing; the dispatcher sends again what is due.
"""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from celery import Celery
from celery.signals import worker_ready
from sqlalchemy import or_, select, update

from repository.core import jobs
from repository.core.capabilities import import_each
from repository.core.jobs import Job, Lane
from repository.core.runner import run_due, run_job
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.web import logging

POLL_SECONDS = 0.2
IDLE_POLL_SECONDS = 1.0  # where nobody waits, and for what falls due by the clock
AWAITED = (Lane.PROMPT, Lane.FILES)
TASK_NAME = "repository.run_job"
DISPATCH_BATCH = 200
ALL = tuple(Lane)
log = structlog.get_logger(__name__)


def import_all_jobs() -> None:
    """Register every capability's handlers and followers."""
    list(import_each("jobs"))


def run_embedded(runtime: Runtime, stop: threading.Event, lanes: Sequence[Lane] = ALL) -> None:
    """Run jobs as they fall due, each lane in a thread of its own, until `stop` is set; jobs that
    have begun are finished first.
    """
    import_all_jobs()
    threads = [
        threading.Thread(target=_run_lane, args=(runtime, stop, lane), name=f"jobs-{lane}")
        for lane in lanes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _run_lane(runtime: Runtime, stop: threading.Event, lane: Lane) -> None:
    pause = POLL_SECONDS if lane in AWAITED else IDLE_POLL_SECONDS
    asked = -IDLE_POLL_SECONDS
    while not stop.is_set():
        if time.monotonic() - asked >= IDLE_POLL_SECONDS:
            _surviving(lambda: _ask_for_periodic(runtime))
            asked = time.monotonic()
        if not _surviving(lambda: run_due(runtime, limit=20, lane=lane)):
            stop.wait(pause)


def _ask_for_periodic(runtime: Runtime) -> int:
    with runtime.read() as work:
        overdue = jobs.overdue_periodic(work.session, runtime.clock.now())
    if overdue:
        with runtime.work() as work:
            jobs.enqueue_periodic(work.session, runtime.clock.now())
    return len(overdue)


def _surviving(step: Callable[[], int]) -> int:
    """A database that is away for a while ends a round, not the runner."""
    try:
        return step()
    except Exception:
        log.exception("the job runner could not do this round")
        return 0


def make_celery(settings: Settings, runtime: Runtime | None = None) -> Celery:
    """The Celery app with its one task. JSON only: a message can never be code.

    A message is acknowledged after the job ran, and handed out again when a worker dies.
    """
    app = Celery("repository", broker=settings.broker_url.get_secret_value())
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 3600},
        task_create_missing_queues=True,
        worker_hijack_root_logger=False,
    )
    held: list[Runtime] = [runtime] if runtime else []

    def run(job_id: int) -> bool:
        if not held:
            import_all_jobs()
            held.append(Runtime.from_settings(settings))
        return run_job(held[0], job_id)

    app.task(name=TASK_NAME)(run)
    return app


def dispatch_due(runtime: Runtime, celery: Celery) -> int:
    """Send the ids of jobs that are due to the broker; how many.

    Marked as sent after the broker took them. A job that was sent and is still due when a lease
    would have ended is sent again: running it twice does no harm, never running it would. At most
    DISPATCH_BATCH of a lane are under way, so that a long backlog waits here and not in the broker.
    Each lane is a queue of its own.
    """
    resend_after = timedelta(seconds=runtime.settings.job_lease_seconds)
    _ask_for_periodic(runtime)
    now = runtime.clock.now()
    sent: list[int] = []
    for lane in Lane:
        with runtime.read() as work:
            due = jobs.due(work.session, now, DISPATCH_BATCH, lane=lane)
            unsent = or_(Job.dispatched_at.is_(None), Job.dispatched_at <= now - resend_after)
            ids = list(work.session.scalars(select(Job.id).where(Job.id.in_(due), unsent)))
        for job_id in ids:
            celery.send_task(TASK_NAME, args=[job_id], queue=_queue(lane))
        sent += ids
    if sent:
        with runtime.work() as work:
            work.session.execute(update(Job).where(Job.id.in_(sent)).values(dispatched_at=now))
    return len(sent)


def _queue(lane: Lane) -> str:
    return f"repository.{lane}"


def run_dispatcher(runtime: Runtime, celery: Celery, stop: threading.Event) -> None:
    """Dispatch until `stop` is set."""
    import_all_jobs()
    while not stop.is_set():
        if not _surviving(lambda: dispatch_due(runtime, celery)):
            stop.wait(POLL_SECONDS)


def run_worker(runtime: Runtime, lanes: Sequence[Lane] = ALL) -> None:
    """`repository worker`, until a signal: Celery and a dispatcher, or the embedded runner.

    Any number of workers may run; each dispatches, and claims decide who does what. A worker of
    Celery's takes the jobs of all its `lanes` into one pool: only workers with lanes of their own
    keep long jobs from filling it.
    """
    settings, stop = runtime.settings, threading.Event()
    logging.configure(settings)
    if not settings.broker_url.get_secret_value():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_embedded(runtime, stop, lanes)
        return
    import_all_jobs()  # before the pool forks: a child must not inherit a half-held import lock
    celery = make_celery(settings)
    dispatcher = threading.Thread(target=run_dispatcher, args=(runtime, celery, stop), daemon=True)
    worker_ready.connect(lambda **_: dispatcher.start(), weak=False)  # after the pool has forked
    try:
        celery.worker_main(
            [
                *("worker", "--loglevel=WARNING", f"--concurrency={settings.worker_processes}"),
                f"--queues={','.join(_queue(lane) for lane in lanes)}",
            ]
        )
    finally:
        stop.set()
        if dispatcher.is_alive():
            dispatcher.join(timeout=10)
