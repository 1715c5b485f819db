"""Addresses that are known to be their users': by a mailed link, once; by an operator's word."""

import re
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts import cli as accounts_cli
from repository.accounts import recovery, services, verification
from repository.accounts.models import Role, User
from repository.accounts.signed_links import LinkWorn
from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.errors import Conflict, ValidationFailed
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from tests.services.smtp import Mailbox
from tests.webapp import PASSWORD, TOKEN, make_user, send_form, sign_in

LINK = re.compile(r"http://repository\.test(/account/confirm-address\S+)")
MINH, NEW = "minh@university.test", "minh@institute.test"


def is_verified(runtime: Runtime, email: str) -> bool:
    with runtime.read() as work:
        user = services.find(work, email)
        assert user
        return user.verified_at is not None


def mailed_link(runtime: Runtime, mailbox: Mailbox, address: str) -> str:
    run_until_idle(runtime)
    found = LINK.search(mailbox.text_to(address))
    assert found
    return found[1]


def press(client: FlaskClient, url: str, page: str) -> int:
    found = TOKEN.search(client.get(page).text)
    assert found
    return client.post(url, data={"csrf_token": found[1]}).status_code


def test_an_address_is_confirmed_once_by_the_mailed_link(
    mailing_runtime: Runtime, mailbox: Mailbox, clock: FixedClock
) -> None:
    app = create_app(mailing_runtime)
    client = app.test_client()
    send_form(client, "/account/register?lang=en", email=MINH, password=PASSWORD, name="Minh")
    first = mailed_link(mailing_runtime, mailbox, MINH)
    assert "was sent to it" in client.get("/account/?lang=en").text
    assert press(client, "/account/verify", "/account/") == 303
    assert "in five minutes" in client.get("/account/?lang=en").text
    clock.advance(timedelta(minutes=6))
    press(client, "/account/verify", "/account/")
    assert mailed_link(mailing_runtime, mailbox, MINH) != first
    reader = app.test_client()  # the mail may be read in another browser
    assert MINH in reader.get(first).text
    assert not is_verified(mailing_runtime, MINH), "opening alone confirms nothing"
    assert send_form(reader, first).status_code == 303
    assert is_verified(mailing_runtime, MINH)
    assert "was sent to it" not in client.get("/account/?lang=en").text
    assert reader.get(first).status_code == 410
    assert reader.get(mailed_link(mailing_runtime, mailbox, MINH)).status_code == 410


def test_a_new_address_counts_when_it_is_confirmed(
    mailing_runtime: Runtime, mailbox: Mailbox
) -> None:
    app = create_app(mailing_runtime)
    client, user = app.test_client(), make_user(mailing_runtime, MINH)
    make_user(mailing_runtime, "lan@institute.test")
    sign_in(client, user)
    page = "/account/address?lang=en"
    for email, password, told in (
        (NEW, "not the password", "not your present password"),
        (MINH, PASSWORD, "your address already"),
        ("lan@institute.test", PASSWORD, "Another account"),
        ("minh", PASSWORD, "name@example.org"),
    ):
        refused = send_form(client, page, new_email=email, password_for_email=password)
        assert refused.status_code == 400
        assert told in refused.text
        assert password not in refused.text
    assert send_form(client, page, new_email=NEW, password_for_email=PASSWORD).status_code == 303
    link = mailed_link(mailing_runtime, mailbox, NEW)
    assert not mailbox.to(MINH)
    sign_in(app.test_client(), user)
    assert send_form(client, link).status_code == 303
    assert is_verified(mailing_runtime, NEW)
    run_until_idle(mailing_runtime)
    assert "đã được thay đổi" in str(mailbox.to(MINH)[-1]["Subject"])
    assert client.get(link).status_code == 410


def _link(runtime: Runtime, user: User, address: str) -> str:
    with runtime.work() as work:
        return verification.link_for(work, services.get(work, user.id), address)


def test_links_wear_out(runtime: Runtime, clock: FixedClock) -> None:
    user = make_user(runtime, MINH)
    change, present = _link(runtime, user, NEW), _link(runtime, user, MINH)
    with runtime.read() as work:
        assert verification.opened(work, change)[1] == NEW
        for wrong in (change + "x", change[1:], "", "null"):
            with pytest.raises(LinkWorn):
                verification.opened(work, wrong)
    with runtime.work() as work:
        services.change_password(work, user.id, current=PASSWORD, new=PASSWORD * 2)
    with runtime.read() as work:
        with pytest.raises(LinkWorn):
            verification.opened(work, change)
        verification.opened(work, present)
    clock.advance(timedelta(days=3, seconds=1))
    with runtime.read() as work, pytest.raises(LinkWorn):
        verification.opened(work, present)


def test_an_address_goes_to_one_account(runtime: Runtime) -> None:
    user = make_user(runtime, MINH)
    link = _link(runtime, user, NEW)
    make_user(runtime, NEW)
    with pytest.raises(Conflict), runtime.work() as work:
        verification.confirm(work, link)
    with pytest.raises(ValidationFailed), runtime.work() as work:
        verification.ask_change(work, user.id, email=NEW, password=PASSWORD)


def test_a_new_password_by_mail_confirms_the_address(runtime: Runtime) -> None:
    with runtime.work() as work:
        recovery.invite(work, None, email=MINH, name="Minh", role="researcher")
    with runtime.work() as work:
        invited = services.find(work, MINH)
        assert invited
        recovery.set_password(work, recovery.link_for(work, invited), PASSWORD)
    assert is_verified(runtime, MINH)


def test_without_mail_an_operator_vouches(app: Flask, sqlite_runtime: Runtime) -> None:
    client, user = app.test_client(), make_user(sqlite_runtime, MINH)
    sign_in(client, user)
    for page in ("/account/?lang=en", "/deposit?lang=en"):
        told = client.get(page).text
        assert "cannot send mail yet" in told
        assert "/account/verify" not in told
    admin = make_user(sqlite_runtime, "admin@example.org", Role.ADMIN)
    client = app.test_client()
    sign_in(client, admin)
    page = "/admin/users?lang=en"
    assert "address not confirmed" in client.get(page).text
    token = TOKEN.search(client.get(page).text)
    assert token
    client.post(f"/admin/users/{user.id}", data={"csrf_token": token[1], "act": "verify"})
    assert is_verified(sqlite_runtime, MINH)
    done = CliRunner().invoke(
        accounts_cli.user, ["verify", "admin@example.org"], obj=lambda: sqlite_runtime
    )
    assert done.output == "admin@example.org: confirmed\n"
