"""Signing in by an identity provider, against a real one over HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.accounts import factors, oidc
from repository.accounts.models import Identity, User
from repository.accounts.services import find
from repository.app import create_app
from repository.audit.models import AuditEvent
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.core.settings import ProviderSettings
from tests.runtimes import make_settings, opened
from tests.services.oidc import OTHER_KEY, Change, Provider
from tests.webapp import PASSWORD, make_user, send_form, sign_in

MAI = "mai@university.test"
PROFILE = "/account/"


@pytest.fixture
def clock() -> FixedClock:
    """The provider goes by the clock of the machine."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def sqlite_runtime(
    sqlite_url: str, clock: FixedClock, tmp_path: Path, provider: Provider
) -> Iterator[Runtime]:
    settings = make_settings(tmp_path / "data", sqlite_url, oidc={"example": provider.settings()})
    oidc.forget()
    yield from opened(settings, clock)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _mai(provider: Provider, **more: object) -> None:
    provider.person("m1", **{"email": MAI, "email_verified": True, "name": "Lê Mai", **more})


def _user(runtime: Runtime, email: str = MAI) -> User | None:
    with runtime.read() as work:
        return find(work, email)


def _name(client: FlaskClient) -> str:
    """Whose account the browser is in; empty where nobody is signed in."""
    found = re.search(r'name="name"[^>]*value="([^"]*)"', client.get(PROFILE).text)
    return found[1] if found else ""


def _told(client: FlaskClient, answer: Any) -> str:
    """What the page says to which one is led."""
    assert answer.status_code in (302, 303), answer.text
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    return str(page.text)


def test_somebody_new_has_an_account_and_comes_back_to_it(
    client: FlaskClient, app: Flask, provider: Provider, sqlite_runtime: Runtime
) -> None:
    _mai(provider)
    assert "Example University" in client.get("/account/sign-in?lang=en&next=/search").text
    answer = provider.sign_in(client, "m1", "/account/with/example?next=/search?q=1")
    assert answer.headers["Location"] == "/search?q=1"
    assert _name(client) == "Lê Mai"
    user = _user(sqlite_runtime)
    assert user
    assert user.verified_domain == "university.test"
    page = client.get("/account/identities?lang=en").text
    assert MAI in page
    assert "You have no password here." in page
    other = app.test_client()
    _mai(provider, email="new@elsewhere.test", name="Another Name")
    provider.sign_in(other, "m1")
    assert _name(other) == "Lê Mai", "the person stays, whatever the provider calls them"
    client.post("/account/sign-out", data={"csrf_token": _token(client)})
    assert _name(client) == ""
    assert _name(other) == "Lê Mai"


def _token(client: FlaskClient) -> str:
    return client.get(PROFILE).text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_an_unverified_address_counts_for_nothing(
    client: FlaskClient, provider: Provider, sqlite_runtime: Runtime
) -> None:
    for claim in (False, "true", None):
        _mai(provider, email_verified=claim)
        provider.sign_in(client, "m1")
    user = _user(sqlite_runtime)
    assert user
    assert user.verified_at is None


@pytest.mark.parametrize("verified", [True, False])
def test_no_address_leads_to_an_account_that_is_there(
    client: FlaskClient, provider: Provider, sqlite_runtime: Runtime, verified: bool
) -> None:
    make_user(sqlite_runtime, MAI)
    _mai(provider, email_verified=verified)
    told = _told(client, provider.sign_in(client, "m1", "/account/with/example?lang=en"))
    assert "There is an account with the address mai@university.test already." in told
    assert _name(client) == ""


def test_its_owner_links_and_unlinks_an_identity(
    client: FlaskClient, app: Flask, provider: Provider, sqlite_runtime: Runtime
) -> None:
    mai = make_user(sqlite_runtime, MAI)
    _mai(provider, email="else@where.test")
    sign_in(client, mai)
    asked = provider.sign_in(client, "m1", "/account/with/example?link=1")
    confirm = asked.headers["Location"]
    assert "else@where.test" in client.get(confirm).text
    with sqlite_runtime.read() as work:
        assert work.session.scalar(select(Identity)) is None, "not before it is confirmed"
    assert send_form(client, confirm).status_code == 303
    by_provider = app.test_client()
    provider.sign_in(by_provider, "m1")
    assert _name(by_provider) == "Nguyễn Thị Lan"
    stranger = app.test_client()
    sign_in(stranger, make_user(sqlite_runtime, "x@example.org"))
    other = provider.sign_in(stranger, "m1", "/account/with/example?link=1&lang=en")
    page = send_form(stranger, f"{other.headers['Location']}?lang=en")
    assert "leads to another account" in _told(stranger, page)
    foreign = stranger.post("/account/identities/1/unlink", data={"csrf_token": _token(stranger)})
    assert foreign.status_code == 404
    client.post("/account/identities/1/unlink", data={"csrf_token": _token(client)})
    with sqlite_runtime.read() as work:
        assert work.session.scalar(select(Identity)) is None
        acts = set(work.session.scalars(select(AuditEvent.action)))
    assert {"user.link-identity", "user.unlink-identity"} <= acts


def test_the_last_way_to_sign_in_stays(client: FlaskClient, provider: Provider) -> None:
    _mai(provider)
    provider.sign_in(client, "m1")
    data = {"csrf_token": _token(client)}
    answer = client.post("/account/identities/1/unlink?lang=en", data=data)
    assert "set a password first" in _told(client, answer)
    assert client.post("/account/sign-in", data={"email": MAI, "password": ""}).status_code == 400


