"""A forgotten password, accounts that are held, sessions that are ended."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.accounts import recovery, services, throttling
from repository.accounts.models import User
from repository.accounts.signed_links import LinkWorn
from repository.core.clock import FixedClock
from repository.core.mail import Mail, text_of
from repository.core.runtime import Runtime
from tests.webapp import PASSWORD, make_user, send_form, sign_in

NEW = "a new and better password"
LINK = re.compile(r"http://repository\.test(/account/new-password\S+)")


@pytest.fixture
def user(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


def mails(runtime: Runtime) -> list[tuple[str, str]]:
    with runtime.read() as work:
        rows = work.session.scalars(select(Mail).order_by(Mail.id))
        return [(each.to_address, text_of(runtime.settings, each)) for each in rows]


def link_to(runtime: Runtime) -> str:
    found = LINK.search(mails(runtime)[-1][1])
    assert found
    return found[1]


def test_a_link_by_mail_sets_a_new_password_once(
    client: FlaskClient, app: Flask, sqlite_runtime: Runtime, user: User
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, user)
    assert "/account/forgotten" in client.get("/account/sign-in").text
    answer = send_form(client, "/account/forgotten?lang=en", email="LAN@example.org")
    assert "is on its way" in answer.text
    link = link_to(sqlite_runtime)
    short = send_form(client, link, link=link.partition("link=")[2], new_password="short")
    assert short.status_code == 400
    assert "short" not in short.text
    done = send_form(client, link, link=link.partition("link=")[2], new_password=NEW)
    assert done.status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    assert client.get(link).status_code == 410
    sign_in(client, user, NEW)


def test_nobody_learns_who_has_an_account(
    client: FlaskClient, sqlite_runtime: Runtime, user: User
) -> None:
    pages = [
        send_form(client, "/account/forgotten", email=email).text.replace(email, "")
        for email in (user.email, "nobody@example.org")
    ]
    assert len(pages[0]) == len(pages[1])
    assert [to for to, _text in mails(sqlite_runtime)] == [user.email]


def test_links_are_few_and_short_lived(runtime: Runtime, clock: FixedClock) -> None:
    person = make_user(runtime)
    for _ in range(3):
        with runtime.work() as work:
            recovery.ask(work, person.email)
    assert len(mails(runtime)) == 1
    link = link_to(runtime).partition("link=")[2]
    with runtime.read() as work:
        assert recovery.owner(work, link).id == person.id
        for wrong in (link + "x", link[1:], "", "null", "W10.x"):
            with pytest.raises(LinkWorn):
                recovery.owner(work, wrong)
    clock.advance(timedelta(minutes=61))
    with runtime.read() as work, pytest.raises(LinkWorn):
        recovery.owner(work, link)


def test_an_account_is_held_after_ten_wrong_tries(runtime: Runtime, clock: FixedClock) -> None:
    person = make_user(runtime)
    for _ in range(throttling.MAX_REFUSED):
        with runtime.work() as work:
            assert services.authenticate(work, person.email, PASSWORD) is not None
            services.note_refused_sign_in(work, person.email)
    with runtime.read() as work:
        assert services.authenticate(work, person.email, PASSWORD) is None
    clock.advance(timedelta(minutes=16))
    with runtime.read() as work:
        assert services.authenticate(work, person.email, PASSWORD) is not None


def test_a_new_password_frees_an_account(runtime: Runtime) -> None:
    person = make_user(runtime)
    with runtime.work() as work:
        for _ in range(throttling.MAX_REFUSED):
            services.note_refused_sign_in(work, person.email)
            work.session.flush()
        recovery.ask(work, person.email)
    with runtime.work() as work:
        recovery.set_password(work, link_to(runtime).partition("link=")[2], NEW)
    with runtime.read() as work:
        assert services.authenticate(work, person.email, NEW) is not None


def test_all_other_sessions_are_ended(client: FlaskClient, app: Flask, user: User) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, user)
    sign_in(client, user)
    send_form(client, "/account/", name="Lan")
    page = client.get("/account/")
    token = page.text.partition('name="csrf_token" value="')[2].split('"')[0]
    client.post("/account/sessions", data={"csrf_token": token})
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
