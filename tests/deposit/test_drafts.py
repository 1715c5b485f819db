from typing import Any

import pytest
from sqlalchemy import func, select

from repository.accounts.models import ANONYMOUS, Actor, Scope
from repository.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    ValidationFailed,
)
from repository.core.runtime import Runtime
from repository.deposit import drafts, listing
from repository.pid import services as pid
from repository.pid.models import Identifier
from repository.records.access import AccessSettings
from repository.records.models import Draft, File, Record, Version
from tests.deposit.conftest import Depositor


def count(runtime: Runtime, table: type) -> int:
    with runtime.read() as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_draft_keeps_what_was_typed_valid_or_not(runtime: Runtime, lan: Depositor) -> None:
    typed = {"titles": "not a list", "publication_date": "yesterday", "unknown": [1, None]}
    version_id = lan.draft({})
    with runtime.work() as work:
        drafts.save_draft(work, lan.actor, version_id, metadata=typed, expected_revision=1)
    with runtime.read() as work:
        draft = drafts.get_draft(work, lan.actor, version_id)
        assert (draft.metadata_json, draft.revision) == (typed, 2)


def test_the_second_of_two_windows_is_told(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({})
    with runtime.work() as work:
        drafts.save_draft(work, lan.actor, version_id, metadata={"a": 1}, expected_revision=1)
    with pytest.raises(PreconditionFailed), runtime.work() as work:
        drafts.save_draft(work, lan.actor, version_id, metadata={"b": 2}, expected_revision=1)
    with runtime.read() as work:
        assert drafts.get_draft(work, lan.actor, version_id).metadata_json == {"a": 1}


def test_a_draft_is_its_owners_and_the_curators(
    runtime: Runtime, lan: Depositor, minh: Depositor, curator: Depositor
) -> None:
    version_id = lan.draft({})
    with runtime.read() as work:
        assert drafts.get_draft(work, curator.actor, version_id).version_id == version_id
        for stranger in (minh.actor, ANONYMOUS):
            with pytest.raises(NotFound):
                drafts.get_draft(work, stranger, version_id)
        reader = Actor.of(lan.user, frozenset({Scope.READ.value}))
        with pytest.raises(Forbidden):
            drafts.get_draft(work, reader, version_id)
        with pytest.raises(Forbidden):
            drafts.create_draft(work, reader)
        with pytest.raises(Unauthenticated):
            drafts.create_draft(work, ANONYMOUS)


@pytest.mark.parametrize("first", [True, False], ids=["created", "saved"])
def test_metadata_nested_without_end_is_refused(
    runtime: Runtime, lan: Depositor, first: bool
) -> None:
    deep: dict[str, Any] = {}
    for _ in range(50):
        deep = {"a": deep}
    version_id = lan.draft({})
    with runtime.work() as work, pytest.raises(ValidationFailed):  # noqa: PT012 - either way
        if first:
            drafts.create_draft(work, lan.actor, deep)
        else:
            drafts.save_draft(work, lan.actor, version_id, metadata=deep)


def test_discarding_leaves_nothing_of_a_first_draft(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({})
    lan.upload(version_id, "a.csv")
    with runtime.work() as work:
        pid.reserve(work, work.session.get_one(Version, version_id))
    with runtime.work() as work:
        drafts.discard_draft(work, lan.actor, version_id)
    for table in (Draft, Version, Record, File, Identifier):
        assert count(runtime, table) == 0, table


def test_discarding_an_edit_leaves_what_is_published(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.published()
    with runtime.work() as work:
        drafts.edit_published(work, lan.actor, version_id)
    with runtime.work() as work:
        drafts.discard_draft(work, lan.actor, version_id)
    with runtime.read() as work:
        version = work.session.get_one(Version, version_id)
        assert (version.state, version.file_count) == ("published", 1)


def test_discarding_a_new_version_leaves_the_last_one(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.published()
    with runtime.work() as work:
        following = drafts.new_version(work, lan.actor, version_id).version_id
    with runtime.work() as work:
        drafts.discard_draft(work, lan.actor, following)
    with runtime.read() as work:
        record = work.session.scalars(select(Record)).one()
        assert record.latest_id == version_id
    assert (count(runtime, Version), count(runtime, File)) == (1, 1)


def test_a_new_version_has_the_files_and_not_the_dates_of_the_last(
    runtime: Runtime, lan: Depositor
) -> None:
    version_id = lan.published("a.csv", "b/c.csv")
    with runtime.work() as work:
        draft = drafts.new_version(work, lan.actor, version_id)
        assert "publication_date" not in draft.metadata_json
        assert draft.metadata_json["titles"]
        assert draft.version.number == 2
        following = draft.version_id
    with runtime.read() as work:
        old, new = (
            [(f.path, f.sha256, f.size) for f in listing.draft_files(work, v, limit=9)]
            for v in (version_id, following)
        )
        assert old == new
        assert listing.count_files(work, following) == (2, 12)
    with runtime.work() as work:
        assert drafts.new_version(work, lan.actor, version_id).version_id == following
    with pytest.raises(Conflict), runtime.work() as work:
        drafts.new_version(work, lan.actor, following)


def test_strangers_neither_edit_nor_follow(
    runtime: Runtime, lan: Depositor, minh: Depositor
) -> None:
    version_id = lan.published()
    for service in (drafts.edit_published, drafts.new_version):
        with pytest.raises(Forbidden), runtime.work() as work:
            service(work, minh.actor, version_id)


def test_a_copy_has_the_other_text_and_the_same_files(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({"version": "theirs"})
    lan.upload(version_id, "a.csv")
    with runtime.work() as work:
        mine = {"version": "mine"}
        copy = drafts.copy_draft(work, lan.actor, version_id, mine, AccessSettings())
        assert copy.version.record_id != work.session.get_one(Version, version_id).record_id
    with runtime.read() as work:
        assert drafts.get_draft(work, lan.actor, version_id).metadata_json == {"version": "theirs"}
        assert drafts.get_draft(work, lan.actor, copy.version_id).metadata_json == mine
        assert [f.path for f in listing.draft_files(work, copy.version_id, limit=9)] == ["a.csv"]


def test_what_i_have(runtime: Runtime, lan: Depositor, minh: Depositor) -> None:
    published = lan.published()
    waiting = lan.draft({})
    minh.draft({})
    with runtime.work() as work:
        drafts.edit_published(work, lan.actor, published)
    with runtime.read() as work:
        assert listing.count_own(work, lan.actor) == listing.Counts(drafts=2, records=1)
        found = listing.own_drafts(work, lan.actor, offset=0, limit=10)
        assert {draft.version_id for draft in found} == {published, waiting}
        assert len(listing.own_drafts(work, lan.actor, offset=1, limit=10)) == 1
        (row,) = listing.own_records(work, lan.actor, offset=0, limit=10)
        assert row.version.id == published
        assert row.draft is not None
        assert listing.own_records(work, minh.actor, offset=0, limit=10) == []
