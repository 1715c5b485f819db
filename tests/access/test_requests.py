"""Asking for the files of a record, deciding, and who had them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.access.jobs import forget_old
from repository.access.models import AccessEntry
from repository.accounts.models import User
from repository.core.clock import FixedClock
from repository.core.mail import Mail, text_of
from repository.core.runtime import Runtime
from repository.sharing.jobs import keep_requests_moving
from repository.sharing.models import AccessRequest
from tests.api.conftest import Api, make_token
from tests.webapp import make_user, send_form, sign_in

ASKED = {"message": "So sánh với trạm Láng", "answer-0": "Luận án"}
GUEST = {"name": "Trần Văn Khách", "email": "khach@example.org", **ASKED, "agreed": "1"}


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


@pytest.fixture
def owners(app: Flask, owner: User) -> FlaskClient:
    client = app.test_client()
    sign_in(client, owner)
    return client


@pytest.fixture
def record(app: Flask, sqlite_runtime: Runtime, owner: User, owners: FlaskClient) -> str:
    api = Api(app.test_client(use_cookies=False), sqlite_runtime, make_token(sqlite_runtime, owner))
    made = api.published(access={"files": "restricted"})
    wishes = {"takers": "everyone", "terms": "Không *chia sẻ* lại", "questions": "Để làm gì?\n"}
    answer = send_form(owners, f"/records/{made}/request-settings", **wishes)
    assert answer.status_code == 303, answer.text
    return made


def _mails(runtime: Runtime) -> list[tuple[str, str, str]]:
    with runtime.read() as work:
        mails = work.session.scalars(select(Mail).order_by(Mail.id)).all()
        return [(m.to_address, m.subject, text_of(runtime.settings, m)) for m in mails]


def _path_in(text: str) -> str:
    found = re.search(r"http://repository\.test(/\S+[?/]\S+)", text)
    assert found, text
    return found[1]


def test_a_refusal_names_the_page_to_ask_at(client: FlaskClient, record: str) -> None:
    asked = f"/records/{record}/request-access"
    for path in (f"/records/{record}/files.zip", f"/api/records/{record}/files-archive"):
        answer = client.get(path, headers={"Accept": "application/problem+json"})
        assert answer.status_code == 403
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["Link"] == f'<http://repository.test{asked}>; rel="help"'
        told: Any = answer.json
        assert told["help"].endswith(asked)
    assert asked in client.get(f"/records/{record}").text
    assert client.get("/records/zzzzz-zzzzz/request-access").status_code == 404


def test_a_guest_asks_confirms_and_gets_a_link_that_ends(
    client: FlaskClient,
    owners: FlaskClient,
    record: str,
    sqlite_runtime: Runtime,
    clock: FixedClock,
) -> None:
    page = f"/records/{record}/request-access"
    assert "Không <em>chia sẻ</em> lại" in client.get(page).text
    wrong = send_form(client, page, **GUEST | {"agreed": "", "email": "khach"})
    assert wrong.status_code == 400
    assert GUEST["message"] in wrong.text, "what was typed is still there"
    assert send_form(client, page, **GUEST).status_code == 200
    assert "khach" not in owners.get("/access-requests").text, "not before it is confirmed"
    to, _subject, text = _mails(sqlite_runtime)[-1]
    assert to == GUEST["email"]
    confirm = _path_in(text)
    assert client.get(confirm).status_code == 200
    assert send_form(client, confirm).status_code == 200
    assert client.get(confirm).status_code == 404, "once"
    assert _mails(sqlite_runtime)[-1][0] == "lan@example.org"
    number = _number(owners)
    until = (clock.now() + timedelta(days=9)).date().isoformat()
    refused = send_form(owners, f"/access-requests/{number}", act="grant", until="")
    assert refused.status_code == 400
    granted = send_form(owners, f"/access-requests/{number}", act="grant", until=until)
    assert granted.status_code == 303
    to, _subject, text = _mails(sqlite_runtime)[-1]
    assert to == GUEST["email"]
    assert client.get(f"/records/{record}/files.zip").status_code == 403
    assert client.get(_path_in(text)).status_code == 302
    assert client.get(f"/records/{record}/files.zip").status_code == 200
    log = owners.get(f"/deposit/{record}/access/log").text
    assert "khach@example.org" in log, "who had them, by the name of the link"
    clock.advance(timedelta(days=10))
    assert client.get(f"/records/{record}/files.zip").status_code == 403


def _number(owners: FlaskClient) -> int:
    found = re.search(r"/access-requests/(\d+)", owners.get("/access-requests").text)
    assert found
    return int(found[1])


def test_a_user_asks_and_is_declined_with_a_reason_then_granted(
    client: FlaskClient, owners: FlaskClient, record: str, sqlite_runtime: Runtime
) -> None:
    sign_in(client, make_user(sqlite_runtime, "mai@example.org"))
    page = f"/records/{record}/request-access"
    assert send_form(client, page, **ASKED, agreed="1").status_code == 303
    assert send_form(client, page, **ASKED, agreed="1").status_code == 400, "one is waiting"
    place = f"/access-requests/{_number(owners)}"
    assert send_form(owners, place, act="decline", reason="").status_code == 400
    assert send_form(owners, place, act="decline", reason="Chưa đủ rõ").status_code == 303
    assert "Chưa đủ rõ" in client.get(place).text
    assert send_form(client, page, **ASKED, agreed="1").status_code == 303
    place = f"/access-requests/{_number(owners)}"
    assert send_form(owners, place, act="grant", until="2027-01-31").status_code == 303
    with client.get(f"/records/{record}/files/hà nội.csv") as answer:
        assert answer.status_code == 200
    assert "mai@example.org" in owners.get(f"/deposit/{record}/access/log").text
    assert client.get(page).status_code == 404, "there is nothing left to ask for"


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    token = make_token(sqlite_runtime, owner)
    return Api(app.test_client(use_cookies=False), sqlite_runtime, token)


def test_programs_ask_and_decide(
    app: Flask, api: Api, record: str, sqlite_runtime: Runtime, clock: FixedClock
) -> None:
    mai = make_user(sqlite_runtime, "mai@example.org")
    token = make_token(sqlite_runtime, mai)
    hers = Api(app.test_client(use_cookies=False), sqlite_runtime, token)
    place = f"/records/{record}/access/request"
    policy: Any = hers.call("GET", place).json
    assert (policy["takers"], policy["questions"]) == ("everyone", ["Để làm gì?"])
    wanted = {"message": "Xin số liệu", "answers": ["Luận án"], "consent_to_terms": True}
    for wrong, pointer in (
        ({"message": ""}, "/message"),
        ({"answers": [""]}, "/answers/0"),
        ({"consent_to_terms": False}, "/consent_to_terms"),
        ({"answers": "x"}, "/answers"),
    ):
        refused = hers.call("POST", place, wanted | wrong)
        assert refused.status_code == 400
        assert refused.json["errors"][0]["pointer"] == pointer
    asked: Any = hers.call("POST", place, wanted).json
    assert (asked["type"], asked["status"]) == ("user-access-request", "submitted")
    assert hers.call("POST", place, wanted).status_code == 409
    one = f"/requests/{asked['id']}"
    assert list(asked["links"]["actions"]) == ["cancel"]
    assert hers.call("POST", f"{one}/actions/accept").status_code == 404
    assert list(api.call("GET", one).json["links"]["actions"]) == ["accept", "decline"]
    assert api.call("GET", "/user/access-requests").json["hits"]["total"] == 1
    never = api.call("POST", f"{one}/actions/accept", {"payload": {"content": "Được"}})
    assert never.json["errors"][0]["pointer"] == "/expires_at"
    until = (clock.now() + timedelta(days=9)).isoformat()
    given: Any = api.call("POST", f"{one}/actions/accept", {"expires_at": until}).json
    assert (given["status"], given["is_closed"]) == ("accepted", True)
    assert hers.call("GET", f"/records/{record}/files").status_code == 200
    assert api.call("POST", f"{one}/actions/decline", {}).status_code == 409
    other = make_token(sqlite_runtime, make_user(sqlite_runtime, "khac@example.org"))
    others = Api(app.test_client(use_cookies=False), sqlite_runtime, other)
    assert others.call("GET", one).status_code == 404


def test_a_guests_program_asks_and_the_guest_confirms(
    app: Flask, api: Api, record: str, sqlite_runtime: Runtime, client: FlaskClient
) -> None:
    wanted = {"message": "Xin số liệu", "answers": ["Luận án"], "consent_to_terms": True}
    place = f"/api/records/{record}/access/request"
    refused: Any = client.post(place, json=wanted)
    pointers = {each["pointer"] for each in refused.json["errors"]}
    assert (refused.status_code, pointers) == (400, {"/email", "/full_name"})
    guest = {"full_name": "Trần Văn Khách", "email": "khach@example.org"}
    asked: Any = client.post(place, json=wanted | guest).json
    assert (asked["type"], asked["status"]) == ("guest-access-request", "created")
    assert api.call("GET", f"/requests/{asked['id']}").status_code == 404, "not confirmed yet"
    assert send_form(client, _path_in(_mails(sqlite_runtime)[-1][2])).status_code == 200
    declined: Any = api.call(
        "POST", f"/requests/{asked['id']}/actions/decline", {"payload": {"content": "Chưa rõ"}}
    ).json
    assert (declined["status"], declined["payload"]["reason"]) == ("declined", "Chưa rõ")


def test_others_see_neither_requests_nor_the_log(
    client: FlaskClient, app: Flask, owners: FlaskClient, record: str, sqlite_runtime: Runtime
) -> None:
    sign_in(client, make_user(sqlite_runtime, "mai@example.org"))
    send_form(client, f"/records/{record}/request-access", **ASKED, agreed="1")
    place = f"/access-requests/{_number(owners)}"
    other = app.test_client()
    sign_in(other, make_user(sqlite_runtime, "khac@example.org"))
    assert other.get(place).status_code == 404
    assert other.get(f"/deposit/{record}/access/log").status_code == 403
    token = re.search(r'csrf_token" value="([^"]+)', client.get(place).text)
    assert token
    client.post(place, data={"csrf_token": token[1], "act": "grant", "until": "2027-01-31"})
    assert client.get(f"/records/{record}/files.zip").status_code == 403, "only the owner decides"


def test_owners_are_reminded_and_nothing_waits_for_ever(
    client: FlaskClient, record: str, sqlite_runtime: Runtime, clock: FixedClock
) -> None:
    sign_in(client, make_user(sqlite_runtime, "mai@example.org"))
    send_form(client, f"/records/{record}/request-access", **ASKED, agreed="1")
    before = len(_mails(sqlite_runtime))
    clock.advance(timedelta(days=8))
    for _ in range(2):
        keep_requests_moving(sqlite_runtime, {})
    assert [to for to, *_ in _mails(sqlite_runtime)[before:]] == ["lan@example.org"]
    clock.advance(timedelta(days=60))
    keep_requests_moving(sqlite_runtime, {})
    with sqlite_runtime.read() as work:
        assert work.session.scalars(select(AccessRequest)).one().status == "lapsed"


def test_an_owner_may_take_no_requests(
    client: FlaskClient, owners: FlaskClient, record: str
) -> None:
    page = f"/records/{record}/request-access"
    send_form(owners, f"/records/{record}/request-settings", takers="users")
    assert client.get(page).status_code == 403
    send_form(owners, f"/records/{record}/request-settings", takers="nobody")
    assert client.get(page).status_code == 403


def test_the_log_keeps_only_what_is_not_public_and_for_twelve_months(
    app: Flask,
    record: str,
    owner: User,
    owners: FlaskClient,
    sqlite_runtime: Runtime,
    clock: FixedClock,
) -> None:
    api = Api(app.test_client(use_cookies=False), sqlite_runtime, make_token(sqlite_runtime, owner))
    public = api.published()
    owners.get(f"/records/{public}/files.zip")
    for _ in range(3):
        owners.get(f"/records/{record}/files.zip")
    owners.head(f"/records/{record}/files.zip")
    assert _logged(sqlite_runtime) == [(record, "owner", 3)]
    clock.advance(timedelta(days=366))
    forget_old(sqlite_runtime, {})
    assert _logged(sqlite_runtime) == []


def _logged(runtime: Runtime) -> list[tuple[str, str, int]]:
    with runtime.read() as work:
        entries = work.session.scalars(select(AccessEntry)).all()
        return [(entry.version_id, entry.reason, entry.times) for entry in entries]
