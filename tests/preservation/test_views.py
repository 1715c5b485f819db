"""The operator's pages of backups, and what the record page tells."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.accounts.models import Role
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.preservation import backup, fixity
from repository.preservation.policies import current, versions
from repository.preservation.rules import NUMBERS, Terms
from tests.preservation.conftest import publish, with_target
from tests.preservation.damage import flip, sha256
from tests.webapp import TOKEN, make_user, send_form, sign_in

PAGE = "/admin/backups?lang=en"
POLICY = "/admin/backups/policies/default?lang=en"
TERMS = {name: str(getattr(Terms(), name)) for name in NUMBERS} | {
    "database": "1",
    "configuration": "1",
    "lock_mode": "",
    "collections": "",
}


def post_to(client: FlaskClient, url: str, **fields: object) -> TestResponse:
    """Send a small form of the page to its address."""
    found = TOKEN.search(client.get(PAGE).text)
    assert found
    return client.post(url, data={"csrf_token": found[1], **fields})


@pytest.fixture
def admin(client: FlaskClient, sqlite_runtime: Runtime) -> FlaskClient:
    sign_in(client, make_user(sqlite_runtime, "quan@example.org", Role.ADMIN))
    return client


def test_only_administrators_see_it(client: FlaskClient, sqlite_runtime: Runtime) -> None:
    assert client.get("/admin/backups").status_code == 302
    sign_in(client, make_user(sqlite_runtime, role=Role.CURATOR))
    assert client.get("/admin/backups").status_code == 403
    assert client.get(POLICY).status_code == 403
    assert client.get("/admin/backups/sites").status_code == 403
    assert client.post(POLICY, data=TERMS).status_code in (400, 403)
    with sqlite_runtime.read() as work:
        assert versions(work) == []


def test_new_terms_are_a_new_version(admin: FlaskClient, sqlite_runtime: Runtime) -> None:
    for hours in ("12", "6", "6"):
        answer = send_form(admin, POLICY, **(TERMS | {"every_hours": hours}))
        assert answer.status_code == 302
    with sqlite_runtime.read() as work:
        assert [row.version for row in versions(work)] == [2, 1]
        assert current(work).terms.every_hours == 6
    assert "default v2 is in force from now on." in admin.get(PAGE).text


def test_what_was_typed_is_not_lost(admin: FlaskClient, sqlite_runtime: Runtime) -> None:
    answer = send_form(admin, POLICY, **(TERMS | {"keep_daily": "many", "rto_hours": "3"}))
    assert answer.status_code == 400
    assert 'value="many"' in answer.text
    assert 'value="3"' in answer.text
    assert "Enter a whole number from 0 to 366." in answer.text
    with sqlite_runtime.read() as work:
        assert versions(work) == []


def test_it_shows_what_was_done_and_what_is_bad(
    admin: FlaskClient, sqlite_runtime: Runtime, tmp_path: Path
) -> None:
    assert "REPOSITORY_BACKUP_TARGET" in admin.get(PAGE).text
    publish(sqlite_runtime, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    made = backup.run(with_target(sqlite_runtime, tmp_path / "backups")).manifest
    path = sqlite_runtime.store.local_path(sha256(b"1,2"))
    assert path is not None
    flip(path)
    with sqlite_runtime.work() as work:
        fixity.register_new(work)
    fixity.check(sqlite_runtime, sqlite_runtime.clock.now())
    page = admin.get(PAGE).text
    assert made.id in page
    assert sha256(b"1,2") in page


def test_a_site_and_a_policy_for_it(
    admin: FlaskClient, sqlite_runtime: Runtime, tmp_path: Path
) -> None:
    wrong = {"name": "nas", "address": "mnt/nas", "access_key": "lan", "password": "a secret"}
    answer = send_form(admin, "/admin/backups/sites?lang=en", **wrong)
    assert answer.status_code == 400
    assert "Give a folder that begins with /" in answer.text
    assert 'value="mnt/nas"' in answer.text
    assert "a secret" not in answer.text
    right = wrong | {"address": str(tmp_path / "nas")}
    assert send_form(admin, "/admin/backups/sites", **right).status_code == 302
    begun = post_to(admin, "/admin/backups/policies", name="second-copy")
    assert begun.location == "/admin/backups/policies/second-copy"
    page = admin.get("/admin/backups/policies/second-copy?lang=en").text
    assert "nas" in page
    saved = send_form(admin, begun.location, **(TERMS | {"sites": "nas", "rto_hours": "3"}))
    assert saved.status_code == 302
    with sqlite_runtime.read() as work:
        found = current(work, "second-copy")
        assert (found.label, found.terms.sites, found.terms.rto_hours) == (
            "second-copy v1",
            ("nas",),
            3,
        )
    assert "second-copy v1" in admin.get(PAGE).text
    page = admin.get("/admin/backups/sites/nas?lang=en").text
    assert "lan" in page
    assert "a secret" not in page
    assert post_to(admin, "/admin/backups/sites/nas/remove").status_code == 409
    assert admin.get("/admin/backups/sites/absent").status_code == 404
    assert "none yet" not in admin.get(f"{begun.location}?lang=en").text
    send_form(admin, begun.location, **TERMS)
    assert "<dd>none yet</dd>" in admin.get(f"{begun.location}?lang=en").text


def test_a_name_that_cannot_be_is_told(admin: FlaskClient) -> None:
    assert post_to(admin, "/admin/backups/policies?lang=en", name="Kho Lạnh").status_code == 302
    assert "Use 1 to 40 small letters" in admin.get(PAGE).text


def test_the_record_page_tells_of_the_last_check(
    client: FlaskClient, sqlite_runtime: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    version_id = publish(sqlite_runtime, tmp_path / "in", "mua", {"a.csv": b"1,2"})
    page = f"/records/{version_id}?lang=en"
    assert "the first time is to come" in client.get(page).text
    clock.advance(timedelta(days=1))
    with sqlite_runtime.work() as work:
        fixity.register_new(work)
    fixity.check(sqlite_runtime, clock.now())
    told = client.get(page).text
    assert "since November 24, 2026 every file has been read again" in told
    clock.advance(timedelta(days=1))
    path = sqlite_runtime.store.local_path(sha256(b"1,2"))
    assert path is not None
    flip(path)
    fixity.check(sqlite_runtime, clock.now())
    assert "1 file does not match its SHA-256 any more" in client.get(page).text
