"""The administrators' pages, and what they do to people and jobs."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.accounts import administration, services
from repository.accounts.models import Actor, Role, User
from repository.core import jobs
from repository.core.errors import Conflict, ValidationFailed
from repository.core.jobs import Job
from repository.core.runner import run_due
from repository.core.runtime import Runtime
from tests.webapp import TOKEN, make_user, sign_in

PAGES = ("/admin/", "/admin/users", "/admin/jobs", "/admin/audit")


@jobs.handler("test.always-fails")
def _fails(runtime: Runtime, payload: dict[str, object]) -> None:
    raise RuntimeError(f"no such shelf: {payload['shelf']}")


def token_of(client: FlaskClient) -> str:
    found = TOKEN.search(client.get("/admin/users").text)
    assert found
    return found[1]


@pytest.fixture
def boss(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime, "boss@example.org", Role.ADMIN)


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.CURATOR])
def test_only_administrators_see_them(
    client: FlaskClient, sqlite_runtime: Runtime, role: Role
) -> None:
    for page in PAGES:
        assert client.get(page).status_code == 302
    sign_in(client, make_user(sqlite_runtime, role=role))
    for page in PAGES:
        assert client.get(page).status_code == 403


def test_a_role_is_given_and_taken(
    client: FlaskClient, sqlite_runtime: Runtime, boss: User
) -> None:
    user = make_user(sqlite_runtime)
    sign_in(client, boss)
    page = client.get("/admin/users?q=LAN@example&lang=en")
    assert "Nguyễn Thị Lan" in page.text
    assert "boss@example.org" not in page.text.partition("<main")[2]
    token = token_of(client)
    client.post(f"/admin/users/{user.id}", data={"csrf_token": token, "role": "curator"})
    with sqlite_runtime.read() as work:
        assert services.get(work, user.id).role == Role.CURATOR
    log = client.get("/admin/audit?action=user.set-role&lang=en")
    assert "boss@example.org" in log.text
    assert "role: curator" in log.text
    assert "1 event" in log.text


def test_who_is_kept_out_is_out_at_once(
    client: FlaskClient, app: Flask, sqlite_runtime: Runtime, boss: User
) -> None:
    user = make_user(sqlite_runtime)
    sign_in(client, user)
    with sqlite_runtime.work() as work:
        administration.set_active(work, Actor.of(boss), user.id, active=False)
    assert client.get("/account/").status_code == 302
    with sqlite_runtime.work() as work:
        administration.set_active(work, Actor.of(boss), user.id, active=True)
    sign_in(app.test_client(), user)


def test_one_administrator_stays(runtime: Runtime) -> None:
    boss = make_user(runtime, "boss@example.org", Role.ADMIN)
    actor = Actor.of(boss)
    with runtime.work() as work, pytest.raises(Conflict):
        administration.set_role(work, actor, boss.id, "researcher")
    with runtime.work() as work, pytest.raises(Conflict):
        administration.set_active(work, actor, boss.id, active=False)
    with runtime.work() as work, pytest.raises(ValidationFailed):
        administration.set_role(work, actor, boss.id, "emperor")
    other = make_user(runtime, "other@example.org", Role.ADMIN)
    with runtime.work() as work:
        administration.set_role(work, Actor.of(other), boss.id, "researcher")
        assert administration.counts(work) == {"researcher": 1, "curator": 0, "admin": 1}


def test_a_refused_change_is_told_on_the_page(client: FlaskClient, boss: User) -> None:
    sign_in(client, boss)
    token = token_of(client)
    client.post(f"/admin/users/{boss.id}?lang=en", data={"csrf_token": token, "act": "deactivate"})
    assert "this is the last one" in client.get("/admin/users?lang=en").text
    gone = client.post("/admin/users/999", data={"csrf_token": token, "act": "deactivate"})
    assert gone.status_code == 404


def test_a_job_that_failed_is_seen_and_tried_again(
    client: FlaskClient, sqlite_runtime: Runtime, boss: User
) -> None:
    with sqlite_runtime.work() as work:
        work.enqueue("test.always-fails", "test:shelf", {"shelf": 7})
    run_due(sqlite_runtime)
    with sqlite_runtime.work() as work:
        job = work.session.scalars(select(Job).where(Job.key == "test:shelf")).one()
        job.state, job.attempts = "failed", 12
    sign_in(client, boss)
    assert "1 job was set aside" in client.get("/admin/?lang=en").text
    page = client.get("/admin/jobs?lang=en")
    assert "no such shelf: 7" in page.text
    token = token_of(client)
    client.post(f"/admin/jobs/{job.id}/retry", data={"csrf_token": token})
    with sqlite_runtime.read() as work:
        again = work.session.get_one(Job, job.id)
        assert (again.state, again.attempts) == ("queued", 0)
        assert again.last_error
    assert "test:shelf" in client.get("/admin/jobs?show=troubled").text
    with sqlite_runtime.work() as work:
        work.session.get_one(Job, job.id).state = "failed"
    client.post("/admin/jobs/retry", data={"csrf_token": token})
    assert "no such shelf" not in client.get("/admin/jobs").text
    assert client.post("/admin/jobs/999999/retry", data={"csrf_token": token}).status_code == 404
