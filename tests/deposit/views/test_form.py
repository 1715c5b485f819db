import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.accounts.models import Actor, Role, User
from repository.core.runtime import Runtime
from repository.deposit import drafts
from repository.records.access import AccessSettings
from repository.records.models import Draft
from tests.webapp import TOKEN, make_user, send_form, sign_in


@pytest.fixture
def lan(sqlite_runtime: Runtime, client: FlaskClient) -> User:
    user = make_user(sqlite_runtime)
    sign_in(client, user)
    return user


@pytest.fixture
def draft_id(client: FlaskClient, lan: User) -> str:
    return send_form(client, "/deposit/new").location.rpartition("/")[2].partition("?")[0]


def token(client: FlaskClient, version_id: str) -> str:
    found = TOKEN.search(client.get(f"/deposit/{version_id}").text)
    assert found
    return found[1]


def autosave(client: FlaskClient, version_id: str, revision: int, *fields: Any) -> TestResponse:
    headers = {"X-CSRFToken": token(client, version_id), "Accept": "application/json"}
    body = {"revision": revision, "fields": fields}
    return client.put(f"/deposit/{version_id}/draft", json=body, headers=headers)


def stored(runtime: Runtime, version_id: str) -> Draft:
    with runtime.read() as work:
        return work.session.get_one(Draft, version_id)


