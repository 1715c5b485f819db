"""Files with access of their own: a public README beside restricted data, or one locked file."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.access.jobs import delete_due_files, tell_of_lifted_embargoes
from repository.accounts.models import User
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from tests.api.conftest import Api, make_token
from tests.webapp import make_user, send_form, sign_in

README, DATA = "README.md", "vi dữ liệu.csv"


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    client = app.test_client(use_cookies=False)
    return Api(client, sqlite_runtime, make_token(sqlite_runtime, owner))


@pytest.fixture
def anyone(app: Flask, sqlite_runtime: Runtime) -> Api:
    return Api(app.test_client(use_cookies=False), sqlite_runtime, None)


def _published(api: Api, access: dict[str, Any], **files: dict[str, Any]) -> str:
    record = api.draft(access=access)
    for key, settings in {README: files.get("readme", {}), DATA: files.get("data", {})}.items():
        api.add_file(record, key)
        set_access(api, record, key, settings)
    api.publish(record)
    return record


def set_access(api: Api, record: str, key: str, settings: dict[str, Any]) -> Any:
    answer = api.call("PUT", f"/records/{record}/draft/files/{key}", {"access": settings})
    assert answer.status_code == 200, answer.text
    return answer.json["access"]


def _statuses(api: Api, record: str) -> tuple[int, int]:
    """Of downloading the README and the data."""
    asked = (f"/records/{record}/files/{key}/content" for key in (README, DATA))
    first, second = (api.call("GET", path) for path in asked)
    first.close()
    second.close()
    return first.status_code, second.status_code


def _listed(api: Api, record: str) -> dict[str, str]:
    entries = api.call("GET", f"/records/{record}/files").json["entries"]
    return {entry["key"]: entry["access"]["files"] for entry in entries}


def test_a_public_readme_beside_restricted_data(api: Api, anyone: Api) -> None:
    record = _published(api, {"files": "restricted"}, readme={"files": "public"})
    assert _statuses(anyone, record) == (200, 404)
    assert _listed(anyone, record) == {README: "public"}
    assert _statuses(api, record) == (200, 200)
    told = anyone.call("GET", f"/records/{record}").json["files"]
    assert (told["count"], list(told["entries"])) == (1, [README])


def test_one_restricted_file_in_a_public_record_is_known_and_not_given(
    api: Api, anyone: Api, client: FlaskClient
) -> None:
    record = _published(api, {}, data={"files": "restricted"})
    assert _statuses(anyone, record) == (200, 403)
    assert _listed(anyone, record) == {README: "public", DATA: "restricted"}
    locked = anyone.call("GET", f"/records/{record}/files/{DATA}").json
    assert "checksum" not in locked
    assert "content" not in locked["links"]
    page = client.get(f"/records/{record}").text
    assert DATA in page
    assert f"/records/{record}/files/vi%20d" not in page
    assert DATA not in client.get(f"/records/{record}/export/ro-crate").text


def test_a_hidden_file_is_as_one_that_is_not_there(api: Api, anyone: Api) -> None:
    record = _published(api, {}, data={"files": "hidden"})
    hidden = anyone.call("GET", f"/records/{record}/files/{DATA}")
    absent = anyone.call("GET", f"/records/{record}/files/nothing.csv")
    assert (hidden.status_code, hidden.json["detail"]) == (404, absent.json["detail"])
    assert _listed(anyone, record) == {README: "public"}


def test_a_files_own_embargo_ends_by_itself(
    api: Api, anyone: Api, clock: FixedClock, client: FlaskClient, sqlite_runtime: Runtime
) -> None:
    end = datetime(2027, 1, 15, tzinfo=UTC)
    record = _published(api, {}, data={"files": "hidden", "embargo_until": "2027-01-15"})
    clock.set(end - timedelta(microseconds=1))
    assert _statuses(anyone, record) == (200, 404)
    run_until_idle(sqlite_runtime)
    assert anyone.call("GET", "/records?q=csv").json["hits"]["total"] == 0
    clock.set(end)
    assert _statuses(anyone, record) == (200, 200)
    tell_of_lifted_embargoes(sqlite_runtime, {})
    run_until_idle(sqlite_runtime)
    assert anyone.call("GET", "/records?q=csv").json["hits"]["total"] == 1


def test_an_edit_proposes_and_publishing_makes_it_so(api: Api, anyone: Api) -> None:
    record = _published(api, {})
    api.call("POST", f"/records/{record}/draft")
    assert set_access(api, record, DATA, {"files": "hidden"})["files"] == "hidden"
    assert _statuses(anyone, record) == (200, 200)
    api.call("DELETE", f"/records/{record}/draft")
    api.call("POST", f"/records/{record}/draft")
    api.publish(record)
    assert _statuses(anyone, record) == (200, 200)
    api.call("POST", f"/records/{record}/draft")
    set_access(api, record, DATA, {"files": "hidden"})
    api.publish(record)
    assert _statuses(anyone, record) == (200, 404)


def test_a_new_version_keeps_the_files_access(api: Api, anyone: Api) -> None:
    record = _published(api, {}, data={"files": "restricted"})
    draft = api.call("POST", f"/records/{record}/versions").json["id"]
    api.call("POST", f"/records/{draft}/draft/actions/files-import")
    told = api.call("GET", f"/records/{draft}/draft/files/{DATA}").json
    assert told["access"]["files"] == "restricted"


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"files": "secret"}, "/access/files"),
        ({"files": "public", "embargo_until": "2027-01-01"}, "/access/embargo_until"),
        ({"delete_at": "2027-01-01"}, "/access/delete_reason"),
        ({"license": "no-such-licence"}, "/access/license"),
        ({"colour": "red"}, "/access/colour"),
    ],
)
def test_what_is_wrong_is_named(api: Api, settings: dict[str, Any], pointer: str) -> None:
    record = api.draft()
    api.add_file(record, DATA)
    answer = api.call("PUT", f"/records/{record}/draft/files/{DATA}", {"access": settings})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"] == pointer


def test_shared_caches_keep_public_files_for_a_minute_and_not_past_their_end(
    api: Api, anyone: Api, clock: FixedClock
) -> None:
    settings = {"delete_at": "2027-01-15", "delete_reason": "Theo cam kết"}
    record = _published(api, {}, readme=settings, data={"files": "restricted"})
    clock.set(datetime(2027, 1, 14, 23, 0, tzinfo=UTC))
    assert _caching(anyone, record, README) == "public, max-age=60, must-revalidate"
    assert _caching(api, record, DATA) == "private, no-cache"
    clock.set(datetime(2027, 1, 14, 23, 59, 50, tzinfo=UTC))
    assert _caching(anyone, record, README) == "public, max-age=10, must-revalidate"
    clock.set(datetime(2027, 1, 15, tzinfo=UTC))
    assert _statuses(anyone, record) == (404, 403)
    assert _statuses(api, record) == (404, 200)


def _caching(api: Api, record: str, key: str) -> str:
    with api.call("GET", f"/records/{record}/files/{key}/content") as answer:
        return str(answer.headers["Cache-Control"])


def test_an_owner_sets_it_on_the_page(
    api: Api, anyone: Api, client: FlaskClient, owner: User
) -> None:
    record = api.draft()
    api.add_file(record, README)
    api.add_file(record, DATA)
    sign_in(client, owner)
    page = f"/deposit/{record}/file-access"
    refused = send_form(client, f"{page}?path={README}", path=README, delete_at="2027-01-01")
    assert refused.status_code == 400
    assert "2027-01-01" in refused.text
    sent = send_form(client, f"{page}?path={DATA}", path=DATA, files="restricted")
    assert sent.status_code == 303
    assert f"{page}?path=vi" in client.get(f"/deposit/{record}").text
    api.publish(record)
    assert _statuses(anyone, record) == (200, 403)


def test_files_due_are_deleted_for_good_but_not_those_that_others_hold(
    api: Api, anyone: Api, clock: FixedClock, sqlite_runtime: Runtime, client: FlaskClient
) -> None:
    retention = {"delete_files_at": "2027-01-15", "reason": "Theo phiếu đồng thuận"}
    due, kept = _published(api, {"retention": retention}), api.draft()
    api.add_file(due_draft := api.draft(access={"retention": retention}), data=b"shared")
    api.publish(due_draft)
    api.add_file(kept, data=b"shared")
    api.publish(kept)
    digests = set(sqlite_runtime.store.digests())
    clock.set(datetime(2027, 1, 14, 23, 59, tzinfo=UTC))
    delete_due_files(sqlite_runtime, {})
    assert set(sqlite_runtime.store.digests()) == digests
    clock.set(datetime(2027, 1, 15, tzinfo=UTC))
    for _ in range(2):
        assert _statuses(api, due) == (403, 403)
        assert "Theo phiếu đồng thuận" in client.get(f"/records/{due}").text
        delete_due_files(sqlite_runtime, {})
    assert len(digests) == 2
    assert len(set(sqlite_runtime.store.digests())) == 1
    assert api.download(f"/records/{kept}/files/hà nội.csv/content") == b"shared"
    edit = api.call("POST", f"/records/{due}/draft")
    assert edit.status_code == 201
    api.publish(due)
