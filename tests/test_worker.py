"""The same jobs through Celery on a real Redis, and what a killed worker loses: nothing."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from repository.core.clock import SystemClock
from repository.core.jobs import Job, Lane, handler
from repository.core.runtime import Runtime
from repository.worker import dispatch_due, make_celery, run_embedded
from tests.runtimes import make_settings
from tests.waiting import eventually

JOBS = Path(__file__).with_name("worker_jobs.py")


def environment(runtime: Runtime, broker: str, folder: Path) -> dict[str, str]:
    settings = runtime.settings
    return {
        **os.environ,
        "REPOSITORY_DATA_DIR": str(settings.data_dir),
        "REPOSITORY_DATABASE_URL": settings.database_url,
        "REPOSITORY_SECRET_KEY": settings.secret_key.get_secret_value(),
        "REPOSITORY_BROKER_URL": broker,
        "REPOSITORY_JOB_LEASE_SECONDS": "2",
        "REPOSITORY_WORKER_PROCESSES": "2",
        "TEST_FOLDER": str(folder),
    }


def start_worker(runtime: Runtime, broker: str, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, str(JOBS)],
            env=environment(runtime, broker, folder),
            start_new_session=True,
            stdout=log,
            stderr=log,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 the worker and its children, as when the machine loses power."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def shared_runtime(database_url: str, tmp_path: Path) -> Iterator[Runtime]:
    """One that other processes share: with the real clock and a short lease."""
    settings = make_settings(tmp_path / "data", database_url, job_lease_seconds=2)
    runtime = Runtime.from_settings(settings, SystemClock())
    yield runtime
    runtime.close()


def ask(runtime: Runtime, name: str, **payload: object) -> None:
    with runtime.work() as work:
        work.enqueue("test.append", name, {"name": name, **payload})


def states(runtime: Runtime) -> dict[str, str]:
    with runtime.read() as work:
        query = select(Job).where(Job.kind == "test.append")
        return {job.key: job.state for job in work.session.scalars(query)}


def test_celery_runs_the_outbox(shared_runtime: Runtime, redis_url: str, tmp_path: Path) -> None:
    for number in range(20):
        ask(shared_runtime, f"job-{number}")
    worker = start_worker(shared_runtime, redis_url, tmp_path)
    try:
        eventually(lambda: set(states(shared_runtime).values()) == {"done"}, timeout=60)
    finally:
        kill(worker)
    assert sorted(p.name for p in tmp_path.glob("job-*")) == sorted(states(shared_runtime))
    assert all(p.read_text() == "x" for p in tmp_path.glob("job-*"))


def test_a_worker_killed_in_the_middle_loses_nothing_and_does_nothing_twice(
    shared_runtime: Runtime, redis_url: str, tmp_path: Path
) -> None:
    """It is killed while a job is half done; the next does that job, and only that, again."""
    ask(shared_runtime, "job-done-before")
    ask(shared_runtime, "job-hanging", hang=True)
    first = start_worker(shared_runtime, redis_url, tmp_path)
    eventually((tmp_path / "job-hanging.begun").exists, timeout=60)
    eventually(lambda: states(shared_runtime)["job-done-before"] == "done", timeout=60)
    kill(first)
    assert states(shared_runtime)["job-hanging"] == "running"
    (tmp_path / "go-on").touch()
    second = start_worker(shared_runtime, redis_url, tmp_path)
    try:
        eventually(lambda: set(states(shared_runtime).values()) == {"done"}, timeout=60)
    finally:
        kill(second)
    assert (tmp_path / "job-done-before").read_text() == "x"
    assert (tmp_path / "job-hanging").read_text() == "x"


def test_a_job_that_was_sent_is_not_sent_again_while_its_lease_could_last(
    sqlite_runtime: Runtime, redis_url: str
) -> None:
    runtime = sqlite_runtime
    settings = runtime.settings.model_copy(update={"broker_url": SecretStr(redis_url)})
    celery = make_celery(settings)
    with runtime.work() as work:
        work.enqueue("test.append", "a", {})
    sent = dispatch_due(runtime, celery)
    assert sent >= 1
    assert dispatch_due(runtime, celery) == 0


def test_a_long_job_keeps_no_other_waiting(sqlite_runtime: Runtime) -> None:
    begun, go_on, stop = threading.Event(), threading.Event(), threading.Event()

    @handler("test.backup", lane=Lane.UPKEEP)
    def _backup(runtime: Runtime, payload: dict[str, object]) -> None:
        begun.set()
        go_on.wait()

    runner = threading.Thread(target=run_embedded, args=(sqlite_runtime, stop))
    with sqlite_runtime.work() as work:
        work.enqueue("test.backup", "backup", {})
    runner.start()
    try:
        assert begun.wait(timeout=60)
        with sqlite_runtime.work() as work:
            work.enqueue("feed.follow", "feed.follow", {})
        eventually(lambda: _done(sqlite_runtime, "feed.follow"))
        assert not _done(sqlite_runtime, "backup")
    finally:
        go_on.set()
        stop.set()
        runner.join(timeout=30)
    assert _done(sqlite_runtime, "backup")


def test_the_embedded_runner_stops_when_told(sqlite_runtime: Runtime) -> None:
    stop = threading.Event()
    runner = threading.Thread(target=run_embedded, args=(sqlite_runtime, stop))
    runner.start()
    with sqlite_runtime.work() as work:
        work.enqueue("feed.follow", "feed.follow", {})
    eventually(lambda: _done(sqlite_runtime, "feed.follow"))
    stop.set()
    runner.join(timeout=10)
    assert not runner.is_alive()


def _done(runtime: Runtime, key: str) -> bool:
    with runtime.read() as work:
        return work.session.scalar(select(Job.state).where(Job.key == key)) == "done"
