"""Access given to one user, for a time, and taken back."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts.models import User
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from tests.api.conftest import Api, make_token
from tests.runtimes import NOW
from tests.webapp import make_user, send_form, sign_in

CLOSED = {"record": "restricted", "files": "restricted"}
MAI = "mai@example.org"


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


@pytest.fixture
def mai(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime, MAI)


def _api(app: Flask, runtime: Runtime, user: User) -> Api:
    return Api(app.test_client(use_cookies=False), runtime, make_token(runtime, user))


@pytest.fixture
def hers(app: Flask, sqlite_runtime: Runtime, mai: User) -> Api:
    return _api(app, sqlite_runtime, mai)


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    return _api(app, sqlite_runtime, owner)


@pytest.fixture
def record(api: Api) -> str:
    return api.published(access=CLOSED)


def _give(api: Api, record: str, permission: str, **more: object) -> int:
    grant = {"subject": {"type": "user", "id": MAI}, "permission": permission} | more
    answer = api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})
    assert answer.status_code == 201, answer.text
    return int(answer.json["hits"]["hits"][0]["id"])


def _statuses(api: Api, record: str) -> list[int]:
    """Of reading, downloading, beginning an edit."""
    asked = [
        ("GET", f"/records/{record}"),
        ("GET", f"/records/{record}/files"),
        ("POST", f"/records/{record}/draft"),
    ]
    return [api.call(method, path).status_code for method, path in asked]


@pytest.mark.parametrize(
    ("permission", "statuses"),
    [
        ("view", [200, 403, 403]),
        ("download", [200, 200, 403]),
        ("edit", [200, 200, 201]),
        ("manage", [200, 200, 201]),
    ],
)
def test_each_permission_allows_what_it_says(
    api: Api, hers: Api, record: str, permission: str, statuses: list[int]
) -> None:
    assert _statuses(hers, record) == [404, 404, 404]
    grant = _give(api, record, permission)
    assert _statuses(hers, record) == statuses
    assert hers.call("GET", "/records").json["hits"]["total"] == 1
    gone = api.call("DELETE", f"/records/{record}/access/grants/{grant}")
    assert gone.status_code == 204
    assert _statuses(hers, record) == [404, 404, 404]
    assert hers.call("GET", "/records").json["hits"]["total"] == 0


def test_an_editor_may_not_publish_and_a_manager_may(api: Api, hers: Api, record: str) -> None:
    _give(api, record, "edit")
    hers.call("POST", f"/records/{record}/draft")
    publish = f"/records/{record}/draft/actions/publish"
    assert hers.call("POST", publish).status_code == 403
    assert hers.call("GET", f"/records/{record}/access/grants").status_code == 403
    _give(api, record, "manage")
    assert hers.call("GET", f"/records/{record}/access/grants").json["hits"]["total"] == 1
    assert hers.call("POST", publish).status_code == 202


def test_it_ends_at_its_moment(
    api: Api, hers: Api, record: str, clock: FixedClock, sqlite_runtime: Runtime
) -> None:
    end = NOW + timedelta(days=2)
    _give(api, record, "download", expires_at=end.isoformat())
    clock.set(end - timedelta(seconds=1))
    assert _statuses(hers, record)[:2] == [200, 200]
    clock.set(end)
    assert _statuses(hers, record)[:2] == [404, 404]
    assert hers.call("GET", "/records").json["hits"]["total"] == 0
    run_until_idle(sqlite_runtime)
    told = api.call("GET", f"/records/{record}/access/grants").json["hits"]["hits"][0]
    assert told["expired"] is True


@pytest.mark.parametrize(
    ("grant", "pointer"),
    [
        ({"subject": {"type": "user", "id": "x@example.org"}, "permission": "view"}, "/subject/id"),
        ({"subject": {"type": "user", "id": MAI}, "permission": "preview"}, "/permission"),
        (
            {
                "subject": {"type": "user", "id": MAI},
                "permission": "view",
                "expires_at": "2026-01-01",
            },
            "/expires_at",
        ),
        ({"subject": MAI}, ""),
    ],
)
def test_what_is_wrong_is_named(
    api: Api, mai: User, record: str, grant: dict[str, object], pointer: str
) -> None:
    answer = api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"] == f"/grants/0{pointer}"


def test_strangers_learn_nothing_of_grants(hers: Api, record: str) -> None:
    assert hers.call("GET", f"/records/{record}/access/grants").status_code == 404
    assert hers.call("DELETE", f"/records/{record}/access/grants/1").status_code == 404


def test_an_owner_gives_and_takes_back_on_the_page(
    client: FlaskClient, owner: User, mai: User, record: str, hers: Api
) -> None:
    sign_in(client, owner)
    page = f"/deposit/{record}/access"
    refused = send_form(client, page, email="ai@example.org", permission="view", until="")
    assert refused.status_code == 400
    assert "ai@example.org" in refused.text
    until = (NOW + timedelta(days=9)).date().isoformat()
    assert send_form(client, page, email=MAI, permission="view", until=until).status_code == 303
    assert MAI in client.get(page).text
    assert _statuses(hers, record)[0] == 200
    listed: Any = client.get(f"/api/records/{record}/access/grants").json
    grant = listed["hits"]["hits"][0]
    assert grant["expires_at"].startswith((NOW + timedelta(days=10)).date().isoformat())
    token = client.get(page).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    client.post(f"{page}/{grant['id']}/revoke", data={"csrf_token": token})
    assert MAI not in client.get(page).text
    assert _statuses(hers, record)[0] == 404
