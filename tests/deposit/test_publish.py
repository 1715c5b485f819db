from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from repository.access.documents import document_for, find_version, latest_visible
from repository.accounts.models import ANONYMOUS, Actor, Scope
from repository.core.clock import FixedClock
from repository.core.errors import Forbidden, NotFound, PreconditionFailed, ValidationFailed
from repository.core.feed import Change
from repository.core.runtime import Runtime
from repository.deposit import drafts
from repository.deposit.files import announce_files
from repository.deposit.form.choices import Choices
from repository.deposit.history import history
from repository.deposit.publish import publish, withdraw
from repository.records.access import AccessSettings, Embargo
from repository.records.models import Draft, Record, Revision, Version
from tests.deposit.conftest import Depositor


def refused(runtime: Runtime, lan: Depositor, version_id: str) -> set[str]:
    with pytest.raises(ValidationFailed) as told, runtime.work() as work:
        publish(work, lan.actor, version_id)
    return {error.pointer for error in told.value.errors}


def test_published_the_first_time(runtime: Runtime, lan: Depositor, complete: Any) -> None:
    version_id = lan.published("a.csv", "b.csv")
    with runtime.read() as work:
        version = work.session.get_one(Version, version_id)
        assert (version.state, version.revision) == ("published", 1)
        assert (version.file_count, version.file_bytes) == (2, 10)
        assert version.record.latest_id == version_id
        assert version.doi
        assert version.record.doi
        assert work.session.get(Draft, version_id) is None
        assert work.session.scalars(select(Revision)).one().user_id == lan.user.id
        assert work.session.scalars(select(Change.record_id)).all() == [version.record_id]
        document = document_for(work, ANONYMOUS, version)
        assert document is not None
        assert document.metadata.publisher == runtime.settings.publisher
        assert document.metadata.titles[0].title == complete["titles"][0]["title"]


