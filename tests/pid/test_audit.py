"""The drift audit: what it finds, what it repairs, what its command says."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.pid.audit import differences
from repository.pid.cli import pid
from repository.pid.jobs import audit
from repository.pid.models import PidState
from repository.pid.providers.base import Held, Target
from tests.pid.helpers import identifier, published, run_jobs
from tests.services.datacite_registry import Fault, Registry


def run(runtime: Runtime, *arguments: str) -> Result:
    class Kept(Runtime):
        """The test's own, which the command leaves open."""

        def close(self) -> None:
            return

    kept = Kept(runtime.settings, runtime.database, runtime.store, runtime.clock)
    return CliRunner().invoke(pid, arguments, obj=lambda: kept)


@pytest.fixture
def doi(registered: Runtime) -> str:
    with registered.work() as work:
        version = published(work)
    run_jobs(registered)
    return str(version.doi)


def test_nothing_differs(registered: Runtime, doi: str) -> None:
    done = run(registered, "audit")
    assert (done.exit_code, done.stdout) == (0, "2 compared, 0 differ\n")


@pytest.mark.parametrize("field", ["url", "titles", "state", "gone"])
def test_drift_is_found_shown_and_repaired(
    registered: Runtime, registry: Registry, clock: FixedClock, doi: str, field: str
) -> None:
    held = registry.dois[doi]
    if field == "url":
        held.attributes["url"] = "https://old.example.org/1"
    elif field == "titles":
        held.attributes["titles"] = [{"title": "Another"}]
    elif field == "state":
        held.state = "registered"
    else:
        del registry.dois[doi]
    clock.advance(timedelta(seconds=1))
    found = run(registered, "audit")
    assert found.exit_code == 1
    assert doi in found.stdout
    assert "2 compared, 1 differ\n" in found.stdout
    with registered.read() as work:
        assert identifier(work, doi).differences
    clock.advance(timedelta(seconds=1))
    assert run(registered, "audit", "--repair").exit_code == 1
    run_jobs(registered)
    clock.advance(timedelta(seconds=1))
    assert run(registered, "audit").exit_code == 0
    assert registry.dois[doi].state == "findable"


def test_a_registry_that_fails_ends_the_audit(
    registered: Runtime, registry: Registry, doi: str
) -> None:
    registry.faults.append(Fault.ERROR)
    done = run(registered, "audit")
    assert done.exit_code == 2
    assert "the registry failed (500 Internal Server Error)" in done.stderr


def test_the_weekly_job_compares_each_identifier_once_a_week(
    registered: Runtime, registry: Registry, clock: FixedClock, doi: str
) -> None:
    registry.dois[doi].attributes["url"] = "https://old.example.org/1"
    audit(registered, {})
    with registered.read() as work:
        first = identifier(work, doi).checked_at
        assert identifier(work, doi).differences
    clock.advance(timedelta(days=6))
    audit(registered, {})
    clock.advance(timedelta(days=2))
    with registered.read() as work:
        assert identifier(work, doi).checked_at == first
    audit(registered, {})
    with registered.read() as work:
        assert identifier(work, doi).checked_at == clock.now()


def test_what_the_registry_adds_is_no_difference() -> None:
    sent = {"creators": [{"name": "A", "nameIdentifiers": []}], "publicationYear": "2026"}
    found = {
        "creators": [{"name": "A", "nameType": None, "affiliation": []}],
        "publicationYear": 2026,
        "viewCount": 3,
    }
    target = Target("10.1/a", PidState.FINDABLE, "https://x.example.org", sent)
    held = Held(PidState.FINDABLE, "https://x.example.org", found)
    assert list(differences(target, held)) == []
    fewer = Held(PidState.FINDABLE, "https://x.example.org", found | {"creators": []})
    assert [d["field"] for d in differences(target, fewer)] == ["creators"]


def test_the_commands_say_what_is_wrong(registered: Runtime, registry: Registry) -> None:
    assert run(registered, "check").exit_code == 0
    registry.accounts["TEST.REPO"].password = "changed"
    done = run(registered, "check")
    assert done.exit_code == 1
    assert "REPOSITORY_DATACITE_PASSWORD" in done.stderr
    registry.accounts["TEST.REPO"].password = "registry password"
    registry.accounts["TEST.REPO"].prefixes = frozenset({"10.99999"})
    assert "REPOSITORY_DATACITE_PREFIX" in run(registered, "check").stderr
