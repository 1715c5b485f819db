"""The queue of an account: rate, pauses, order, workers that overtake each other."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from repository.core.clock import FixedClock
from repository.core.errors import RepositoryError
from repository.core.runner import run_due
from repository.core.runtime import Runtime
from repository.pid import gate, services, sync
from repository.pid.accounts import account_for
from repository.pid.models import Identifier
from repository.pid.providers.registry import open_provider
from tests.pid.helpers import PREFIX, datacite_settings, edited, identifier, published, run_jobs
from tests.services.datacite_registry import Fault, Registry
from tests.services.process import free_port


def pause_message(runtime: Runtime) -> str:
    with runtime.read() as work:
        pause = gate.pause_of(work, PREFIX)
        return pause.message if pause else ""


def test_the_rate_is_kept_and_the_backlog_goes_out_in_order(
    database_url: str, tmp_path: Path, registry: Registry, clock: FixedClock
) -> None:
    settings = datacite_settings(
        tmp_path, database_url, registry.url, datacite_rate_limit=7, datacite_rate_seconds=300
    )
    runtime = Runtime.from_settings(settings, clock)
    order = []
    with runtime.work() as work:
        for number in range(10):
            version = published(work, f"Title {number}")
            order += [version.record.doi, version.doi]
    sent = []
    for _window in range(3):
        run_jobs(runtime)
        sent.append(len(registry.puts))
        clock.advance(timedelta(seconds=299))
        run_jobs(runtime)
        assert len(registry.puts) == sent[-1]
        clock.advance(timedelta(seconds=1))
    runtime.close()
    assert sent == [7, 14, 20]
    assert [doi for doi, _ in registry.puts] == order


def test_retry_after_is_obeyed_by_every_doi(
    registered: Runtime, registry: Registry, clock: FixedClock
) -> None:
    registry.retry_after = 40
    registry.faults.append(Fault.THROTTLE)
    with registered.work() as work:
        published(work)
    run_jobs(registered)
    with registered.work() as work:
        published(work)
    run_jobs(registered)
    assert not registry.puts
    clock.advance(timedelta(seconds=39))
    run_jobs(registered)
    assert not registry.puts
    clock.advance(timedelta(seconds=1))
    run_jobs(registered)
    assert len(registry.dois) == 4


def test_one_doi_the_registry_cannot_take_does_not_hold_up_the_others(
    registered: Runtime, registry: Registry, clock: FixedClock
) -> None:
    with registered.work() as work:
        taken = published(work, "Taken")
        other = published(work, "Other")
        doi = str(taken.doi)
    registry.put("TEST.REPO", doi, {})
    registry.dois[doi].owner = "TEST.OTHER"
    registry.puts.clear()
    run_jobs(registered)
    assert registry.dois[str(other.doi)].state == "findable"
    with registered.read() as work:
        state = services.state_of(work, doi)
        assert state is not None
        assert state.pending
        assert "does not let this account register" in str(state.failure)
    registry.dois[doi].owner = "TEST.REPO"
    clock.advance(timedelta(seconds=1))
    run_jobs(registered)
    with registered.read() as work:
        state = services.state_of(work, doi)
        assert state is not None
        assert (state.pending, state.failure) == (False, None)


def test_an_overtaken_worker_does_not_leave_old_metadata_behind(
    registered: Runtime, registry: Registry, clock: FixedClock
) -> None:
    """A worker stops after it has read what to send; another sends something newer; the first
    wakes up, overwrites that, and does not even learn that it did."""
    with registered.work() as work:
        version = published(work, "Old")
        doi = str(version.doi)
        identifier(work, version.record.doi).due_at = None
    with registered.read() as work:
        account = account_for(work, PREFIX)
    with registered.work() as work:
        frozen = sync.next_step(work, account)
    assert isinstance(frozen, sync.Sending)
    with registered.work() as work:
        edited(work, version.id, "New")
    clock.advance(timedelta(seconds=5))
    run_jobs(registered)
    assert registry.dois[doi].attributes["titles"][0]["title"] == "New"
    registry.faults.append(Fault.ERROR_AFTER)
    outcome = sync.send(open_provider(account), frozen)
    with registered.work() as work:
        sync.settle(work, account, outcome)
    assert registry.dois[doi].attributes["titles"][0]["title"] == "Old"
    clock.advance(timedelta(seconds=5))
    run_jobs(registered)
    assert registry.dois[doi].attributes["titles"][0]["title"] == "New"


def test_nothing_newer_is_sent_while_an_older_request_may_still_be_at_work(
    registered: Runtime, registry: Registry, clock: FixedClock
) -> None:
    registry.hang_seconds = 0.7
    registry.faults.append(Fault.HANG)
    with registered.work() as work:
        version = published(work, "Old")
        identifier(work, version.record.doi).due_at = None
    run_due(registered)
    with registered.work() as work:
        edited(work, version.id, "New")
    run_due(registered)
    assert version.doi not in registry.dois
    clock.advance(timedelta(seconds=1))
    run_jobs(registered)
    assert registry.dois[str(version.doi)].attributes["titles"][0]["title"] == "New"


def test_wrong_credentials_are_told_once_and_depositing_goes_on(
    database_url: str, tmp_path: Path, registry: Registry, clock: FixedClock
) -> None:
    settings = datacite_settings(
        tmp_path, database_url, registry.url, datacite_password="not the password"
    )
    runtime = Runtime.from_settings(settings, clock)
    with runtime.work() as work:
        for _ in range(3):
            published(work)
    run_jobs(runtime)
    assert "REPOSITORY_DATACITE_PASSWORD" in pause_message(runtime)
    with runtime.work() as work:
        version = published(work)
    with runtime.read() as work:
        failures = work.session.scalars(select(Identifier.failure)).all()
        assert set(failures) == {None}
        assert services.state_of(work, str(version.doi))
    runtime.close()


def test_an_unreachable_registry_pauses_the_account(
    database_url: str, tmp_path: Path, registry: Registry, clock: FixedClock
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    runtime = Runtime.from_settings(datacite_settings(tmp_path, database_url, nowhere), clock)
    with runtime.work() as work:
        published(work)
    run_jobs(runtime)
    assert pause_message(runtime).startswith(f"The registry at {nowhere}/ cannot be reached")
    runtime.close()


def test_retry_now_lifts_the_pause_and_sends_again(
    registered: Runtime, registry: Registry, clock: FixedClock
) -> None:
    with registered.work() as work:
        version = published(work)
    run_jobs(registered)
    sent = len(registry.puts)
    registry.faults.extend([Fault.ERROR] * 3)
    for _ in range(3):
        with registered.work() as work:
            sync.retry_now(work, identifier(work, version.doi))
        run_due(registered)
    assert pause_message(registered) or len(registry.puts) == sent
    with registered.work() as work:
        sync.retry_now(work, identifier(work, version.doi))
    assert pause_message(registered) == ""
    run_jobs(registered)
    assert len(registry.puts) == sent + 1


def test_one_that_cannot_be_described_does_not_hold_up_the_others(
    registered: Runtime, registry: Registry, clock: FixedClock
) -> None:
    with registered.work() as work:
        odd, other = published(work, "Odd"), published(work, "Other")
        odd.metadata_json = {"titles": []}
    run_jobs(registered)
    assert registry.dois[str(other.doi)].state == "findable"
    with registered.read() as work:
        assert identifier(work, odd.doi).failure == "cannot be described (ValidationError)"


def test_a_prefix_nobody_registers_any_more_fails_visibly(registered: Runtime) -> None:
    with registered.read() as work, pytest.raises(RepositoryError, match=r"prefix 10\.99999"):
        account_for(work, "10.99999")
