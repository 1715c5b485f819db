"""Bulk edits: foreseen, done, interrupted, in conflict, undone."""

from typing import Any

import pytest

from repository.accounts.models import Actor
from repository.audit.models import AuditEvent
from repository.bulk import services, working
from repository.bulk.models import BulkItem
from repository.core import failpoints
from repository.core.errors import Conflict, FieldError, Forbidden, ValidationFailed
from repository.core.feed import last_seq
from repository.curation import collections, placing
from repository.discovery.search import SearchRequest, search
from repository.records.models import Revision
from repository.vocabularies.loading import Description, load
from repository.vocabularies.rows import TermRow
from tests.bulk.conftest import Desk

ADD = {"action": "add", "field": "subject", "value": "ford:1.5"}
EARTH = "Earth and related environmental sciences"


def codes(desk: Desk, version: str) -> list[str]:
    found = desk.metadata(version)["subjects"]
    return [each.get("classification_code") or each["subject"] for each in found]


def test_nothing_happens_before_it_is_started_then_all_of_it_follows(desk: Desk) -> None:
    bulk = desk.begin(ADD, {"action": "set", "field": "publisher", "value": "Nhà Mẫu"})
    before = desk.metadata(desk.versions[0])
    assert (desk.bulk(bulk).state, desk.bulk(bulk).counts) == ("ready", {"change": 3})
    assert before["publisher"] == "Kho dữ liệu nghiên cứu"
    with desk.runtime.read() as work:
        seq = last_seq(work.session)
    desk.start(bulk)
    assert (desk.bulk(bulk).state, desk.bulk(bulk).counts) == ("done", {"done": 3})
    version = desk.version(desk.versions[0])
    assert codes(desk, version.id) == ["khí hậu", "0401", "1.5"]
    assert (version.revision, version.metadata_json["publisher"]) == (2, "Nhà Mẫu")
    with desk.runtime.read() as work:
        assert last_seq(work.session) == seq + 3  # index and OAI-PMH follow
        found = search(work, desk.curator, SearchRequest(EARTH))
        assert len(found.versions) == 3
        kept = work.session.query(Revision).filter_by(version_id=version.id, revision=2).one()
        assert kept.user_id == desk.user.id
        told = work.session.query(AuditEvent).filter_by(action="version.publish").all()
        assert sum(event.detail.get("bulk") == bulk for event in told) == 3
    desk.undo(bulk)
    assert (desk.bulk(bulk).state, desk.bulk(bulk).counts) == ("undone", {"undone": 3})
    assert desk.metadata(version.id) == before
    assert desk.version(version.id).revision == 3
    for again in (services.start, services.undo):
        with desk.runtime.work() as work, pytest.raises(Conflict):
            again(work, desk.curator, bulk)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"action": "remove", "field": "keyword", "value": "khí hậu"}, {"subjects": ["0401"]}),
        (
            {"action": "replace", "field": "keyword", "old": "khí hậu", "value": "thời tiết"},
            {"subjects": ["thời tiết", "0401"]},
        ),
        ({"action": "set", "field": "subject", "value": "ford:2"}, {"subjects": ["khí hậu", "2"]}),
        ({"action": "add", "field": "license", "value": "CC0-1.0"}, {"rights": 2}),
        (
            {"action": "replace", "field": "license", "old": "cc-by-4.0", "value": "mit"},
            {"rights": 1},
        ),
        ({"action": "set", "field": "language", "value": "en"}, {"languages": 1}),
        (
            {"action": "add", "field": "contributor", "value": "Lê, An | DataCurator"},
            {"contributors": 1},
        ),
        ({"action": "add", "field": "funding", "value": "Quỹ Mẫu | | 105.08"}, {"funding": 1}),
        ({"action": "set", "field": "resource_type", "value": "Software"}, {}),
        ({"action": "set", "field": "title_en", "value": "A set"}, {"titles": 2}),
        ({"action": "set", "field": "version", "value": "2.0"}, {}),
    ],
)
def test_each_field_can_be_changed(
    site_desk: Desk, action: dict[str, str], expected: dict[str, Any]
) -> None:
    desk = site_desk
    bulk = desk.begin(action, ids=desk.versions[:1])
    desk.start(bulk)
    assert desk.bulk(bulk).counts == {"done": 1}
    metadata = desk.metadata(desk.versions[0])
    for name, value in expected.items():
        if name == "subjects":
            assert codes(desk, desk.versions[0]) == value
        else:
            assert len(metadata[name]) == value
    again = desk.begin(action, ids=desk.versions[:1])
    assert desk.bulk(again).counts == {"same": 1}


def test_what_cannot_be_is_refused_before_anything_happens(desk: Desk) -> None:
    def errors(*told: dict[str, str]) -> list[FieldError]:
        with desk.runtime.work() as work, pytest.raises(ValidationFailed) as refused:
            services.begin(work, desk.curator, told, ids=desk.versions)
        return list(refused.value.errors)

    assert errors()[0].pointer == "/actions"
    assert errors({**ADD, "field": "nothing"})[0].pointer == "/actions/0/field"
    assert errors({**ADD, "action": "paint"})[0].pointer == "/actions/0/action"
    assert errors({**ADD, "value": ""})[0].pointer == "/actions/0/value"
    (near,) = errors(ADD, {**ADD, "value": "ford:1.55"})
    assert near.pointer == "/actions/1/value"
    assert "ford:1.5" in near.message % near.params
    assert errors({"action": "add", "field": "collection", "value": "none"})
    reader = Actor.of(desk.user)
    with desk.runtime.work() as work, pytest.raises(Forbidden):
        services.begin(work, desk.publisher.actor, [ADD], ids=desk.versions)
    assert reader.is_curator


