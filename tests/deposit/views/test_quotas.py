"""Room for files, as people see it: beside their files, and on the administrators' page."""

import pytest
from flask.testing import FlaskClient

from repository.accounts.models import Actor, Role
from repository.core.runtime import Runtime
from repository.deposit.drafts import create_draft
from repository.records.models import Version
from tests.webapp import make_user, send_form, sign_in

PAGE = "/admin/quotas?lang=en"


@pytest.fixture
def draft(client: FlaskClient, sqlite_runtime: Runtime) -> str:
    user = make_user(sqlite_runtime)
    sign_in(client, user)
    with sqlite_runtime.work() as work:
        return create_draft(work, Actor.of(user), {}).version_id


def test_what_is_left_is_shown_and_told(
    client: FlaskClient, sqlite_runtime: Runtime, draft: str
) -> None:
    page = client.get(f"/deposit/{draft}?lang=en")
    assert "room for 200 GB more of 200 GB" in page.text
    with sqlite_runtime.read() as work:
        record = work.session.get_one(Version, draft).record_id
    admin = client.application.test_client()
    sign_in(admin, make_user(sqlite_runtime, "admin@example.org", Role.ADMIN))
    sent = send_form(admin, PAGE, scope="record", name=draft, gigabytes="0", files="1")
    assert sent.status_code == 302, sent.text
    shown = admin.get(PAGE).text
    assert record in shown
    page = client.get(f"/deposit/{draft}?lang=en")
    assert "1 more file" in page.text
    assert "room for 1 TB more of the 1 TB that you have" in page.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"scope": "user", "name": "x@y.z", "files": "1"}, "Nobody with this address"),
        ({"scope": "user", "name": "lan@example.org", "gigabytes": "-1"}, "Write a whole number"),
        ({"scope": "world", "name": "lan@example.org"}, "Choose one of these."),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    client: FlaskClient, sqlite_runtime: Runtime, fields: dict[str, str], told: str
) -> None:
    sign_in(client, make_user(sqlite_runtime, "admin@example.org", Role.ADMIN))
    answer = send_form(client, PAGE, **fields)
    assert answer.status_code == 400
    assert told in answer.text
    assert f'value="{fields["name"]}"' in answer.text


def test_it_is_for_administrators(client: FlaskClient, draft: str) -> None:
    assert client.get(PAGE).status_code == 403
    assert client.post("/admin/quotas").status_code in (400, 403)
