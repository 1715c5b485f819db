"""Institutions' own prefixes; DOIs that come from elsewhere."""

import pytest
from sqlalchemy import select

from repository.core.errors import Conflict, NotFound, ValidationFailed
from repository.core.runtime import Runtime
from repository.deposit.drafts import create_draft
from repository.deposit.publish import publish
from repository.pid import services
from repository.pid.accounts import account_for, assign_depositor, save_institution
from repository.pid.models import InstitutionAccount
from repository.records.models import Version
from tests.pid.helpers import (
    depositor,
    edited,
    identifier,
    metadata,
    published,
    run_jobs,
    succeeded,
)
from tests.services.datacite_registry import Registry

OTHER = "10.82002"
EXTERNAL = "10.99999/of.another"


def with_external_doi(runtime: Runtime, doi: str) -> Version:
    with runtime.work() as work:
        draft = create_draft(work, depositor(work), metadata(), files_enabled=False)
        draft.external_doi = doi
        return publish(work, depositor(work), draft.version_id)


def test_an_institution_registers_through_its_own_account(
    registered: Runtime, registry: Registry
) -> None:
    with registered.work() as work:
        save_institution(work, OTHER, "An Institute", "TEST.OTHER", "another password")
        depositor(work)
        assign_depositor(work, OTHER, "researcher@example.org")
    with registered.work() as work:
        version = published(work)
        row = work.session.scalars(select(InstitutionAccount)).one()
        assert b"another password" not in row.password
        assert "another password" not in repr(account_for(work, OTHER))
    run_jobs(registered)
    assert registry.dois[str(version.doi)].owner == "TEST.OTHER"
    assert set(registry.dois) == {version.doi, version.record.doi}


def test_accounts_need_a_prefix_and_a_user(registered: Runtime) -> None:
    with registered.work() as work:
        with pytest.raises(ValidationFailed):
            save_institution(work, "10.1/abc", "An Institute", "TEST.OTHER", "x")
        with pytest.raises(NotFound):
            assign_depositor(work, OTHER, "researcher@example.org")
        save_institution(work, OTHER, "An Institute", "TEST.OTHER", "x")
        with pytest.raises(NotFound):
            assign_depositor(work, OTHER, "nobody@example.org")


def test_a_doi_of_another_registry_is_kept_and_never_sent(
    registered: Runtime, registry: Registry
) -> None:
    version = with_external_doi(registered, f"https://doi.org/{EXTERNAL.upper()}")
    assert version.doi == EXTERNAL
    with registered.work() as work:
        edited(work, version.id, "Edited")
    run_jobs(registered)
    assert registry.dois == {}
    with registered.read() as work:
        assert work.session.get_one(Version, version.id).doi == EXTERNAL
        assert not identifier(work, EXTERNAL).is_pending
    with registered.work() as work:
        second = succeeded(work, version.id, "Second")
    run_jobs(registered)
    assert set(registry.dois) == {second.doi, second.record.doi}


def test_no_two_records_have_one_doi_and_no_doi_is_none(registered: Runtime) -> None:
    with_external_doi(registered, EXTERNAL)
    with pytest.raises(Conflict):
        with_external_doi(registered, EXTERNAL)
    with pytest.raises(ValidationFailed):
        with_external_doi(registered, "not a doi")


def test_a_doi_under_our_prefix_is_adopted_only_when_asked(
    registered: Runtime, registry: Registry
) -> None:
    doi = "10.82001/from-the-old-system"
    version = with_external_doi(registered, doi)
    run_jobs(registered)
    assert registry.dois == {}
    with registered.work() as work:
        services.adopt(work, doi)
    run_jobs(registered)
    assert registry.dois[doi].attributes["url"].endswith(version.id)
    with registered.work() as work, pytest.raises(NotFound):
        services.adopt(work, "10.82001/never-heard-of")


def test_changing_ones_mind_while_drafting(registered: Runtime) -> None:
    with registered.work() as work:
        draft = create_draft(work, depositor(work), metadata(), files_enabled=False)
        own = str(services.reserve(work, draft.version))
        draft.external_doi = EXTERNAL
        assert services.reserve(work, draft.version) == EXTERNAL
        assert services.state_of(work, own) is None
        draft.external_doi = None
        assert services.reserve(work, draft.version) == own
        assert services.state_of(work, EXTERNAL) is None