def test_the_second_factor_is_asked_all_the_same(
    client: FlaskClient, app: Flask, provider: Provider, sqlite_runtime: Runtime
) -> None:
    _mai(provider)
    provider.sign_in(client, "m1")
    user = _user(sqlite_runtime)
    assert user
    with sqlite_runtime.work() as work:
        factors.begin(work, user.id)
    with sqlite_runtime.work() as work:
        factor = factors.state_of(work, user.id)
        assert factor
        code = pyotp.TOTP(factors.secret_of(work, factor)).at(work.clock.now())
        factors.confirm(work, user.id, code)
    other = app.test_client()
    answer = provider.sign_in(other, "m1", "/account/with/example?next=/search")
    assert answer.headers["Location"] == "/account/two-factor/step?next=/search"
    assert _name(other) == ""


@pytest.mark.parametrize(
    "lie",
    [
        lambda c: c.update(nonce="of another sign-in"),
        lambda c: c.pop("nonce"),
        lambda c: c.update(iss="https://other.test"),
        lambda c: c.update(aud="another client"),
        lambda c: c.update(aud=["repository", "another"], azp="another"),
        lambda c: c.update(exp=c["iat"] - 3600),
        lambda c: c.pop("exp"),
        lambda c: c.pop("sub"),
        lambda c: c.update(sub=""),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    client: FlaskClient, provider: Provider, sqlite_runtime: Runtime, lie: Change
) -> None:
    _mai(provider)
    provider.claims = lie
    told = _told(client, provider.sign_in(client, "m1", "/account/with/example?lang=en"))
    assert "is not valid" in told
    assert _user(sqlite_runtime) is None


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({"alg": "none"}, None),
        ({"alg": "RS256", "kid": "1"}, OTHER_KEY),
        ({"alg": "RS256", "kid": "unknown"}, OTHER_KEY),
        ({"alg": "HS256", "kid": "1"}, None),
    ],
    ids=["none", "other key", "unknown key", "public key as a secret"],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    client: FlaskClient,
    provider: Provider,
    sqlite_runtime: Runtime,
    header: dict[str, Any],
    key: Any,
) -> None:
    _mai(provider)
    provider.header, provider.key = header, key
    told = _told(client, provider.sign_in(client, "m1", "/account/with/example?lang=en"))
    assert "is not valid" in told
    assert _user(sqlite_runtime) is None


def test_an_answer_is_good_once_for_whoever_asked_and_soon(
    client: FlaskClient, app: Flask, provider: Provider, clock: FixedClock
) -> None:
    _mai(provider)
    answer = provider.return_address(client, "m1")
    stranger = app.test_client()
    assert "too old or was used" in _told(stranger, stranger.get(f"{answer}&lang=en"))
    provider.return_address(stranger, "m1")  # a sign-in of their own does not help them
    assert "too old or was used" in _told(stranger, stranger.get(f"{answer}&lang=en"))
    assert client.get(answer).status_code == 302
    assert _name(client) == "Lê Mai"
    client.post("/account/sign-out", data={"csrf_token": _token(client)})
    assert "too old or was used" in _told(client, client.get(f"{answer}&lang=en"))
    late = provider.return_address(client, "m1")
    clock.advance(timedelta(minutes=11))
    assert "too old or was used" in _told(client, client.get(f"{late}&lang=en"))
    mixed = provider.return_address(client, "m1")
    told = client.get(f"{mixed}&iss=https://other.test&lang=en")
    assert "is not valid" in _told(client, told)
    denied = provider.return_address(client, "m1").partition("code=")
    state = "state=" + denied[2].partition("state=")[2].partition("&")[0]
    told = client.get(f"/account/with/example/back?error=access_denied&{state}&lang=en")
    assert "did not sign you in" in _told(client, told)


def test_where_the_provider_is_down_passwords_work(
    client: FlaskClient, provider: Provider, sqlite_runtime: Runtime
) -> None:
    user = make_user(sqlite_runtime, "lan@example.org")
    provider.down = True
    told = _told(client, client.get("/account/with/example?lang=en"))
    assert "does not answer as it should" in told
    data = {"email": user.email, "password": PASSWORD}
    assert send_form(client, "/account/sign-in", **data).status_code == 302
    provider.down = False
    provider.return_address(client, "m1")
    provider.down = True
    answer = client.get("/account/with/example/back?code=x&state=y")
    assert answer.status_code == 302


def test_what_is_configured_wrongly_is_said(provider: Provider) -> None:
    right = provider.settings()
    assert ProviderSettings.model_validate(right).secret
    for wrong in ({"issuer": "http://x.test", "allow_private": False}, {"scopes": "email"}):
        with pytest.raises(ValueError, match=r"ISSUER|SCOPES"):
            ProviderSettings.model_validate(right | wrong)


def test_where_none_is_configured_nothing_is_shown_or_asked(
    sqlite_url: str, clock: FixedClock, tmp_path: Path, provider: Provider
) -> None:
    runtime = Runtime.from_settings(make_settings(tmp_path / "none", sqlite_url), clock)
    client = create_app(runtime).test_client()
    page = client.get("/account/sign-in?lang=en").text
    assert "Sign in by" not in page
    assert client.get("/account/with/example").status_code == 404
    assert provider.asked == []
    runtime.close()
