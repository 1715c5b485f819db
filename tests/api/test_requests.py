"""Tokens, repeated requests, and what is wrong with what was sent."""

import threading

import pytest
from sqlalchemy import func, select

from repository.records.models import Record
from tests.api.conftest import METADATA, Api, make_token
from tests.webapp import make_user


def count_records(api: Api) -> int:
    with api.runtime.read() as work:
        return work.session.scalar(select(func.count()).select_from(Record)) or 0


def test_a_request_sent_again_with_its_key_is_done_once(api: Api) -> None:
    first = api.call("POST", "/records", {"metadata": METADATA}, Idempotency_Key="a")
    again = api.call("POST", "/records", {"metadata": METADATA}, Idempotency_Key="a")
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert count_records(api) == 1


def test_the_key_belongs_to_one_request(api: Api) -> None:
    api.call("POST", "/records", {"metadata": METADATA}, Idempotency_Key="a")
    other = api.call("POST", "/records", {"metadata": {}}, Idempotency_Key="a")
    assert other.status_code == 409
    assert count_records(api) == 1


def test_eight_at_once_with_one_key_make_one_record(api: Api) -> None:
    barrier, ids = threading.Barrier(8), []

    def send() -> None:
        barrier.wait()
        ids.append(api.call("POST", "/records", {}, Idempotency_Key="same").json["id"])

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert count_records(api) == 1


def test_publishing_twice_with_one_key_answers_the_same(api: Api) -> None:
    record = api.draft()
    api.add_file(record)
    path = f"/records/{record}/draft/actions/publish"
    first = api.call("POST", path, Idempotency_Key="p")
    assert api.call("POST", path, Idempotency_Key="p").json == first.json
    assert api.call("POST", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({"metadata": []}, "/metadata"),
        ({"files": {"enabled": "yes"}}, "/files"),
        ({"access": {"record": "secret"}}, "/access/record"),
        (
            {"access": {"files": "restricted", "embargo": {"active": True}}},
            "/access/embargo/until",
        ),
        ({"access": {"colour": "red"}}, "/access/colour"),
    ],
)
def test_wrong_bodies_are_named(api: Api, body: object, pointer: str) -> None:
    answer = api.call("POST", "/records", body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert count_records(api) == 0


def test_errors_come_in_the_readers_language(api: Api) -> None:
    english = api.call("POST", "/records", [], Accept_Language="en").json
    vietnamese = api.call("POST", "/records", [], Accept_Language="vi").json
    assert english["title"] == "Some values need attention"
    assert vietnamese["title"] != english["title"]


def test_a_body_that_is_not_json(api: Api) -> None:
    record = api.draft()
    assert api.call("PUT", f"/records/{record}/draft", b"{").status_code == 415
    broken = api.call("PUT", f"/records/{record}/draft", b"{", Content_Type="application/json")
    assert broken.status_code == 400


def test_metadata_nested_without_end_is_refused(api: Api) -> None:
    deep: object = {}
    for _ in range(60):
        deep = {"a": deep}
    record = api.draft()
    answer = api.call("PUT", f"/records/{record}/draft", {"metadata": deep})
    assert answer.status_code == 400
    assert api.call("POST", "/records", {"metadata": deep}).status_code == 400


def test_without_a_token_and_with_a_wrong_one(api: Api, nobody: Api) -> None:
    assert nobody.call("POST", "/records", {}).status_code == 401
    assert nobody.call("GET", "/user/records").status_code == 401
    nobody.token = "made up"
    assert nobody.call("GET", "/records").status_code == 401


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [("user:read", set()), ("deposit:write", {"draft"}), ("deposit:actions", {"publish"})],
)
def test_a_token_can_only_do_what_its_scopes_say(api: Api, scope: str, allowed: set[str]) -> None:
    user = make_user(api.runtime, email="scoped@example.org")
    everything = api.token = make_token(api.runtime, user)
    record = api.draft()
    api.add_file(record)
    api.token = make_token(api.runtime, user, scope)
    may_draft = api.call("POST", "/records", {}).status_code == 201
    publish = api.call("POST", f"/records/{record}/draft/actions/publish").status_code
    assert may_draft == ("draft" in allowed)
    assert (publish == 202) == ("publish" in allowed)
    api.token = everything
    assert (api.call("GET", f"/records/{record}").status_code == 200) == ("publish" in allowed)


@pytest.mark.parametrize("path", ["../etc/passwd", "/a", "a//b", "a\\b", "a/./b", "x" * 2000, ""])
def test_paths_that_no_file_may_have(api: Api, path: str) -> None:
    record = api.draft()
    answer = api.call("POST", f"/records/{record}/draft/files", [{"key": path}])
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"] == "/0/key"


def test_an_upload_shorter_than_announced_leaves_the_file_waiting(api: Api) -> None:
    record = api.draft()
    api.call("POST", f"/records/{record}/draft/files", [{"key": "a.csv"}])
    path = f"/records/{record}/draft/files/a.csv"
    assert api.call("POST", f"{path}/commit").status_code == 409
    assert api.call("GET", path).json["status"] == "pending"
    assert api.call("PUT", f"{path}/content", b"whole").status_code == 200
    assert api.call("POST", f"{path}/commit").json["size"] == 5
