"""A draft on its way into a collection: both sides, every step, and what is published."""

import io
from typing import Any

import pytest
from sqlalchemy import select

from repository.access.rules import Action, can, downloadable_by, visible_to
from repository.accounts.models import Actor, Notice
from repository.audit.models import AuditEvent
from repository.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    ValidationFailed,
)
from repository.curation import collections, placing, reviews
from repository.deposit import drafts, review
from repository.deposit.files import put_file, receive
from repository.deposit.publish import publish
from repository.records.access import AccessSettings
from repository.records.models import Draft, State, Version
from tests.curation.conftest import People
from tests.oai.publishing import METADATA

TITLE = "/metadata/titles/0/title"


class Desk:
    """A draft of the publisher's, and a collection with a curator."""

    def __init__(self, people: People, **values: str) -> None:
        self.people = people
        self.slug = people.collection("kho", submission="review", checklist="Tiêu đề", **values)
        people.member(self.slug, "curator", "curator")
        people.member(self.slug, "reader", "reader")
        self.owner, self.curator = people.publisher.actor, people.actor("curator")
        with people.runtime.work() as work:
            self.draft = drafts.create_draft(
                work, self.owner, METADATA, files_enabled=False
            ).version_id

    def submit(self) -> int:
        with self.people.runtime.work() as work:
            review.choose(work, self.owner, self.draft, self.slug)
            return review.submit(work, self.owner, self.draft, "Xin xem giúp").id

    def do(self, act: Any, actor: Actor, number: int, *args: Any, **named: Any) -> Any:
        with self.people.runtime.work() as work:
            return act(work, actor, reviews.find(work, actor, number), *args, **named)

    def title(self) -> str:
        with self.people.runtime.read() as work:
            draft = work.session.get_one(Draft, self.draft)
            return str(draft.metadata_json["titles"][0]["title"])

    def edit(self, actor: Actor, title: str) -> None:
        with self.people.runtime.work() as work:
            told = METADATA | {"titles": [{"title": title}]}
            drafts.save_draft(work, actor, self.draft, metadata=told)

    def version(self) -> Version:
        with self.people.runtime.read() as work:
            version = work.session.get_one(Version, self.draft)
            _ = version.record
            return version


@pytest.fixture
def desk(people: People) -> Desk:
    return Desk(people)


def test_a_review_with_two_changes_an_undo_and_the_end(desk: Desk) -> None:
    number = desk.submit()
    said = desk.do(reviews.comment, desk.curator, number, "Rõ hơn", pointer=TITLE, suggestion="Mới")
    more = desk.do(reviews.comment, desk.curator, number, "", pointer=TITLE, suggestion="Mới hơn")
    desk.do(reviews.send_back, desk.curator, number, "Hai chỗ")
    desk.do(review.apply_suggestion, desk.owner, number, said.id)
    assert desk.title() == "Mới"
    desk.do(review.undo_suggestion, desk.owner, number, said.id)
    assert desk.title() == METADATA["titles"][0]["title"]
    desk.do(review.apply_suggestion, desk.owner, number, more.id)
    with pytest.raises(Conflict):
        desk.do(review.accept, desk.curator, number)
    assert desk.submit() == number
    desk.do(review.accept, desk.curator, number)
    assert desk.version().state == State.PUBLISHED
    assert desk.version().metadata_json["titles"][0]["title"] == "Mới hơn"
    with desk.people.runtime.read() as work:
        found = placing.collections_of(work, desk.version().record_id)
        assert [each.slug for each in found] == [desk.slug]
        steps = {event.action for event in work.session.scalars(select(AuditEvent))}
        told = {notice.kind for notice in work.session.scalars(select(Notice))}
    assert steps >= {"review.submit", "review.changes", "review.applied", "review.accept"}
    assert told >= {"review.submitted", "review.comment", "review.changes", "review.accepted"}


