"""Share links: what they open, for how long, how often; and anonymous review."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts.services import find
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from tests.api.conftest import Api, make_token
from tests.runtimes import NOW
from tests.webapp import make_user, sign_in

CLOSED = {"record": "restricted", "files": "restricted"}


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime) -> Api:
    owner = make_user(sqlite_runtime)
    return Api(
        app.test_client(use_cookies=False), sqlite_runtime, make_token(sqlite_runtime, owner)
    )


@pytest.fixture
def record(api: Api) -> str:
    return api.published(access=CLOSED)


def _make(api: Api, record: str, permission: str, **more: object) -> Any:
    body = {"permission": permission, **more}
    answer = api.call("POST", f"/records/{record}/access/links", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def _open(client: FlaskClient, link: Any) -> int:
    return client.get("/share", query_string={"key": link["token"]}).status_code


def test_a_link_opens_a_record_without_an_account(
    client: FlaskClient, api: Api, record: str
) -> None:
    assert client.get(f"/records/{record}").status_code == 404
    link = _make(api, record, "download", description="Cho nhóm phản biện")
    answer = client.get("/share", query_string={"key": link["token"]})
    assert answer.location.endswith(f"/records/{record}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = client.get(f"/records/{record}")
    assert page.status_code == 200
    assert "private" in page.headers["Cache-Control"]
    assert client.get(f"/records/{record}/files.zip").status_code == 200
    found: Any = client.get("/api/records").json
    assert [hit["id"] for hit in found["hits"]["hits"]] == [record]
    (listed,) = api.call("GET", f"/records/{record}/access/links").json["hits"]["hits"]
    assert (listed["uses"], listed["description"]) == (1, "Cho nhóm phản biện")
    assert "token" not in listed


def test_a_link_taken_back_opens_nothing_from_the_next_request_on(
    client: FlaskClient, api: Api, record: str
) -> None:
    link = _make(api, record, "view")
    _open(client, link)
    assert client.get(f"/records/{record}").status_code == 200
    assert client.get(f"/records/{record}/files.zip").status_code == 403
    assert api.call("DELETE", f"/records/{record}/access/links/{link['id']}").status_code == 204
    assert client.get(f"/records/{record}").status_code == 404
    assert _open(client, link) == 404


def test_a_link_ends_at_its_moment_and_after_its_openings(
    app: Flask, api: Api, record: str, clock: FixedClock
) -> None:
    until = NOW + timedelta(days=2)
    link = _make(api, record, "view", expires_at=until.isoformat(), max_uses=2)
    first, second, third = (app.test_client() for _ in range(3))
    assert [_open(each, link) for each in (first, second, third)] == [302, 302, 404]
    assert first.get(f"/records/{record}").status_code == 200
    clock.advance(timedelta(days=2))
    assert first.get(f"/records/{record}").status_code == 404


def test_a_program_sends_the_secret_as_its_token(app: Flask, api: Api, record: str) -> None:
    secret = _make(api, record, "download")["token"]
    by_link = Api(app.test_client(use_cookies=False), api.runtime, secret)
    assert by_link.call("GET", f"/records/{record}").status_code == 200
    assert by_link.call("GET", f"/records/{record}/files").status_code == 200
    assert by_link.call("POST", f"/records/{record}/draft").status_code == 401
    assert by_link.call("GET", f"/records/{record}/access/links").status_code == 401
    review = _make(api, record, "review")["token"]
    blind = Api(app.test_client(use_cookies=False), api.runtime, review)
    assert blind.call("GET", f"/records/{record}").status_code == 401


def test_to_edit_one_signs_in_and_keeps_the_link(
    client: FlaskClient, api: Api, record: str, sqlite_runtime: Runtime
) -> None:
    mai = make_user(sqlite_runtime, "mai@example.org")
    answer = client.get("/share", query_string={"key": _make(api, record, "edit")["token"]})
    assert "/account/sign-in" in answer.location
    assert client.get(f"/deposit/{record}").status_code == 302
    sign_in(client, mai)
    assert "owner-acts" in client.get(f"/records/{record}").text
    page = client.get(f"/deposit/{record}/access")
    assert page.status_code == 403, "editing is not managing"


def test_an_anonymous_reviewer_gets_files_and_no_names(client: FlaskClient, api: Api) -> None:
    described = _described()
    described["metadata"]["descriptions"] = [{"description": "Số liệu đo ở 30 trạm"}]
    draft = api.draft(**described)
    api.add_file(draft, "số liệu.csv")
    link = _make(api, draft, "review")
    place = client.get("/share", query_string={"key": link["token"]}).location
    page = client.get(place).text
    assert "Nhiệt độ" in page
    for secret in ("Bùi", "Thu Hà", "Viện Khí tượng", draft, "0000-0002-1825-0097"):
        assert secret not in page
    with client.get(f"{place}/files/số liệu.csv") as answer:
        assert answer.data == b"a,b\n1,2\n"
    archive = client.get(f"{place}/files.zip")
    assert draft not in str(archive.headers)
    with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
        assert opened.namelist() == ["số liệu.csv"]
    assert client.get(f"/records/{draft}").status_code == 404
    assert client.application.test_client().get(place).status_code == 404


def _described() -> dict[str, Any]:
    person = {
        "type": "personal",
        "family_name": "Bùi",
        "given_name": "Thu Hà",
        "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
    }
    return {
        "metadata": {
            "titles": [{"title": "Nhiệt độ"}],
            "creators": [{"person_or_org": person, "affiliations": [{"name": "Viện Khí tượng"}]}],
            "descriptions": [{"description": "Số liệu của Bùi Thu Hà"}],
            "resource_type": {"id": "dataset"},
            "publication_date": "2026",
        }
    }


def test_an_owner_makes_a_link_on_the_page_and_is_warned_of_names(
    client: FlaskClient, api: Api, sqlite_runtime: Runtime
) -> None:
    draft = api.draft(**_described())
    with sqlite_runtime.read() as work:
        user = find(work, "lan@example.org")
    assert user is not None
    sign_in(client, user)
    token = _csrf(client, draft)
    wrong = client.post(
        f"/deposit/{draft}/links",
        data={"csrf_token": token, "link_permission": "review", "max_uses": "x"},
    )
    assert wrong.status_code == 400
    made = client.post(
        f"/deposit/{draft}/links", data={"csrf_token": token, "link_permission": "review"}
    )
    assert "/share?key=rdl_" in made.text
    assert "Bùi Thu Hà" in made.text
    assert "/share?key=" not in client.get(f"/deposit/{draft}/access").text


def _csrf(client: FlaskClient, draft: str) -> str:
    page = client.get(f"/deposit/{draft}/access").text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