def inputs(page: str) -> dict[str, str]:
    """The values a browser would send of the text inputs of a page, outside of templates."""
    page = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
    found = re.findall(r'<input[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def test_nobody_deposits_without_an_account(client: FlaskClient) -> None:
    for path in ("/deposit", "/deposit/new", "/deposit/aaaaa-aaaaa"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert "/account/sign-in" in answer.location


def test_a_new_draft_begins_with_what_is_known(
    client: FlaskClient, draft_id: str, sqlite_runtime: Runtime
) -> None:
    metadata = stored(sqlite_runtime, draft_id).metadata_json
    person = metadata["creators"][0]["person_or_org"]
    assert (person["family_name"], person["given_name"]) == ("Nguyễn", "Thị Lan")
    assert metadata["publication_date"] == "2026-11-23"


def test_looking_makes_no_draft(client: FlaskClient, lan: User, sqlite_runtime: Runtime) -> None:
    client.get("/deposit/new")
    with sqlite_runtime.read() as work:
        assert work.session.query(Draft).count() == 0


def test_the_form_is_another_ones(
    client: FlaskClient, draft_id: str, sqlite_runtime: Runtime
) -> None:
    other = client.application.test_client()
    sign_in(other, make_user(sqlite_runtime, "minh@example.org"))
    assert other.get(f"/deposit/{draft_id}").status_code == 404
    curator = client.application.test_client()
    sign_in(curator, make_user(sqlite_runtime, "curator@example.org", Role.CURATOR))
    assert curator.get(f"/deposit/{draft_id}").status_code == 200


def test_saving_by_itself(client: FlaskClient, draft_id: str, sqlite_runtime: Runtime) -> None:
    answer = autosave(client, draft_id, 1, ["titles/0/title", "Mưa"], ["titles/0/lang", "vi"])
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["revision"] == 2
    assert answer.json["whole"]
    assert {"creators", "files-section"} <= {p["where"] for p in answer.json["problems"]}
    assert stored(sqlite_runtime, draft_id).metadata_json == {
        "titles": [{"title": "Mưa", "lang": "vi"}]
    }


def test_saving_the_same_again_changes_nothing(
    client: FlaskClient, draft_id: str, sqlite_runtime: Runtime
) -> None:
    for revision in (1, 2, 2):
        assert autosave(client, draft_id, revision, ["version", "1"]).status_code == 200
    assert stored(sqlite_runtime, draft_id).revision == 2


def test_nothing_is_opened_by_leaving_it_out(
    client: FlaskClient, draft_id: str, lan: User, sqlite_runtime: Runtime
) -> None:
    closed = AccessSettings(record="restricted", files="restricted")
    with sqlite_runtime.work() as work:
        drafts.save_draft(work, Actor.of(lan), draft_id, access=closed, files_enabled=False)
    assert autosave(client, draft_id, 2, ["version", "1"]).status_code == 200
    kept = stored(sqlite_runtime, draft_id)
    assert (kept.access["record"], kept.access["files"]) == ("restricted", "restricted")
    assert not kept.files_enabled


def test_a_stale_save_is_told(client: FlaskClient, draft_id: str, sqlite_runtime: Runtime) -> None:
    autosave(client, draft_id, 1, ["version", "theirs"])
    answer = autosave(client, draft_id, 1, ["version", "mine"])
    assert answer.status_code == 412
    assert answer.content_type == "application/problem+json"
    assert stored(sqlite_runtime, draft_id).metadata_json == {"version": "theirs"}


@pytest.mark.parametrize("body", [{}, {"revision": 1}, {"revision": "1", "fields": []}, [1]])
def test_what_is_no_save_is_refused(client: FlaskClient, draft_id: str, body: object) -> None:
    headers = {"X-CSRFToken": token(client, draft_id), "Accept": "application/json"}
    answer = client.put(f"/deposit/{draft_id}/draft", json=body, headers=headers)
    assert answer.status_code == 400


def test_a_forged_save_is_refused(client: FlaskClient, draft_id: str) -> None:
    answer = client.put(f"/deposit/{draft_id}/draft", json={"revision": 1, "fields": []})
    assert answer.status_code == 400


def test_a_day_that_is_none_is_told_and_the_rest_kept(
    client: FlaskClient, draft_id: str, sqlite_runtime: Runtime
) -> None:
    answer = autosave(client, draft_id, 1, ["embargo", "yes"], ["until", "soon"], ["version", "2"])
    assert answer.json is not None
    assert not answer.json["whole"]
    assert "until" in {p["where"] for p in answer.json["problems"]}
    assert stored(sqlite_runtime, draft_id).metadata_json == {"version": "2"}


def test_the_plain_form_saves_and_comes_back(
    client: FlaskClient, draft_id: str, sqlite_runtime: Runtime
) -> None:
    url = f"/deposit/{draft_id}"
    fields = {
        "titles/0/title": "Mưa & <gió>",
        "titles/0/lang": "vi",
        "subjects/0/subject": "khí hậu",
        "descriptions/0/description": "\r\nhai\r\ndòng",
        "creators/0/type": "organizational",
        "creators/0/name": "Viện Khí tượng",
        "creators/0/affiliations/0/name": "Bộ",
    }
    answer = send_form(client, url, revision=1, do="save", **fields)
    assert answer.status_code == 302
    shown = inputs(client.get(url).text)
    for name in ("titles/0/title", "subjects/0/subject", "creators/0/name"):
        assert shown[name] == fields[name]
    metadata = stored(sqlite_runtime, draft_id).metadata_json
    assert metadata["descriptions"][0]["description"] == "hai\ndòng"
    assert metadata["creators"][0]["affiliations"] == [{"name": "Bộ"}]


def test_rows_without_a_script(client: FlaskClient, draft_id: str) -> None:
    url = f"/deposit/{draft_id}"
    typed = {"subjects/0/subject": "một", "subjects/1/subject": "hai"}
    page = send_form(client, url, revision=1, do="up:subjects/1", **typed)
    assert page.status_code == 200
    assert [k for k in inputs(page.text) if k.startswith("subjects/")][:2] == [
        "subjects/1/subject",
        "subjects/0/subject",
    ]
    page = send_form(client, url, revision=2, do="add:subjects", **typed)
    assert inputs(page.text)["subjects/2/subject"] == ""
    assert "data-shown" in page.text


def test_a_stale_plain_form_keeps_what_was_typed(
    client: FlaskClient, draft_id: str, lan: User, sqlite_runtime: Runtime
) -> None:
    url = f"/deposit/{draft_id}"
    with sqlite_runtime.work() as work:
        drafts.save_draft(work, Actor.of(lan), draft_id, metadata={"version": "theirs"})
    page = send_form(client, url, revision=1, do="save", version="mine")
    assert page.status_code == 412
    assert inputs(page.text)["version"] == "mine"
    assert stored(sqlite_runtime, draft_id).metadata_json == {"version": "theirs"}
    copied = send_form(client, url, revision=1, do="copy", version="mine")
    copy_id = copied.location.rpartition("/")[2].partition("?")[0]
    assert copy_id != draft_id
    assert stored(sqlite_runtime, copy_id).metadata_json == {"version": "mine"}


def test_what_the_form_does_not_show_is_kept(
    client: FlaskClient, draft_id: str, lan: User, sqlite_runtime: Runtime
) -> None:
    metadata = {"sizes": ["3 pages"], "subjects": [{"subject": "mưa", "scheme": "LCSH"}]}
    with sqlite_runtime.work() as work:
        drafts.save_draft(work, Actor.of(lan), draft_id, metadata=metadata)
    rest = inputs(client.get(f"/deposit/{draft_id}").text)["subjects/0/_rest"]
    fields = (["subjects/0/_rest", rest], ["subjects/0/subject", "gió"])
    assert autosave(client, draft_id, 2, *fields).status_code == 200
    assert stored(sqlite_runtime, draft_id).metadata_json == {
        "sizes": ["3 pages"],
        "subjects": [{"subject": "gió", "scheme": "LCSH"}],
    }


def test_markdown_is_previewed_harmless(client: FlaskClient, draft_id: str) -> None:
    answer = client.post(
        f"/deposit/{draft_id}/markdown",
        data={"text": "**mưa** <script>x</script>", "csrf_token": token(client, draft_id)},
    )
    assert answer.json is not None
    assert "<strong>mưa</strong>" in answer.json["html"]
    assert "<script" not in answer.json["html"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_form_speaks_both_languages(client: FlaskClient, draft_id: str, lang: str) -> None:
    page = client.get(f"/deposit/{draft_id}?lang={lang}").text
    assert {"vi": "Nhan đề", "en": "Titles"}[lang] in page
    assert {"vi": "Bộ dữ liệu", "en": "Dataset"}[lang] in page


def test_my_data(client: FlaskClient, draft_id: str) -> None:
    page = client.get("/deposit?lang=en")
    assert draft_id in page.text
    assert "Untitled" in page.text
    assert client.get("/deposit?show=records").status_code == 200
    assert client.get("/deposit?page=0").status_code == 400