def test_only_what_was_looked_at_is_published(desk: Desk) -> None:
    """Metadata, access and files count; the compare is under the draft's lock."""
    number = desk.submit()
    desk.edit(desk.owner, "Đổi sau khi gửi")
    with pytest.raises(PreconditionFailed):
        desk.do(review.accept, desk.curator, number)
    with desk.people.runtime.read() as work:
        seen = review.fingerprint(work, work.session.get_one(Draft, desk.draft))
    stored = receive(desk.people.runtime, io.BytesIO(b"a,b\n"))
    with desk.people.runtime.work() as work:
        drafts.save_draft(work, desk.owner, desk.draft, files_enabled=True)
        put_file(work, desk.owner, desk.draft, "a.csv", stored)
    with pytest.raises(PreconditionFailed):
        desk.do(review.accept, desk.curator, number, looked_at=seen)
    with desk.people.runtime.read() as work:
        seen = review.fingerprint(work, work.session.get_one(Draft, desk.draft))
    desk.do(review.accept, desk.curator, number, looked_at=seen)
    assert desk.version().file_count == 1


def test_who_may_do_what(desk: Desk) -> None:
    number = desk.submit()
    stranger, reader = desk.people.actor("stranger"), desk.people.actor("reader")
    for actor in (stranger, reader):
        with pytest.raises(NotFound):
            desk.do(reviews.comment, actor, number, "x")
    for act in (reviews.send_back, reviews.decline):
        with pytest.raises(Forbidden):
            desk.do(act, desk.owner, number, "")
    with pytest.raises(Forbidden):
        desk.do(review.accept, desk.owner, number)
    with pytest.raises(Forbidden):
        desk.do(reviews.cancel, desk.curator, number)
    with desk.people.runtime.work() as work, pytest.raises(Forbidden):
        publish(work, desk.curator, desk.draft)
    with desk.people.runtime.work() as work, pytest.raises(Conflict):
        publish(work, desk.owner, desk.draft)
    with desk.people.runtime.work() as work, pytest.raises(Conflict):
        drafts.discard_draft(work, desk.curator, desk.draft)


def test_a_curator_sees_and_improves_a_draft_only_while_it_is_reviewed(desk: Desk) -> None:
    with desk.people.runtime.work() as work, pytest.raises(NotFound):
        drafts.get_draft(work, desk.curator, desk.draft)
    number = desk.submit()
    desk.edit(desk.curator, "Người biên tập sửa")
    assert desk.title() == "Người biên tập sửa"
    desk.do(reviews.cancel, desk.owner, number)
    with desk.people.runtime.work() as work, pytest.raises(NotFound):
        drafts.get_draft(work, desk.curator, desk.draft)
    with desk.people.runtime.work() as work:
        publish(work, desk.owner, desk.draft)
    with desk.people.runtime.read() as work:
        assert placing.collections_of(work, desk.version().record_id) == []


def test_what_is_missing_keeps_a_draft_from_being_submitted(desk: Desk) -> None:
    with desk.people.runtime.work() as work:
        drafts.save_draft(work, desk.owner, desk.draft, metadata={})
    with pytest.raises(ValidationFailed):
        desk.submit()
    with desk.people.runtime.read() as work:
        assert reviews.queue(work, desk.curator) == ([], 0)


def test_a_suggestion_for_a_field_that_is_gone_changes_nothing(desk: Desk) -> None:
    number = desk.submit()
    pointer = "/metadata/titles/7/title"
    said = desk.do(reviews.comment, desk.curator, number, "", pointer=pointer, suggestion="x")
    with pytest.raises(Conflict):
        desk.do(review.apply_suggestion, desk.owner, number, said.id)
    with pytest.raises(ValidationFailed):
        desk.do(reviews.comment, desk.curator, number, "", pointer="/files/a", suggestion="x")


def test_a_suggestion_may_add_what_is_missing_and_be_undone(desk: Desk) -> None:
    number = desk.submit()
    pointer, licence = "/metadata/rights/-", {"id": "cc0-1.0"}

    def rights() -> list[Any]:
        with desk.people.runtime.read() as work:
            found = work.session.get_one(Draft, desk.draft).metadata_json.get("rights") or []
            return [each["id"] for each in found]

    before = rights()
    said = desk.do(reviews.comment, desk.curator, number, "", pointer=pointer, suggestion=licence)
    desk.do(review.apply_suggestion, desk.owner, number, said.id)
    assert rights() == [*before, "cc0-1.0"]
    desk.do(review.undo_suggestion, desk.owner, number, said.id)
    assert rights() == before


