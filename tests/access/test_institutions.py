"""Access given to everyone with a verified address at an institution's domain."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.access.domains import above
from repository.accounts import verification
from repository.accounts.models import User
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from tests.api.conftest import Api, make_token
from tests.runtimes import NOW
from tests.webapp import make_user, send_form, sign_in

CLOSED = {"record": "restricted", "files": "restricted"}
MAI, LAB = "mai@university.test", "ly@lab.university.test"


def _api(app: Flask, runtime: Runtime, user: User) -> Api:
    return Api(app.test_client(use_cookies=False), runtime, make_token(runtime, user))


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    return _api(app, sqlite_runtime, owner)


@pytest.fixture
def record(api: Api) -> str:
    return api.published(access=CLOSED)


def _person(app: Flask, runtime: Runtime, email: str, *, verified: bool = True) -> Api:
    user = make_user(runtime, email)
    if verified:
        _vouch(runtime, user)
    return _api(app, runtime, user)


def _vouch(runtime: Runtime, user: User) -> None:
    with runtime.work() as work:
        verification.vouch(work, None, user.id)


def _ask(api: Api, record: str, domain: str, permission: str = "view", **more: Any) -> Any:
    subject = {"type": "domain", "id": domain, "subdomains": more.pop("subdomains", False)}
    grant = {"subject": subject, "permission": permission} | more
    return api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})


def _seen(api: Api, record: str) -> tuple[int, int]:
    """Status of the record, and how many records are found."""
    total = api.call("GET", "/records").json["hits"]["total"]
    return api.call("GET", f"/records/{record}").status_code, total


def test_only_verified_addresses_of_the_domain_count(
    app: Flask, sqlite_runtime: Runtime, api: Api, record: str
) -> None:
    user = make_user(sqlite_runtime, MAI)
    mai = _api(app, sqlite_runtime, user)
    lab = _person(app, sqlite_runtime, LAB)
    other = _person(app, sqlite_runtime, "x@myuniversity.test")
    given = _ask(api, record, "@University.TEST")
    assert given.status_code == 201, given.text
    (grant,) = given.json["hits"]["hits"]
    assert grant["subject"] == {"type": "domain", "id": "university.test", "subdomains": False}
    assert [_seen(each, record) for each in (mai, lab, other)] == [(404, 0)] * 3
    _vouch(sqlite_runtime, user)
    assert [_seen(each, record) for each in (mai, lab, other)] == [(200, 1), (404, 0), (404, 0)]
    again = _ask(api, record, "university.test", subdomains=True)
    assert again.json["hits"]["hits"][0]["id"] == grant["id"], "replaced, not given twice"
    assert [_seen(each, record) for each in (mai, lab, other)] == [(200, 1), (200, 1), (404, 0)]
    listed = api.call("GET", f"/records/{record}/access/grants").json["hits"]
    assert (listed["total"], listed["hits"][0]["subject"]["subdomains"]) == (1, True)
    assert api.call("DELETE", f"/records/{record}/access/grants/{grant['id']}").status_code == 204
    assert [_seen(each, record) for each in (mai, lab)] == [(404, 0)] * 2


def test_it_allows_what_it_says_until_its_moment(
    app: Flask, sqlite_runtime: Runtime, api: Api, record: str, clock: FixedClock
) -> None:
    mai = _person(app, sqlite_runtime, MAI)
    end = NOW + timedelta(days=2)
    _ask(api, record, "university.test", "view", expires_at=end.isoformat())
    assert mai.call("GET", f"/records/{record}/files").status_code == 403
    _ask(api, record, "university.test", "edit", expires_at=end.isoformat())
    assert mai.call("GET", f"/records/{record}/files").status_code == 200
    assert mai.call("POST", f"/records/{record}/draft").status_code == 201
    publish = f"/records/{record}/draft/actions/publish"
    assert mai.call("POST", publish).status_code == 403
    clock.set(end - timedelta(seconds=1))
    assert _seen(mai, record)[0] == 200
    clock.set(end)
    assert _seen(mai, record) == (404, 0)


@pytest.mark.parametrize(
    ("domain", "subdomains", "told"),
    [
        ("gmail.com", False, "gmail.com"),
        ("mail.yahoo.com.vn", False, "mail.yahoo.com.vn"),
        ("com.vn", True, "com.vn"),
        ("vn", True, "university.edu.vn"),
        ("not a domain", False, "university.edu.vn"),
        ("", False, "university.edu.vn"),
        (f"{'a' * 70}.vn", False, "university.edu.vn"),
    ],
)
def test_what_stands_for_no_institution_is_refused(
    api: Api, record: str, domain: str, subdomains: bool, told: str
) -> None:
    answer = _ask(api, record, domain, subdomains=subdomains)
    assert answer.status_code == 400
    (error,) = answer.json["errors"]
    assert error["pointer"] == "/grants/0/subject/id"
    assert told in error["detail"]


def test_names_above() -> None:
    assert above("a.b.vn") == ["b.vn", "vn"]
    assert above("") == []


def test_an_owner_gives_an_institution_access_and_sees_who_used_it(
    app: Flask, client: FlaskClient, sqlite_runtime: Runtime, owner: User, api: Api
) -> None:
    record = api.published(access=CLOSED)
    mai = _person(app, sqlite_runtime, MAI)
    sign_in(client, owner)
    page = f"/deposit/{record}/access?lang=en"
    form = {"domain": "gmail.com", "subdomains": "1", "domain_permission": "download"}
    token = client.get(page).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    post = f"/deposit/{record}/access/domains?lang=en"
    refused = client.post(post, data=form | {"csrf_token": token})
    assert refused.status_code == 400
    assert "stands for no institution" in refused.text
    assert 'value="gmail.com"' in refused.text
    done = client.post(post, data=form | {"csrf_token": token, "domain": "university.test"})
    assert done.status_code == 303
    assert "@university.test or below it" in client.get(page).text
    files = mai.call("GET", f"/records/{record}/files").json["entries"]
    content = files[0]["links"]["content"].partition("/api")[2]
    with mai.call("GET", content) as answer:
        assert answer.data
    log = client.get(f"/deposit/{record}/access/log?lang=en").text
    assert "with an address of an institution" in log
    assert send_form(client, page, email=MAI, permission="download").status_code == 303
    assert "@university.test" in client.get(page).text