def test_records_that_cannot_be_edited_say_why(desk: Desk) -> None:
    from repository.deposit import drafts

    first, second, third = desk.versions
    with desk.runtime.work() as work:
        drafts.edit_published(work, desk.publisher.actor, second)
    record = desk.version(first).record_id
    bad = {"action": "set", "field": "publication_date", "value": ""}
    bulk = desk.begin(bad, ids=[record, first, second, "none", f"https://x/records/{third}"])
    states = [item.state for item in desk.items(bulk)]
    assert states == ["refused", "refused", "conflict", "refused", "refused"]
    assert [item.said["message"] for item in desk.items(bulk)][1:4] == [
        "This record is named twice; the other line holds.",
        "Somebody has an edit of this record open.",
        "There is no such record.",
    ]
    desk.start(bulk)
    assert desk.version(first).revision == 1


def test_an_edit_meanwhile_is_a_conflict_and_an_edit_since_is_kept(desk: Desk) -> None:
    first, second, third = desk.versions
    bulk = desk.begin(ADD)
    desk.publisher.edit(first, publisher="Khác")
    desk.start(bulk)
    assert [item.state for item in desk.items(bulk)] == ["conflict", "done", "done"]
    assert desk.metadata(first)["publisher"] == "Khác"
    assert "1.5" not in codes(desk, first)
    desk.publisher.edit(second, publisher="Khác nữa")
    desk.undo(bulk)
    assert [item.state for item in desk.items(bulk)] == ["conflict", "kept", "undone"]
    assert "1.5" in codes(desk, second)
    assert "1.5" not in codes(desk, third)


def test_a_killed_run_goes_on_and_does_each_record_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after kill -9: what was not committed is gone, and another worker takes the job up."""
    monkeypatch.setattr(working, "BATCH", 1)
    bulk = desk.begin(ADD)

    def die() -> None:
        failpoints.acts.pop("bulk.batch")
        raise SystemExit

    with desk.runtime.work() as work:
        services.start(work, desk.curator, bulk)
    monkeypatch.setitem(failpoints.acts, "bulk.batch", die)
    with pytest.raises(SystemExit):
        working.carry_on(desk.runtime, bulk)
    assert desk.bulk(bulk).counts == {"done": 1, "change": 2}
    desk.settle()
    assert desk.bulk(bulk).counts == {"done": 3}
    assert [desk.version(each).revision for each in desk.versions] == [2, 2, 2]


def test_collections_are_entered_and_left_and_that_is_undone(desk: Desk) -> None:
    with desk.runtime.work() as work:
        for slug in ("mot", "hai"):
            collections.create(work, desk.curator, {"title_vi": slug, "slug": slug})
        there = collections.find(work, "hai")
        placing.add_record(work, desk.curator, there, desk.versions[0])
    bulk = desk.begin(
        {"action": "add", "field": "collection", "value": "mot"},
        {"action": "remove", "field": "collection", "value": "hai"},
    )
    desk.start(bulk)
    records = [desk.version(each).record_id for each in desk.versions]

    def where(record: str) -> set[str]:
        with desk.runtime.read() as work:
            return {each.slug for each in placing.collections_of(work, record)}

    assert [where(record) for record in records] == [{"mot"}] * 3
    assert desk.version(desk.versions[0]).revision == 1  # its metadata did not change
    desk.undo(bulk)
    assert [where(record) for record in records] == [{"hai"}, set(), set()]


def test_a_search_selects_and_the_curator_sees_restricted_ones(desk: Desk) -> None:
    closed = desk.publisher.publish("Kín", {"record": "restricted", "files": "restricted"})
    desk.settle()
    with desk.runtime.work() as work:
        made = services.begin(work, desk.curator, [ADD], search=SearchRequest("khi hau"))
    desk.settle()
    found = {item.version_id for item in desk.items(made.id)}
    assert found == {*desk.versions, closed}


def test_a_merged_term_is_rewritten_where_it_is_used(desk: Desk) -> None:
    rows = [TermRow("a.1", "Cũ"), TermRow("a.2", "Mới")]
    load(desk.runtime, Description("rieng", title_vi="Riêng"), rows, "1")
    old = desk.publisher.publish(subjects=[{"id": "rieng:a.1"}, {"id": "rieng:a.2"}, "x"])
    with desk.runtime.work() as work:
        made = services.begin_merge(work, desk.curator, "rieng:a.1", "rieng:a.2")
    desk.settle()
    assert [item.version_id for item in desk.items(made.id)] == [old]
    desk.start(made.id)
    assert codes(desk, old) == ["a.2", "x"]


def test_the_ledger_tells_who_did_what(desk: Desk) -> None:
    bulk = desk.begin(ADD)
    with desk.runtime.work() as work:
        services.discard(work, desk.curator, bulk)
    with desk.runtime.read() as work:
        (entry,), total = services.ledger(work, desk.curator, offset=0, limit=10)
        assert (entry.id, entry.state, entry.user_id, total) == (bulk, "discarded", desk.user.id, 1)
        with pytest.raises(Forbidden):
            services.ledger(work, desk.publisher.actor, offset=0, limit=10)
        assert work.session.query(BulkItem).count() == 3
