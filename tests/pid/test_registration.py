"""From publication to a findable DOI, on both databases, at a registry over real HTTP."""

from datetime import timedelta

import pytest

from repository.accounts.models import ANONYMOUS
from repository.core.clock import FixedClock
from repository.core.errors import NotFound
from repository.core.runtime import Runtime
from repository.deposit.drafts import create_draft, discard_draft
from repository.deposit.publish import withdraw
from repository.pid import services
from repository.pid.models import PidState
from tests.pid.helpers import (
    PREFIX,
    depositor,
    edited,
    identifier,
    metadata,
    published,
    run_jobs,
    succeeded,
)
from tests.services.datacite_registry import Fault, Registry


def relations(registry: Registry, doi: str | None) -> set[tuple[str, str]]:
    related = registry.dois[str(doi)].attributes["relatedIdentifiers"]
    return {(r["relationType"], r["relatedIdentifier"]) for r in related}


def test_publishing_waits_for_nobody_and_the_registry_follows(
    registered: Runtime, registry: Registry
) -> None:
    with registered.work() as work:
        version = published(work)
        doi, concept = version.doi, version.record.doi
    with registered.read() as work:
        state = services.state_of(work, str(doi))
        assert state is not None
        assert state.pending
        assert state.state is PidState.RESERVED
        assert services.resolve(work, ANONYMOUS, str(doi)) == version.id
    assert registry.dois == {}
    run_jobs(registered)
    with registered.read() as work:
        state = services.state_of(work, str(doi))
        assert state is not None
        assert (state.state, state.pending) == (PidState.FINDABLE, False)
    assert set(registry.dois) == {doi, concept}
    assert {held.state for held in registry.dois.values()} == {"findable"}
    page = "http://repository.test/records/"
    assert registry.dois[str(doi)].attributes["url"] == page + version.id
    assert registry.dois[str(concept)].attributes["url"] == page + version.record_id
    assert str(doi).startswith(PREFIX + "/")


def test_versions_and_concept_name_each_other(registered: Runtime, registry: Registry) -> None:
    with registered.work() as work:
        first = published(work, "First")
    with registered.work() as work:
        second = succeeded(work, first.id, "Second")
        concept = str(second.record.doi)
    run_jobs(registered)
    assert relations(registry, first.doi) >= {
        ("IsVersionOf", concept),
        ("IsPreviousVersionOf", str(second.doi)),
    }
    assert relations(registry, second.doi) >= {
        ("IsVersionOf", concept),
        ("IsNewVersionOf", str(first.doi)),
    }
    assert relations(registry, concept) >= {
        ("HasVersion", str(first.doi)),
        ("HasVersion", str(second.doi)),
    }
    assert registry.dois[concept].attributes["titles"][0]["title"] == "Second"
    with registered.read() as work:
        assert services.resolve(work, ANONYMOUS, concept) == second.id


def test_what_was_superseded_is_never_sent_and_what_is_held_is_not_sent_again(
    registered: Runtime, registry: Registry
) -> None:
    with registered.work() as work:
        version = published(work, "First wording")
    for wording in ("Second wording", "Third wording"):
        with registered.work() as work:
            edited(work, version.id, wording)
    run_jobs(registered)
    titles = [sent["titles"][0]["title"] for doi, sent in registry.puts if doi == version.doi]
    assert titles == ["Third wording"]
    with registered.work() as work:
        services.request_registration(work, edited(work, version.id, "Third wording"))
    run_jobs(registered)
    assert len(registry.puts) == 2


def test_a_withdrawn_version_is_hidden_and_a_later_one_stays(
    registered: Runtime, registry: Registry
) -> None:
    with registered.work() as work:
        first = published(work, "First")
        second = succeeded(work, first.id, "Second")
    run_jobs(registered)
    with registered.work() as work:
        again = work.session.get_one(type(second), second.id)
        withdraw(work, depositor(work), again, "other")
    run_jobs(registered)
    assert registry.dois[str(second.doi)].state == "registered"
    assert registry.dois[str(first.record.doi)].state == "findable"
    assert registry.dois[str(first.record.doi)].attributes["titles"][0]["title"] == "First"
    with registered.read() as work:
        assert identifier(work, second.doi).state == PidState.WITHDRAWN


def test_withdrawn_before_it_was_ever_registered(registered: Runtime, registry: Registry) -> None:
    with registered.work() as work:
        version = published(work)
        withdraw(work, depositor(work), version, "other")
    run_jobs(registered)
    assert registry.dois[str(version.doi)].state == "registered"


def test_a_hidden_record_is_not_announced_until_its_embargo_ends(
    registered: Runtime, registry: Registry, clock: FixedClock
) -> None:
    until = (clock.now() + timedelta(days=10)).date().isoformat()
    with registered.work() as work:
        version = published(
            work, "Secret", record="restricted", embargo={"active": True, "until": until}
        )
    run_jobs(registered)
    assert registry.dois == {}
    with registered.read() as work, pytest.raises(NotFound):
        services.resolve(work, ANONYMOUS, str(version.doi))
    clock.advance(timedelta(days=10))
    with registered.work() as work:
        services.ask_after_embargoes(work)
    run_jobs(registered)
    assert registry.dois[str(version.doi)].state == "findable"
    with registered.work() as work:
        assert services.ask_after_embargoes(work) == 0


def test_a_record_hidden_later_leaves_no_words_behind(
    registered: Runtime, registry: Registry
) -> None:
    with registered.work() as work:
        version = published(work, "Telling title")
    run_jobs(registered)
    with registered.work() as work:
        edited(work, version.id, "Telling title", record="restricted")
    run_jobs(registered)
    for doi in (version.doi, version.record.doi):
        held = registry.dois[str(doi)]
        assert held.state == "registered"
        assert "Telling" not in str(held.attributes)
        assert "Researcher" not in str(held.attributes)


def test_reserved_while_drafting_and_kept_at_publication(
    registered: Runtime, registry: Registry
) -> None:
    with registered.work() as work:
        actor = depositor(work)
        draft = create_draft(work, actor, metadata(), files_enabled=False)
        doi = str(services.reserve(work, draft.version))
        assert services.reserve(work, draft.version) == doi
    run_jobs(registered)
    assert registry.dois == {}
    with registered.read() as work, pytest.raises(NotFound):
        services.resolve(work, actor, doi)
    with registered.work() as work:
        discard_draft(work, actor, draft.version_id)
    with registered.read() as work:
        assert services.state_of(work, doi) is None


@pytest.mark.parametrize("fault", list(Fault))
def test_after_any_one_fault_there_is_one_findable_doi(
    registered: Runtime, registry: Registry, clock: FixedClock, fault: Fault
) -> None:
    registry.hang_seconds = 0.7
    registry.faults.append(fault)
    with registered.work() as work:
        version = published(work)
    run_jobs(registered)
    for _ in range(3):
        clock.advance(timedelta(seconds=30))
        run_jobs(registered)
    assert set(registry.dois) == {version.doi, version.record.doi}
    assert {held.state for held in registry.dois.values()} == {"findable"}
    with registered.read() as work:
        assert not identifier(work, version.doi).is_pending
