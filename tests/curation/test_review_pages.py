"""The pages and the API of reviews."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts.models import Scope, User
from repository.accounts.tokens import create_token
from repository.deposit import drafts
from tests.curation.conftest import People
from tests.oai.publishing import METADATA
from tests.webapp import TOKEN, make_user, send_form, sign_in


@pytest.fixture
def draft(site_people: People) -> str:
    """Of the stranger, who is a depositor here; the collection `kho` reviews."""
    site_people.collection("kho", submission="review", checklist="Tiêu đề\nGiấy phép")
    site_people.member("kho", "curator", "curator")
    with site_people.runtime.work() as work:
        actor = site_people.actor("stranger")
        return drafts.create_draft(work, actor, METADATA, files_enabled=False).version_id


def _press(client: FlaskClient, page: str, path: str, **fields: object) -> Any:
    found = TOKEN.search(client.get(page).text)
    assert found, page
    return client.post(path, data={"csrf_token": found[1], **fields})


def test_both_sides_go_through_a_review(app: Flask, site_people: People, draft: str) -> None:
    owner, curator = app.test_client(), app.test_client()
    sign_in(owner, site_people.users["stranger"])
    sign_in(curator, site_people.users["curator"])
    submit = f"/deposit/{draft}/submit"
    assert send_form(owner, submit, community="nowhere").status_code == 400
    assert send_form(owner, submit, community="kho", text="Nhờ xem").location == "/reviews/1"
    assert "/reviews/1" in curator.get("/reviews").text
    page = curator.get("/reviews/1").text
    assert "Nhờ xem" in page
    assert "Giấy phép" in page
    title = "/metadata/titles/0/title"
    told = {"pointer": title, "suggestion": "Tên mới", "text": "Ngắn hơn"}
    assert send_form(curator, "/reviews/1", **told).status_code == 405
    assert _press(curator, "/reviews/1", "/reviews/1/comment", **told).status_code == 303
    refused = _press(curator, "/reviews/1", "/reviews/1/comment", text="")
    assert refused.status_code == 400
    plan = {"checked": ["0", "9"], "due_on": "2026-12-01"}
    assert _press(curator, "/reviews/1", "/reviews/1/plan", **plan).status_code == 303
    assert _press(curator, "/reviews/1", "/reviews/1/changes", text="Xem lại").status_code == 303
    seen = owner.get("/reviews/1").text
    assert "Tên mới" in seen
    event = seen.partition("/suggestions/")[2].partition("/")[0]
    apply, undo = (f"/reviews/1/suggestions/{event}/{act}" for act in ("apply", "undo"))
    for path in (apply, undo, apply):
        assert _press(owner, "/reviews/1", path).status_code == 303
    assert "<del>" in curator.get("/reviews/1").text, "what changed since the last look"
    assert send_form(owner, submit, community="kho").status_code == 303
    wrong = _press(curator, "/reviews/1", "/reviews/1/accept", fingerprint="0" * 64)
    assert wrong.status_code == 412
    page = curator.get("/reviews/1").text
    fingerprint = page.partition('name="fingerprint" value="')[2].partition('"')[0]
    done = _press(curator, "/reviews/1", "/reviews/1/accept", fingerprint=fingerprint)
    assert done.location == f"/records/{draft}"
    assert "Tên mới" in owner.get(f"/records/{draft}").text
    assert curator.get("/reviews/1").status_code == 200, "the conversation stays"


def test_a_review_is_nobody_elses(app: Flask, site_people: People, draft: str) -> None:
    owner, other = app.test_client(), app.test_client()
    sign_in(owner, site_people.users["stranger"])
    send_form(owner, f"/deposit/{draft}/submit", community="kho")
    sign_in(other, site_people.users["reader"])
    for path in ("/reviews/1", "/reviews/2", f"/deposit/{draft}/submit"):
        assert other.get(path).status_code == 404
    assert "/reviews/1" not in other.get("/reviews").text
    assert app.test_client().get("/reviews").status_code == 302


def _headers(people: People, user: User) -> dict[str, str]:
    with people.runtime.work() as work:
        token = create_token(work, user, name="t", scopes=[*Scope])[1]
    return {"Authorization": f"Bearer {token}"}


def test_the_api_speaks_inveniordms_requests(app: Flask, site_people: People, draft: str) -> None:
    client = app.test_client(use_cookies=False)
    owner = _headers(site_people, site_people.users["stranger"])
    curator = _headers(site_people, site_people.users["curator"])
    path = f"/api/records/{draft}/draft"

    def call(method: str, url: str, headers: dict[str, str], body: Any = None) -> Any:
        return client.open(url, method=method, headers=headers, json=body)

    receiver = {"receiver": {"community": "kho"}, "type": "community-submission"}
    assert call("PUT", f"{path}/review", curator, receiver).status_code == 404
    assert call("PUT", f"{path}/review", owner, receiver).json["status"] == "created"
    sent = call("POST", f"{path}/actions/submit-review", owner, {"payload": {"content": "Xin"}})
    assert sent.status_code == 202
    number = sent.json["id"]
    assert sent.json["links"]["actions"].keys() >= {"accept", "decline", "cancel"}
    request = f"/api/requests/{number}"
    payload = {"content": "", "pointer": "/metadata/titles/0/title", "suggestion": "Khác"}
    said = call("POST", f"{request}/comments", curator, {"payload": payload})
    assert said.status_code == 201
    apply = f"{request}/comments/{said.json['id']}/actions/apply"
    assert call("POST", apply, curator).status_code == 403
    assert call("POST", apply, owner).json["payload"]["state"] == "applied"
    assert call("POST", f"{request}/actions/accept", curator).status_code == 412
    assert call("POST", f"{path}/actions/submit-review", owner).status_code == 202
    assert call("POST", f"{request}/actions/accept", owner).status_code == 403
    assert call("POST", f"{request}/actions/accept", curator, {}).json["status"] == "accepted"
    kinds = [
        e["payload"].get("event")
        for e in call("GET", f"{request}/timeline", owner).json["hits"]["hits"]
    ]
    assert kinds == ["submit", None, "applied", "submit", "accept"]
    record = client.get(f"/api/records/{draft}").json
    assert record is not None
    assert record["parent"]["communities"]["ids"] == ["kho"]
    assert call("GET", "/api/requests?status=all", owner).json["hits"]["total"] == 1
    nobody = _headers(site_people, make_user(site_people.runtime, "nobody@example.org"))
    assert call("GET", request, nobody).status_code == 404
    assert call("GET", "/api/requests/nothing", owner).status_code == 404
