"""Headers, forged forms, and the bounds of a request."""

import threading

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from repository.accounts.identity import current_actor
from repository.app import create_app
from repository.core.runtime import Runtime
from repository.web import windows
from repository.web.limits import WINDOWS, streams_body
from repository.web.security import untrusted
from repository.web.urls import safe_next
from repository.web.windows import Windows
from tests.webapp import make_user, send_form, sign_in


def test_headers_on_every_answer(client: FlaskClient) -> None:
    for path in ("/account/sign-in", "/nowhere", "/api/nowhere", "/static/site.css"):
        headers = client.get(path, buffered=True).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy, "no foreign origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_a_site_on_https_says_so(sqlite_runtime: Runtime) -> None:
    settings = sqlite_runtime.settings.model_copy(update={"base_url": "https://data.example.org"})
    runtime = Runtime(settings, sqlite_runtime.database, sqlite_runtime.store, sqlite_runtime.clock)
    client = create_app(runtime).test_client()
    answer = client.get("/account/sign-in", base_url="https://data.example.org")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("text/javascript", "text/plain; charset=utf-8"),
        ("application/x-javascript", "text/plain; charset=utf-8"),
        ("text/css", "text/plain; charset=utf-8"),
        ("text/csv", "text/csv"),
        ("image/svg+xml", "image/svg+xml"),
    ],
)
def test_what_others_wrote_cannot_run_on_our_origin(sent: str, given: str) -> None:
    answer = untrusted(Response(b"", content_type=sent))
    assert answer.content_type == given
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_form_of_another_site_is_refused(client: FlaskClient, sqlite_runtime: Runtime) -> None:
    user = make_user(sqlite_runtime)
    answer = client.post("/account/sign-in", data={"email": user.email, "password": "x"})
    assert answer.status_code == 400
    assert "Biểu mẫu đã hết hiệu lực" in answer.text


@pytest.fixture
def api(app: Flask) -> FlaskClient:
    def act() -> dict[str, object]:
        return {"user": current_actor().user_id, "bytes": len(request.get_data())}

    def take() -> dict[str, int]:
        return {"bytes": sum(map(len, iter(lambda: request.stream.read(1 << 16), b"")))}

    app.add_url_rule("/api/act", "act", act, methods=["POST"])
    app.add_url_rule("/api/take", "take", streams_body(take), methods=["PUT"])
    return app.test_client()


def test_the_api_wants_the_csrf_header_from_a_session(
    api: FlaskClient, sqlite_runtime: Runtime
) -> None:
    user = make_user(sqlite_runtime)
    sign_in(api, user)
    assert api.post("/api/act").status_code == 400
    page = api.get("/account/")
    token = page.text.split('"X-CSRFToken": "')[1].split('"')[0]
    answer = api.post("/api/act", headers={"X-CSRFToken": token})
    assert answer.json == {"user": user.id, "bytes": 0}


def test_a_body_is_bounded_unless_it_is_a_file(api: FlaskClient, sqlite_runtime: Runtime) -> None:
    too_much = b"0" * (sqlite_runtime.settings.max_request_json + 1)
    refused = api.post("/api/act", data=too_much, content_type="application/json")
    assert refused.status_code == 413
    taken = api.put("/api/take", data=too_much, content_type="application/json")
    assert taken.json == {"bytes": len(too_much)}


def test_one_address_cannot_try_passwords_without_end(
    sqlite_runtime: Runtime, client: FlaskClient
) -> None:
    user = make_user(sqlite_runtime)
    limit = int(sqlite_runtime.settings.rate_limit_sign_in.split()[0])
    answers = [
        send_form(client, "/account/sign-in", email=user.email, password="wrong").status_code
        for _ in range(limit)
    ]
    assert set(answers) == {400}
    refused = send_form(client, "/account/sign-in", email=user.email, password="wrong")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_counts_of_requests_end_with_their_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "SWEEP_SECONDS", 0.0)
    counts, threads = Windows(WINDOWS), threading.active_count()
    assert [counts.incr("open", 60) for _ in range(3)] == [1, 2, 3]
    assert [counts.incr("over", 0) for _ in range(2)] == [1, 1]
    assert (counts.get("open"), counts.get("over"), counts.get("never")) == (3, 0, 0)
    assert counts.get_expiry("open") > counts.get_expiry("never")
    counts.incr("later", 60)
    assert counts.reset() == 2, "what was over was forgotten"
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "/\\evil.example", "https://evil.example", "evil", "", None),
        *("/\t/evil.example", "javascript:alert(1)", "\\\\evil.example"),
    ],
)
def test_readers_are_sent_to_this_site_only(target: str | None) -> None:
    assert safe_next(target, "/home") == "/home"


def test_a_page_of_this_site_is_kept() -> None:
    assert safe_next("/records/a-b?page=2", "/home") == "/records/a-b?page=2"


def test_an_address_that_looks_like_a_host_makes_no_foreign_link(client: FlaskClient) -> None:
    assert 'href="//evil' not in client.get("//evil.example/x").text
