import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from repository.core import jobs
from repository.core.clock import FixedClock
from repository.core.jobs import Job, Lane, RetryLater
from repository.core.runner import run_due, run_job, run_until_idle
from repository.core.runtime import Runtime

ran: list[dict[str, Any]] = []


@jobs.handler("test.note")
def _note(runtime: Runtime, payload: dict[str, Any]) -> None:
    ran.append(payload)


@jobs.handler("test.fail")
def _fail(runtime: Runtime, payload: dict[str, Any]) -> None:
    raise OSError("the registry is on fire")


@jobs.handler("test.wait")
def _wait(runtime: Runtime, payload: dict[str, Any]) -> None:
    raise RetryLater(30, "told to come back")


@jobs.handler("test.upkeep", lane=Lane.UPKEEP)
def _upkeep(runtime: Runtime, payload: dict[str, Any]) -> None:
    ran.append(payload)


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


def ask(runtime: Runtime, kind: str, key: str, **payload: Any) -> None:
    with runtime.work() as work:
        work.enqueue(kind, key, payload)


def the_job(runtime: Runtime) -> Job:
    with runtime.read() as work:
        return work.session.scalars(select(Job)).one()


def test_a_job_is_there_when_its_transaction_commits_and_only_then(runtime: Runtime) -> None:
    with suppress(ZeroDivisionError), runtime.work() as work:
        work.enqueue("test.note", "a", {"n": 1})
        raise ZeroDivisionError
    assert run_until_idle(runtime) == 0
    ask(runtime, "test.note", "a", n=2)
    run_until_idle(runtime)
    assert ran == [{"n": 2}]
    assert the_job(runtime).state == "done"


def test_a_lane_has_its_own_jobs_and_every_job_a_lane(runtime: Runtime) -> None:
    ask(runtime, "test.upkeep", "long", n=1)
    ask(runtime, "test.note", "short", n=2)
    ask(runtime, "of.a.later.release", "unknown")
    assert run_due(runtime, lane=Lane.PROMPT) == 2
    assert ran == [{"n": 2}]
    assert run_due(runtime, lane=Lane.OUTSIDE) == run_due(runtime, lane=Lane.FILES) == 0
    assert run_due(runtime, lane=Lane.UPKEEP) == 1
    assert ran == [{"n": 2}, {"n": 1}]


def test_asking_many_times_is_one_job_with_the_newest_payload(runtime: Runtime) -> None:
    for n in range(5):
        ask(runtime, "test.note", "a", n=n)
    run_until_idle(runtime)
    assert ran == [{"n": 4}]


def test_asking_again_and_again_puts_nothing_off(runtime: Runtime, clock: FixedClock) -> None:
    for number in range(4):
        with runtime.work() as work:
            work.enqueue("test.note", "a", {"n": number}, delay=timedelta(seconds=10))
        clock.advance(timedelta(seconds=3))
    assert run_until_idle(runtime) == 1
    assert ran == [{"n": 3}]


def test_asked_for_again_while_it_runs_it_runs_again(runtime: Runtime) -> None:
    ask(runtime, "test.note", "a", n=1)
    with runtime.work() as work:
        claimed = jobs.claim(
            work.session, the_job(runtime).id, runtime.clock.now(), timedelta(seconds=60)
        )
    assert claimed is not None
    ask(runtime, "test.note", "a", n=2)
    assert run_due(runtime) == 0
    with runtime.work() as work:
        jobs.finish(work.session, claimed, runtime.clock.now())
    run_until_idle(runtime)
    assert ran == [{"n": 2}]


def test_a_failing_job_backs_off_keeps_its_error_and_is_set_aside(
    runtime: Runtime, clock: FixedClock
) -> None:
    ask(runtime, "test.fail", "f")
    assert run_due(runtime) == 1
    first = the_job(runtime)
    assert (first.state, first.attempts) == ("queued", 1)
    assert first.last_error == "OSError: the registry is on fire"
    assert first.run_at == clock.now() + timedelta(seconds=1)
    assert run_due(runtime) == 0
    for _ in range(runtime.settings.job_max_attempts):
        clock.advance(timedelta(days=1))
        run_due(runtime)
    assert the_job(runtime).state == "failed"
    clock.advance(timedelta(days=1))
    assert run_due(runtime) == 0
    with runtime.work() as work:
        assert jobs.retry(work.session, first.id, clock.now())
    assert run_due(runtime) == 1


def test_being_told_to_wait_is_no_failure(runtime: Runtime, clock: FixedClock) -> None:
    ask(runtime, "test.wait", "w")
    for _ in range(runtime.settings.job_max_attempts + 2):
        assert run_due(runtime) == 1
        clock.advance(timedelta(seconds=30))
    assert the_job(runtime).state == "queued"
    assert the_job(runtime).attempts == 0


def test_a_dead_workers_job_is_taken_over_and_the_dead_cannot_finish_it(
    runtime: Runtime, clock: FixedClock
) -> None:
    ask(runtime, "test.note", "a", n=1)
    job_id = the_job(runtime).id
    with runtime.work() as work:
        dead = jobs.claim(work.session, job_id, clock.now(), timedelta(seconds=60))
    assert dead is not None
    assert not run_job(runtime, job_id)
    clock.advance(timedelta(seconds=61))
    with runtime.work() as work:
        heir = jobs.claim(work.session, job_id, clock.now(), timedelta(seconds=60))
    assert heir is not None
    with runtime.work() as work:
        jobs.finish(work.session, dead, clock.now())
    assert the_job(runtime).state == "running"
    with runtime.work() as work:
        jobs.finish(work.session, heir, clock.now())
    assert the_job(runtime).state == "done"


def test_eight_workers_that_want_one_job_run_it_once(runtime: Runtime) -> None:
    ask(runtime, "test.note", "a", n=1)
    job_id = the_job(runtime).id
    start = threading.Barrier(8)

    def grab() -> None:
        start.wait()
        run_job(runtime, job_id)

    threads = [threading.Thread(target=grab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == [{"n": 1}]


def test_many_transactions_that_ask_for_the_same_jobs_in_any_order_all_commit(
    runtime: Runtime,
) -> None:
    keys = [f"k{n}" for n in range(6)]
    failures: list[Exception] = []

    def ask_in(order: list[str]) -> None:
        try:
            for _ in range(5):
                with runtime.work() as work:
                    for key in order:
                        work.enqueue("test.note", key, {})
                    work.changed("some-record")
        except Exception as error:  # noqa: BLE001 - any failure is the finding
            failures.append(error)

    threads = [threading.Thread(target=ask_in, args=(order,)) for order in (keys, keys[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