def test_what_is_missing_is_named_field_by_field(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({"titles": [{"title": "T"}]})
    missing = refused(runtime, lan, version_id)
    assert missing >= {"/metadata/creators", "/metadata/publication_date", "/files"}
    assert "/metadata/titles" not in missing
    assert "/metadata/publisher" not in missing


def test_a_file_that_did_not_arrive_holds_it_up(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft()
    lan.upload(version_id, "a.csv")
    with runtime.work() as work:
        announce_files(work, lan.actor, version_id, ["b.csv"])
    assert refused(runtime, lan, version_id) == {"/files"}


def test_metadata_alone_where_that_is_said(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft()
    assert refused(runtime, lan, version_id) == {"/files"}
    with runtime.work() as work:
        drafts.save_draft(work, lan.actor, version_id, files_enabled=False)
    lan.publish(version_id)
    with runtime.read() as work:
        document = document_for(work, ANONYMOUS, find_version(work, ANONYMOUS, version_id))
        assert document is not None
        assert document.access.status == "metadata-only"


def test_an_embargo_must_make_sense_to_be_published(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft()
    lan.upload(version_id, "a.csv")
    endless = AccessSettings(embargo=Embargo(active=True))
    with runtime.work() as work:
        drafts.save_draft(work, lan.actor, version_id, access=endless)
    assert refused(runtime, lan, version_id) == {"/access/embargo/until", "/access/files"}


def test_an_embargo_ends_by_itself(runtime: Runtime, lan: Depositor, clock: FixedClock) -> None:
    version_id = lan.draft()
    lan.upload(version_id, "a.csv")
    until = (clock.now() + timedelta(days=3)).date()
    closed = AccessSettings(files="restricted", embargo=Embargo(active=True, until=until))
    with runtime.work() as work:
        drafts.save_draft(work, lan.actor, version_id, access=closed)
    lan.publish(version_id)

    def seen() -> tuple[str, int]:
        with runtime.read() as work:
            document = document_for(work, ANONYMOUS, find_version(work, ANONYMOUS, version_id))
            assert document is not None
            return document.access.status, len(document.files)

    assert seen() == ("embargoed", 0)
    clock.advance(timedelta(days=3))
    assert seen() == ("open", 1)


def test_only_what_was_looked_at_is_published(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft()
    lan.upload(version_id, "a.csv")
    with pytest.raises(PreconditionFailed), runtime.work() as work:
        publish(work, lan.actor, version_id, expected_revision=7)
    with runtime.work() as work:
        assert publish(work, lan.actor, version_id, expected_revision=1).revision == 1


def test_who_may_publish(runtime: Runtime, lan: Depositor, minh: Depositor) -> None:
    version_id = lan.draft()
    with pytest.raises(NotFound), runtime.work() as work:
        publish(work, minh.actor, version_id)
    writer = Actor.of(lan.user, frozenset({Scope.WRITE.value, Scope.READ.value}))
    with pytest.raises(Forbidden), runtime.work() as work:
        publish(work, writer, version_id)


def test_an_edit_is_a_revision_with_history(
    runtime: Runtime, lan: Depositor, clock: FixedClock
) -> None:
    version_id = lan.published()
    clock.advance(timedelta(hours=1))
    with runtime.work() as work:
        draft = drafts.edit_published(work, lan.actor, version_id)
        changed = draft.metadata_json | {
            "titles": [{"title": "Khí hậu Huế", "lang": "vi"}],
            "sizes": ["3 pages"],
        }
        private = AccessSettings(files="restricted")
        drafts.save_draft(work, lan.actor, version_id, metadata=changed, access=private)
    with runtime.read() as work:
        published = work.session.get_one(Version, version_id)
        assert published.metadata_json["titles"][0]["title"] == "Khí hậu Hà Nội"
    lan.publish(version_id)
    with runtime.read() as work:
        version = work.session.get_one(Version, version_id)
        assert (version.revision, version.files_access) == (2, "restricted")
        newest, oldest = history(work, version, Choices("en", str))
    assert (newest.revision, oldest.revision, oldest.differences) == (2, 1, ())
    assert newest.by == "Nguyễn Thị Lan"
    told = {d.label: (d.removed, d.added) for d in newest.differences}
    assert told["Titles"] == (
        ("Khí hậu Hà Nội · Vietnamese", "Climate · English"),
        ("Khí hậu Huế · Vietnamese",),
    )
    assert told["The files"] == (("Everyone may download them",), ("Only you and the curators",))
    assert told["sizes"] == ((), ('["3 pages"]',))
    assert len(told) == 3


def test_the_newest_version_is_the_latest(runtime: Runtime, lan: Depositor) -> None:
    first = lan.published()
    with runtime.work() as work:
        second = drafts.new_version(work, lan.actor, first).version_id
        draft = drafts.get_draft(work, lan.actor, second)
        dated = draft.metadata_json | {"publication_date": "2026-12-01"}
        drafts.save_draft(work, lan.actor, second, metadata=dated)
    with runtime.read() as work:
        assert work.session.scalars(select(Record)).one().latest_id == first
    lan.publish(second)
    with runtime.read() as work:
        assert work.session.scalars(select(Record)).one().latest_id == second


def test_withdrawn(runtime: Runtime, lan: Depositor, minh: Depositor) -> None:
    version_id = lan.published()
    with runtime.work() as work:
        drafts.edit_published(work, lan.actor, version_id)
    with runtime.work() as work:
        version = work.session.get_one(Version, version_id)
        with pytest.raises(Forbidden):
            withdraw(work, minh.actor, version, "legal")
        with pytest.raises(ValidationFailed):
            withdraw(work, lan.actor, version, "because")
        withdraw(work, lan.actor, version, "duplicate", "See the other one.")
    with runtime.read() as work:
        version = find_version(work, ANONYMOUS, version_id)
        document = document_for(work, ANONYMOUS, version)
        assert document is not None
        assert document.withdrawn is not None
        assert (document.withdrawn.reason, document.files) == ("duplicate", ())
        assert work.session.get(Draft, version_id) is None
        assert version.record.latest_id == version_id
        with pytest.raises(Forbidden):
            drafts.edit_published(work, lan.actor, version_id)


def test_withdrawing_the_newest_makes_the_one_before_the_latest(
    runtime: Runtime, lan: Depositor
) -> None:
    first = lan.published()
    with runtime.work() as work:
        draft = drafts.new_version(work, lan.actor, first)
        dated = draft.metadata_json | {"publication_date": "2026-12-01"}
        second = drafts.save_draft(work, lan.actor, draft.version_id, metadata=dated).version_id
    lan.publish(second)
    with runtime.work() as work:
        withdraw(work, lan.actor, work.session.get_one(Version, second), "other")
    with runtime.read() as work:
        assert work.session.scalars(select(Record)).one().latest_id == first
    with runtime.work() as work:
        withdraw(work, lan.actor, work.session.get_one(Version, first), "other")
    with runtime.read() as work:
        newest = work.session.scalars(select(Record)).one()
        shown = latest_visible(work, lan.actor, newest.id)
        assert shown is not None
        assert shown.id == newest.latest_id == second
