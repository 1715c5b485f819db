"""Access given to everyone whom an identity provider signs in, or of whom it tells something."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts.identities import link, unlink
from repository.accounts.models import User
from repository.accounts.oidc import Told
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from tests.api.conftest import Api, make_token
from tests.runtimes import make_settings, opened
from tests.webapp import make_user, sign_in

CLOSED = {"record": "restricted", "files": "restricted"}
HOME = "schac_home_organization"
ISSUER = "https://idp.university.test"
PROVIDER = {"issuer": ISSUER, "client_id": "repository", "title_en": "Example University"}


@pytest.fixture
def sqlite_runtime(sqlite_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Runtime]:
    providers = {"example": PROVIDER, "other": PROVIDER | {"issuer": "https://other.test"}}
    settings = make_settings(tmp_path / "data", sqlite_url, oidc=providers)
    yield from opened(settings, clock)


def _api(app: Flask, runtime: Runtime, user: User) -> Api:
    return Api(app.test_client(use_cookies=False), runtime, make_token(runtime, user))


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    return _api(app, sqlite_runtime, owner)


def _person(
    app: Flask, runtime: Runtime, email: str, homes: Sequence[str] = (), issuer: str = ISSUER
) -> Api:
    """Somebody who signed in by a provider just now."""
    user, claims = make_user(runtime, email), {HOME: list(homes)} if homes else {}
    with runtime.work() as work:
        link(work, user.id, Told(issuer, email, email, True, "", claims))
    return _api(app, runtime, user)


def _ask(api: Api, record: str, permission: str = "view", **subject: Any) -> Any:
    grant = {"subject": {"type": "provider"} | subject, "permission": permission}
    return api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})


def _seen(api: Api, record: str) -> tuple[int, int]:
    total = api.call("GET", "/records").json["hits"]["total"]
    return api.call("GET", f"/records/{record}").status_code, total


def test_those_have_it_whom_the_provider_signed_in_lately(
    app: Flask, sqlite_runtime: Runtime, api: Api, clock: FixedClock
) -> None:
    record = api.published(access=CLOSED)
    staff = _person(app, sqlite_runtime, "a@x.test", ["university.test", "lab.test"])
    guest = _person(app, sqlite_runtime, "b@x.test")
    other = _person(app, sqlite_runtime, "c@x.test", ["lab.test"], "https://other.test")
    nobody = _api(app, sqlite_runtime, make_user(sqlite_runtime, "d@x.test"))
    everybody = (staff, guest, other, nobody)
    given = _ask(api, record, id="example", claim=HOME, value="lab.test")
    assert given.status_code == 201, given.text
    (grant,) = given.json["hits"]["hits"]
    wanted = {"type": "provider", "id": "example", "claim": HOME, "value": "lab.test"}
    assert grant["subject"] == wanted
    assert [_seen(each, record)[0] for each in everybody] == [200, 404, 404, 404]
    assert _ask(api, record, id="example").status_code == 201
    assert [_seen(each, record) for each in everybody] == [(200, 1), (200, 1), (404, 0), (404, 0)]
    listed = api.call("GET", f"/records/{record}/access/grants").json["hits"]
    assert listed["total"] == 2
    assert listed["hits"][1]["subject"]["claim"] is None
    clock.advance(timedelta(days=30, seconds=-1))
    assert _seen(staff, record) == (200, 1)
    clock.advance(timedelta(seconds=1))
    assert [_seen(each, record) for each in everybody] == [(404, 0)] * 4


def test_it_is_over_once_the_identity_is_unlinked(
    app: Flask, sqlite_runtime: Runtime, api: Api
) -> None:
    record = api.published(access=CLOSED)
    staff = _person(app, sqlite_runtime, "a@x.test")
    _ask(api, record, "edit", id="example")
    assert staff.call("POST", f"/records/{record}/draft").status_code == 201
    with sqlite_runtime.work() as work:
        unlink(work, 2, 1)
    assert _seen(staff, record) == (404, 0)


@pytest.mark.parametrize(
    ("subject", "pointer"),
    [
        ({"id": "nobody"}, "/subject/id"),
        ({"id": "example", "claim": "shoe_size", "value": "42"}, "/subject/claim"),
        ({"id": "example", "claim": HOME}, "/subject/value"),
        ({"id": "example", "value": "x"}, "/subject/value"),
        ({"id": "example", "claim": HOME, "value": "x" * 256}, "/subject/value"),
        ({"id": "example", "claim": 5}, ""),
    ],
)
def test_what_is_wrong_is_named(api: Api, subject: dict[str, Any], pointer: str) -> None:
    answer = _ask(api, api.published(access=CLOSED), **subject)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"] == f"/grants/0{pointer}"


def test_an_owner_gives_it_on_the_page_and_sees_who_used_it(
    app: Flask, client: FlaskClient, sqlite_runtime: Runtime, owner: User, api: Api
) -> None:
    record = api.published(access=CLOSED)
    staff = _person(app, sqlite_runtime, "a@x.test", ["university.test"])
    sign_in(client, owner)
    page, post = f"/deposit/{record}/access?lang=en", f"/deposit/{record}/access/providers?lang=en"
    form = {"provider": "example", "claim": HOME, "provider_permission": "download"}
    token = client.get(page).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    refused = client.post(post, data=form | {"csrf_token": token})
    assert refused.status_code == 400
    assert "A claim needs a value" in refused.text
    form |= {"csrf_token": token, "claim_value": "university.test"}
    assert client.post(post, data=form).status_code == 303
    shown = client.get(page).text
    assert "Everyone who signs in by Example University" in shown
    assert f"{HOME}: university.test" in shown
    files = staff.call("GET", f"/records/{record}/files").json["entries"]
    with staff.call("GET", files[0]["links"]["content"].partition("/api")[2]) as answer:
        assert answer.data
    log = client.get(f"/deposit/{record}/access/log?lang=en").text
    assert "signed in by an identity provider" in log
