"""The operator's page of backups."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from repository.accounts.models import Role
from repository.core.runtime import Runtime
from repository.preservation import backup, fixity
from repository.preservation.policies import current, versions
from repository.preservation.rules import Terms
from tests.preservation.conftest import publish, with_target
from tests.preservation.damage import flip, sha256
from tests.webapp import make_user, send_form, sign_in

PAGE = "/admin/backups?lang=en"
TERMS = {name: str(value) for name, value in Terms().model_dump().items()}


@pytest.fixture
def admin(client: FlaskClient, sqlite_runtime: Runtime) -> FlaskClient:
    sign_in(client, make_user(sqlite_runtime, "quan@example.org", Role.ADMIN))
    return client


def test_only_administrators_see_it(client: FlaskClient, sqlite_runtime: Runtime) -> None:
    assert client.get("/admin/backups").status_code == 302
    sign_in(client, make_user(sqlite_runtime, role=Role.CURATOR))
    assert client.get("/admin/backups").status_code == 403
    assert client.post("/admin/backups", data=TERMS).status_code in (400, 403)
    with sqlite_runtime.read() as work:
        assert versions(work) == []


def test_new_terms_are_a_new_version(admin: FlaskClient, sqlite_runtime: Runtime) -> None:
    for hours in ("12", "6", "6"):
        answer = send_form(admin, PAGE, **(TERMS | {"every_hours": hours}))
        assert answer.status_code == 302
    with sqlite_runtime.read() as work:
        assert [row.version for row in versions(work)] == [2, 1]
        assert current(work).terms.every_hours == 6
    assert "default v2 is in force from now on." in admin.get(PAGE).text


def test_what_was_typed_is_not_lost(admin: FlaskClient, sqlite_runtime: Runtime) -> None:
    answer = send_form(admin, PAGE, **(TERMS | {"keep_daily": "many", "rto_hours": "3"}))
    assert answer.status_code == 400
    assert 'value="many"' in answer.text
    assert 'value="3"' in answer.text
    assert "Enter a whole number from 0 to 366." in admin.get(PAGE).text + answer.text
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
