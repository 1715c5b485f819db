"""Collections: who makes and changes them, what is refused, what follows."""

import pytest

from repository.accounts.models import Actor
from repository.core.errors import Conflict, Forbidden, NotFound, ValidationFailed
from repository.curation import collections, members, placing
from repository.discovery.search import SearchRequest, search
from repository.oai.listing import Selection, first_position, read_page
from repository.records.collections import CollectionRole
from tests.curation.conftest import People


def _pointers(error: ValidationFailed) -> set[str]:
    return {wrong.pointer for wrong in error.errors}


def test_only_curators_of_the_repository_make_collections(people: People) -> None:
    with people.runtime.work() as work, pytest.raises(Forbidden):
        collections.create(work, people.actor("stranger"), {"title_vi": "Của tôi"})
    assert people.collection() == "vien-mau"


def test_every_wrong_value_is_named_at_once(people: People) -> None:
    values = {
        "title_vi": "",
        "slug": "Viện!",
        "ror": "not-a-ror",
        "website": "javascript:alert(1)",
        "kind": "club",
        "submission": "never",
        "parent": "nowhere",
        "checklist": "\n".join(["x"] * 31),
    }
    with people.runtime.work() as work, pytest.raises(ValidationFailed) as refused:
        collections.create(work, people.curator, values)
    assert _pointers(refused.value) == {f"/{name}" for name in values}


def test_the_slug_is_made_of_the_title_and_taken_once(people: People) -> None:
    with people.runtime.work() as work:
        made = collections.create(work, people.curator, {"title_vi": "Đại học Đồng Bằng"})
        assert made.slug == "dai-hoc-dong-bang"
    with people.runtime.work() as work, pytest.raises(ValidationFailed) as refused:
        collections.create(work, people.curator, {"title_vi": "Đại học Đồng Bằng"})
    assert _pointers(refused.value) == {"/slug"}


def test_no_collection_lies_within_itself(people: People) -> None:
    people.collection("tren")
    people.collection("duoi", parent="tren")
    with people.runtime.work() as work, pytest.raises(ValidationFailed) as refused:
        collections.update(work, people.curator, "tren", {"parent": "duoi"})
    assert _pointers(refused.value) == {"/parent"}


def test_managers_change_their_collection_and_say_who_is_in_it(people: People) -> None:
    slug = people.collection()
    people.member(slug, "manager", "manager")
    people.member(slug, "curator", "curator")
    with people.runtime.work() as work:
        collections.update(work, people.actor("manager"), slug, {"title_en": "Model Institute"})
    with people.runtime.work() as work, pytest.raises(Forbidden):
        collections.update(work, people.actor("curator"), slug, {"title_en": "Mine"})
    with people.runtime.work() as work:
        collection = collections.find(work, slug)
        told = {"email": "reader@example.org", "role": "reader"}
        with pytest.raises(Forbidden):
            members.set_member(work, people.actor("curator"), collection, **told)
    with people.runtime.read() as work:
        found, total = members.members_of(
            work, people.actor("curator"), collections.find(work, slug)
        )
        assert total == 2
        assert {each.membership.role for each in found} == {"curator", "manager"}
        assert collections.find(work, slug).title("en") == "Model Institute"


def test_a_member_may_leave_and_a_stranger_sees_no_members(people: People) -> None:
    slug = people.collection()
    people.member(slug, "reader", "reader")
    with people.runtime.work() as work:
        collection = collections.find(work, slug)
        with pytest.raises(Forbidden):
            members.members_of(work, people.actor("reader"), collection)
        member = members.members_of(work, people.curator, collection)[0][0].membership.id
        with pytest.raises(Forbidden):
            members.remove_member(work, people.actor("stranger"), collection, member)
        members.remove_member(work, people.actor("reader"), collection, member)
        assert members.members_of(work, people.curator, collection) == ([], 0)


def _add(people: People, actor: Actor, slug: str, version: str) -> None:
    with people.runtime.work() as work:
        placing.add_record(work, actor, collections.find(work, slug), version)


def test_a_record_goes_in_as_the_policy_says_and_only_by_those_whose_it_is(people: People) -> None:
    """A collection's curator cannot take a record in: that would give its members access."""
    version = people.publisher.publish("Bản ghi")
    owner = people.publisher.actor
    for policy in ("open", "review", "members"):
        people.collection(policy, submission=policy)
        people.member(policy, "manager", "manager")
        with pytest.raises(Forbidden):
            _add(people, people.actor("manager"), policy, version)
    _add(people, owner, "open", version)
    with pytest.raises(Conflict):
        _add(people, owner, "review", version)
    with pytest.raises(Forbidden):
        _add(people, owner, "members", version)
    with people.runtime.work() as work:
        members.set_member(
            work,
            people.curator,
            collections.find(work, "members"),
            email="mau@example.org",
            role=CollectionRole.SUBMITTER,
        )
    _add(people, owner, "members", version)
    with people.runtime.read() as work:
        record = placing._version(work, version)
        assert record is not None
        found = placing.collections_of(work, record.record_id)
        assert {each.slug for each in found} == {"open", "members"}


def _found(people: People, query: str = "", **chosen: list[str]) -> set[str]:
    people.publisher.settle()
    with people.runtime.read() as work:
        request = SearchRequest(query=query, chosen=chosen)
        return {version.id for version in search(work, people.curator, request).versions}


def _harvested(people: People, spec: str) -> int:
    with people.runtime.read() as work:
        selection = Selection("oai_dc", spec)
        page = read_page(work, selection, first_position(work, selection), 10, metadata=False)
        return sum(not entry.deleted for entry in page.entries)


def test_search_and_harvest_follow_the_records_of_a_collection(people: People) -> None:
    """Also of the institution above; and when a collection is moved or removed."""
    people.collection("vien", kind="institution")
    people.collection("phong", parent="vien")
    inside, outside = people.publisher.publish("Ở trong"), people.publisher.publish("Ở ngoài")
    _add(people, people.publisher.actor, "phong", inside)
    assert _found(people, collection=["phong"]) == {inside}
    assert _found(people, "collection:vien") == {inside}
    assert _found(people) == {inside, outside}
    assert _harvested(people, "community-phong") == _harvested(people, "community-vien") == 1
    with people.runtime.work() as work:
        collections.update(work, people.curator, "phong", {"parent": ""})
    assert _found(people, collection=["vien"]) == set()
    with people.runtime.work() as work:
        collections.delete(work, people.curator, "phong")
    assert _found(people, collection=["phong"]) == set()
    assert _found(people) == {inside, outside}
    with people.runtime.read() as work, pytest.raises(NotFound):
        collections.find(work, "phong")


def test_taking_a_record_out_is_for_both_sides(people: People) -> None:
    slug = people.collection()
    people.member(slug, "curator", "curator")
    people.member(slug, "submitter", "submitter")
    version = people.publisher.publish("Bản ghi")
    for actor, error in (
        (people.actor("stranger"), Forbidden),
        (people.actor("submitter"), Forbidden),
        (people.actor("curator"), None),
        (people.publisher.actor, None),
    ):
        _add(people, people.publisher.actor, slug, version)
        with people.runtime.work() as work:
            collection = collections.find(work, slug)
            if error is None:
                placing.remove_record(work, actor, collection, version)
                continue
            with pytest.raises(error):
                placing.remove_record(work, actor, collection, version)