def test_what_changed_stays_marked_until_its_reader_acts(desk: Desk) -> None:
    number = desk.submit()
    desk.do(review.look, desk.curator, number)
    desk.edit(desk.owner, "Tên sau")
    stored = receive(desk.people.runtime, io.BytesIO(b"a,b\n"))
    with desk.people.runtime.work() as work:
        drafts.save_draft(work, desk.owner, desk.draft, files_enabled=True)
        put_file(work, desk.owner, desk.draft, "a.csv", stored)
    for _twice in range(2):
        desk.do(review.look, desk.curator, number, anew=False)
        found = desk.do(review.changed_since, desk.curator, number)
        pointers = [pointer for pointer, _old, _new in found]
        assert TITLE in pointers
        assert "/files/a.csv" in pointers
    desk.do(review.look, desk.curator, number)
    assert desk.do(review.changed_since, desk.curator, number) == []


def test_an_open_collection_takes_a_submission_at_once(people: People) -> None:
    desk = Desk(people)
    with people.runtime.work() as work:
        collections.update(work, people.curator, desk.slug, {"submission": "open"})
    number = desk.submit()
    with people.runtime.read() as work:
        assert reviews.find(work, desk.owner, number).status == "accepted"
    assert desk.version().state == State.PUBLISHED


def test_the_queue_has_what_concerns_one(desk: Desk) -> None:
    number = desk.submit()
    with desk.people.runtime.read() as work:
        for actor, count in (
            (desk.curator, 1),
            (desk.owner, 1),
            (desk.people.curator, 1),
            (desk.people.actor("reader"), 0),
            (desk.people.actor("stranger"), 0),
        ):
            assert reviews.queue(work, actor)[1] == count
            assert reviews.queue(work, actor, status="declined")[1] == 0
            assert reviews.queue(work, actor, late=True)[1] == 0
        assert reviews.queue(work, desk.owner, side="depositor")[1] == 1
        assert reviews.queue(work, desk.owner, side="curator")[1] == 0
        assert [c.slug for c in reviews.collections_in_queue(work, desk.curator)] == [desk.slug]
        assert reviews.collections_in_queue(work, desk.people.actor("stranger")) == []
    desk.do(reviews.decline, desk.curator, number, "Không hợp")
    with desk.people.runtime.read() as work:
        assert reviews.queue(work, desk.curator, status="declined")[1] == 1
        assert reviews.queue(work, desk.curator)[1] == 0


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("reader", {Action.VIEW, Action.DOWNLOAD}),
        ("submitter", {Action.VIEW, Action.DOWNLOAD}),
        ("curator", {Action.VIEW, Action.DOWNLOAD, Action.EDIT}),
        ("manager", {Action.VIEW, Action.DOWNLOAD, Action.EDIT}),
    ],
)
def test_members_have_what_their_role_says_in_python_and_sql(
    people: People, role: str, may: set[Action]
) -> None:
    """Of restricted records in their collection alone, never to publish, withdraw or share."""
    people.collection("kho")
    people.member("kho", "reader", role)
    actor, now = people.actor("reader"), people.runtime.clock.now()
    closed = {"record": "restricted", "files": "restricted"}
    inside, outside = (people.publisher.publish(t, closed) for t in ("Trong", "Ngoài"))
    with people.runtime.work() as work:
        collection = collections.find(work, "kho")
        placing.add_record(work, people.publisher.actor, collection, inside)
    with people.runtime.read() as work:
        version = work.session.get_one(Version, inside)
        assert {action for action in Action if can(actor, action, version, now)} == may
        for twin in (visible_to, downloadable_by):
            found = work.session.scalars(select(Version.id).where(twin(actor, now)))
            assert set(found) == {inside}
        other = work.session.get_one(Version, outside)
        assert not any(can(actor, action, other, now) for action in Action)
    with people.runtime.work() as work:
        collection = collections.find(work, "kho")
        placing.remove_record(work, people.publisher.actor, collection, inside)
    with people.runtime.read() as work:
        assert not can(actor, Action.VIEW, work.session.get_one(Version, inside), now)


def test_access_settings_are_part_of_what_was_reviewed(desk: Desk) -> None:
    number = desk.submit()
    with desk.people.runtime.work() as work:
        closed = AccessSettings(record="restricted", files="restricted")
        drafts.save_draft(work, desk.owner, desk.draft, access=closed)
    with pytest.raises(PreconditionFailed):
        desk.do(review.accept, desk.curator, number)
