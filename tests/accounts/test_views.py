"""The account's pages, as a browser uses them."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.accounts import services, tokens
from repository.accounts.identity import current_actor, require_actor
from repository.accounts.models import Scope, User
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from tests.webapp import PASSWORD, make_user, send_form, sign_in

SHOWN_TOKEN = re.compile(r"rdr_[\w-]+")


@pytest.fixture
def user(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


def signed_in(client: FlaskClient) -> bool:
    return client.get("/account/").status_code == 200


def test_registering_signs_in(client: FlaskClient, sqlite_runtime: Runtime) -> None:
    answer = send_form(
        client,
        "/account/register?lang=en",
        email="minh@example.org",
        password=PASSWORD,
        name="Trần Văn Minh",
    )
    assert answer.status_code == 302
    page = client.get("/account/")
    assert "Welcome, Trần Văn Minh" in page.text
    with sqlite_runtime.read() as work:
        user = services.find(work, "minh@example.org")
        assert user is not None
        assert (user.role, user.locale) == ("researcher", "en")


def test_nothing_typed_is_lost_but_the_password(client: FlaskClient) -> None:
    answer = send_form(
        client, "/account/register", email="minh@", password="short", name="Trần Văn Minh"
    )
    assert answer.status_code == 400
    assert 'value="Trần Văn Minh"' in answer.text
    assert 'value="minh@"' in answer.text
    assert "short" not in answer.text
    assert 'id="email-error"' in answer.text
    assert 'aria-describedby="email-error"' in answer.text


def test_a_closed_site_has_no_form(client: FlaskClient, app: Flask) -> None:
    app.jinja_env.globals["registration_open"] = lambda: False
    assert "<form method" not in client.get("/account/register").text
    assert "/account/register" not in client.get("/account/sign-in").text


@pytest.mark.parametrize("page", ["/account/tokens?lang=en", "/deposit/100%25%3F"])
def test_signing_in_leads_back(client: FlaskClient, user: User, page: str) -> None:
    away = client.get(page)
    assert away.status_code == 302
    answer = send_form(client, away.location, email=user.email, password=PASSWORD)
    assert answer.location == page


def test_signing_in_never_leads_away(client: FlaskClient, user: User) -> None:
    page = "/account/sign-in?next=//evil.example"
    answer = send_form(client, page, email=user.email, password=PASSWORD)
    assert answer.location == "/account/"


def test_a_wrong_password_and_an_unknown_user_look_the_same(
    client: FlaskClient, user: User
) -> None:
    known = send_form(client, "/account/sign-in", email=user.email, password="wrong")
    unknown = send_form(client, "/account/sign-in", email="x@example.org", password="wrong")
    assert known.status_code == unknown.status_code == 400
    hide = re.compile(r'value="[^"]*"')
    assert hide.sub("", known.text) == hide.sub("", unknown.text)


def test_a_session_is_new_after_sign_in(client: FlaskClient, user: User) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by someone else"
    sign_in(client, user)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_signing_out(client: FlaskClient, user: User) -> None:
    sign_in(client, user)
    assert send_form_of(client, "/account/", "/account/sign-out").status_code == 302
    assert not signed_in(client)


def send_form_of(client: FlaskClient, page: str, action: str, **fields: object) -> TestResponse:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get(page).text)[0]
    return client.post(action, data={"csrf_token": token, **fields})


def test_a_new_password_signs_other_browsers_out(app: Flask, user: User) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    sign_in(here, user)
    sign_in(elsewhere, user)
    fields = {"current_password": PASSWORD, "new_password": "a new and better one"}
    send_form_of(here, "/account/", "/account/password", **fields)
    assert signed_in(here)
    assert not signed_in(elsewhere)


def test_a_user_who_is_shut_out_is_out_at_once(
    client: FlaskClient, user: User, sqlite_runtime: Runtime
) -> None:
    sign_in(client, user)
    with sqlite_runtime.work() as work:
        services.get(work, user.id).active = False
    assert not signed_in(client)


def test_profile(client: FlaskClient, user: User) -> None:
    sign_in(client, user)
    fields = {"name": "Lan N.", "affiliation": "Viện Ví dụ", "orcid": "", "locale": "en"}
    answer = send_form(client, "/account/", **fields)
    page = client.get(answer.location)
    assert "Your profile is saved." in page.text
    assert 'value="Viện Ví dụ"' in page.text
    wrong = send_form(client, "/account/", **(fields | {"orcid": "1234"}))
    assert wrong.status_code == 400
    assert 'value="1234"' in wrong.text


def test_a_language_is_kept(client: FlaskClient, user: User) -> None:
    sign_in(client, user)
    send_form_of(client, "/account/", "/account/language", locale="en", next="/account/tokens")
    assert '<html lang="en">' in client.get("/account/").text


def test_a_token_is_shown_once(client: FlaskClient, user: User) -> None:
    sign_in(client, user)
    fields = {"name": "Máy tính", "scopes": ["user:read", "deposit:write"], "expires": "30"}
    made = send_form(client, "/account/tokens", **fields)
    assert made.headers["Cache-Control"] == "private, no-store"
    assert SHOWN_TOKEN.search(made.text)
    page = client.get("/account/tokens")
    assert "Máy tính" in page.text
    assert not SHOWN_TOKEN.search(page.text)


def test_a_token_without_a_name(client: FlaskClient, user: User) -> None:
    sign_in(client, user)
    wrong = send_form(client, "/account/tokens", name="", scopes=["deposit:write"], expires="30")
    assert wrong.status_code == 400
    assert 'value="deposit:write" checked' in wrong.text
    assert '<option value="30" selected>' in wrong.text


def test_revoking(client: FlaskClient, user: User, sqlite_runtime: Runtime) -> None:
    with sqlite_runtime.work() as work:
        token, _text = tokens.create_token(work, user, name="old", scopes=[Scope.READ])
    sign_in(client, user)
    send_form_of(client, "/account/tokens", f"/account/tokens/{token.id}/revoke")
    with sqlite_runtime.read() as work:
        assert tokens.list_tokens(work, user.id) == []


@pytest.fixture
def api(app: Flask) -> FlaskClient:
    def who() -> dict[str, object]:
        actor = current_actor()
        return {"user": actor.user_id, "scopes": sorted(actor.scopes)}

    def mine() -> dict[str, object]:
        return {"user": require_actor().user_id}

    app.add_url_rule("/api/who", "api_who", who, methods=["GET", "POST"])
    app.add_url_rule("/api/mine", "api_mine", mine)
    app.add_url_rule("/who", "who", who)
    return app.test_client()


@pytest.fixture
def bearer(user: User, sqlite_runtime: Runtime) -> dict[str, str]:
    with sqlite_runtime.work() as work:
        _token, text = tokens.create_token(work, user, name="x", scopes=[Scope.READ])
    return {"Authorization": f"Bearer {text}"}


def test_a_token_counts_on_the_api(
    api: FlaskClient, user: User, bearer: dict[str, str], sqlite_runtime: Runtime
) -> None:
    for method in (api.get, api.post):
        answer = method("/api/who", headers=bearer)
        assert answer.json == {"user": user.id, "scopes": ["user:read"]}
        assert "Set-Cookie" not in answer.headers
    with sqlite_runtime.read() as work:
        [token] = tokens.list_tokens(work, user.id)
        assert token.last_used_at == sqlite_runtime.clock.now()


def test_a_token_counts_for_nothing_on_pages(api: FlaskClient, bearer: dict[str, str]) -> None:
    answer = api.get("/who", headers=bearer)
    assert answer.json is not None
    assert answer.json["user"] is None


@pytest.mark.parametrize("sent", ["Bearer wrong", "Bearer ", "bearer rdr_x y", "Bearer \xff"])
def test_a_wrong_token_is_refused_and_never_less(api: FlaskClient, user: User, sent: str) -> None:
    sign_in(api, user)
    answer = api.get("/api/who", headers={"Authorization": sent})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.mimetype == "application/problem+json"


def test_nobody_is_told_to_sign_in(api: FlaskClient) -> None:
    assert api.get("/api/mine").status_code == 401
    who = api.get("/api/who")
    assert who.json is not None
    assert who.json["user"] is None


def test_a_form_sent_after_the_session_ended_is_not_lost_in_a_redirect(
    client: FlaskClient, user: User, clock: FixedClock
) -> None:
    page = client.get("/account/sign-in")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
    answer = client.post("/account/tokens", data={"csrf_token": token})
    assert answer.status_code == 401
    assert "Cần đăng nhập" in answer.text


def test_a_session_in_use_is_renewed(client: FlaskClient, user: User, clock: FixedClock) -> None:
    sign_in(client, user)
    client.get("/account/tokens")
    assert "Set-Cookie" not in client.get("/account/tokens").headers
    clock.advance(timedelta(minutes=11))
    assert "Set-Cookie" in client.get("/account/tokens").headers
