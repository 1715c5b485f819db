"""Two-factor sign-in."""

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from repository.accounts import doctor, factors, services, tokens
from repository.accounts.models import Role, SecondFactor, User
from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.errors import ValidationFailed
from repository.core.runtime import Runtime
from tests.runtimes import make_settings
from tests.webapp import PASSWORD, TOKEN, make_user, send_form, sign_in

SECRET = re.compile(r"<code>([A-Z2-7]{32})</code>")
RECOVERY = re.compile(r"\b(?:\w{4}-){3}\w{4}\b")


@pytest.fixture
def user(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


def enrolled(runtime: Runtime, user: User) -> tuple[pyotp.TOTP, list[str]]:
    with runtime.work() as work:
        factors.begin(work, user.id)
        work.session.flush()
        factor = work.session.get_one(SecondFactor, user.id)
        totp = pyotp.TOTP(factors.secret_of(work, factor))
        codes = factors.confirm(work, user.id, totp.at(work.clock.now()))
    return totp, codes


def passes(runtime: Runtime, user: User, code: str) -> bool:
    with runtime.work() as work:
        return factors.passes(work, user.id, code)


def test_a_code_counts_once_and_for_a_minute_and_a_half(
    runtime: Runtime, clock: FixedClock
) -> None:
    user = make_user(runtime)
    totp, _codes = enrolled(runtime, user)
    assert not passes(runtime, user, totp.at(clock.now())), "the code it was confirmed with"
    clock.advance(timedelta(seconds=60))
    code = totp.at(clock.now())
    assert passes(runtime, user, f" {code[:3]} {code[3:]} ")
    assert not passes(runtime, user, code)
    clock.advance(timedelta(seconds=300))
    assert not passes(runtime, user, totp.at(clock.now() - timedelta(seconds=90)))
    assert not passes(runtime, user, "")


def test_a_recovery_code_counts_once(runtime: Runtime) -> None:
    user = make_user(runtime)
    _totp, codes = enrolled(runtime, user)
    assert len(set(codes)) == 10
    assert passes(runtime, user, codes[3].upper().replace("-", " "))
    assert not passes(runtime, user, codes[3])
    assert passes(runtime, user, codes[0])
    with runtime.work() as work:
        fresh = factors.renew_recovery_codes(work, user.id, PASSWORD)
    assert not passes(runtime, user, codes[1])
    assert passes(runtime, user, fresh[1])


def test_turning_it_off_takes_the_password(runtime: Runtime) -> None:
    user = make_user(runtime)
    enrolled(runtime, user)
    with runtime.work() as work, pytest.raises(ValidationFailed):
        factors.turn_off(work, user.id, "wrong")
    with runtime.work() as work:
        factors.turn_off(work, user.id, PASSWORD)
    with runtime.read() as work:
        assert not factors.is_on(work, user.id)


def test_the_secret_is_kept_sealed(sqlite_runtime: Runtime, user: User) -> None:
    totp, codes = enrolled(sqlite_runtime, user)
    with sqlite_runtime.read() as work:
        factor = work.session.get_one(SecondFactor, user.id)
        assert totp.secret.encode() not in factor.secret
        assert codes[0] not in factor.recovery


def test_doctor_names_who_cannot_sign_in_with_another_secret_key(
    sqlite_runtime: Runtime, user: User
) -> None:
    enrolled(sqlite_runtime, user)
    assert list(doctor.problems(sqlite_runtime)) == []
    other = {"secret_key": SecretStr("another secret key, as long as the first one was")}
    changed = replace(sqlite_runtime, settings=sqlite_runtime.settings.model_copy(update=other))
    (line,) = doctor.problems(changed)
    assert user.email in line
    assert "take-second-factor" in line


def test_setting_it_up_and_signing_in(
    client: FlaskClient, app: Flask, sqlite_runtime: Runtime, clock: FixedClock, user: User
) -> None:
    sign_in(client, user)
    send_form(client, "/account/two-factor/?lang=en")
    page = client.get("/account/two-factor/?lang=en")
    token = _token(page.text)
    client.post("/account/two-factor/begin", data={"csrf_token": token})
    shown = client.get("/account/two-factor/?lang=en").text
    assert "data:image/svg+xml" in shown
    secret = SECRET.search(shown)
    assert secret
    totp = pyotp.TOTP(secret[1])
    wrong = client.post(
        "/account/two-factor/confirm", data={"csrf_token": token, "code": "000000x"}
    )
    assert wrong.status_code == 400
    done = client.post(
        "/account/two-factor/confirm",
        data={"csrf_token": token, "code": totp.at(clock.now())},
    )
    assert len(RECOVERY.findall(done.text.partition("<pre")[2])) == 10

    other = app.test_client()
    first = sign_in(other, user)
    assert "/account/two-factor/step" in first.location
    assert other.get("/account/").status_code == 302, "the password alone lets nobody in"
    refused = send_form(other, first.location, code="000000")
    assert refused.status_code == 400
    clock.advance(timedelta(seconds=60))
    passed = send_form(other, first.location, code=totp.at(clock.now()))
    assert passed.status_code == 302
    assert other.get("/account/").status_code == 200


def test_the_second_step_is_for_ten_minutes_and_few_guesses(
    client: FlaskClient, sqlite_runtime: Runtime, clock: FixedClock, user: User
) -> None:
    totp, _codes = enrolled(sqlite_runtime, user)
    step = sign_in(client, user).location
    clock.advance(timedelta(minutes=11))
    assert client.get(step).status_code == 302
    with sqlite_runtime.work() as work:
        for _ in range(10):
            services.note_refused_sign_in(work, user.email)
            work.session.flush()
    clock.advance(timedelta(minutes=14))
    with sqlite_runtime.read() as work:
        assert services.authenticate(work, user.email, PASSWORD) is None
    assert passes(sqlite_runtime, user, totp.at(clock.now())), "the code itself was never at fault"


def test_a_site_may_ask_it_of_its_staff(sqlite_runtime: Runtime, clock: FixedClock) -> None:
    settings = make_settings(
        sqlite_runtime.settings.data_dir,
        sqlite_runtime.settings.database_url,
        require_two_factor="staff",
    )
    strict = Runtime(settings, sqlite_runtime.database, sqlite_runtime.store, clock)
    app = create_app(strict)
    app.testing = True
    researcher, curator = make_user(strict), make_user(strict, "mai@example.org", Role.CURATOR)
    client = app.test_client()
    sign_in(client, researcher)
    assert client.get("/account/").status_code == 200
    client = app.test_client()
    sign_in(client, curator)
    assert client.get("/admin/identifiers").location.startswith("/account/two-factor/")
    assert client.get("/api/user/records").status_code == 403
    assert client.get("/account/two-factor/?lang=en").status_code == 200
    with strict.work() as work:
        _row, text = tokens.create_token(
            work, services.get(work, curator.id), name="script", scopes=["user:read"]
        )
    bearer = {"Authorization": f"Bearer {text}"}
    assert app.test_client().get("/api/user/records", headers=bearer).status_code == 403
    enrolled(strict, curator)
    assert client.get("/admin/identifiers").status_code == 200
    assert app.test_client().get("/api/user/records", headers=bearer).status_code == 200


def _token(page: str) -> str:
    found = TOKEN.search(page)
    assert found
    return found[1]
