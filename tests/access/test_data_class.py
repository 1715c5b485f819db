"""Classes of data, personal data: what may be published, what vanishes, who may say so."""

import gzip
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.accounts.models import Role, User
from repository.audit.models import AuditEvent
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.discovery.dumps import shelf, writing
from tests.api.conftest import Api, make_token
from tests.webapp import make_user, send_form, sign_in

FILE = "a.csv"


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


def _api(app: Flask, runtime: Runtime, user: User | None) -> Api:
    token = make_token(runtime, user) if user else None
    return Api(app.test_client(use_cookies=False), runtime, token)


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    return _api(app, sqlite_runtime, owner)


@pytest.fixture
def curator(app: Flask, sqlite_runtime: Runtime) -> Api:
    user = make_user(sqlite_runtime, "curator@example.org", Role.CURATOR)
    return _api(app, sqlite_runtime, user)


@pytest.fixture
def nobody(app: Flask, sqlite_runtime: Runtime) -> Api:
    return _api(app, sqlite_runtime, None)


def _pointers(answer: Any) -> list[str]:
    return [each["pointer"] for each in answer.json["errors"]]


@pytest.mark.parametrize(
    ("access", "pointers"),
    [
        ({"data_class": "core"}, ["/access/data_class"]),
        ({"data_class": "important"}, ["/access/files"]),
        (
            {
                "data_class": "important",
                "files": "restricted",
                "embargo": {"active": True, "until": "2027-01-01"},
            },
            ["/access/embargo/active"],
        ),
        ({"data_class": "important", "files": "restricted"}, []),
        ({"personal_data": {"contains": True}}, ["/access/personal_data/ground"]),
        ({"personal_data": {"contains": True, "ground": "consent"}}, []),
    ],
)
def test_what_keeps_a_draft_from_being_published(
    api: Api, access: dict[str, Any], pointers: list[str]
) -> None:
    record = api.draft(access=access)
    api.add_file(record, FILE)
    answer = api.call("POST", f"/records/{record}/draft/actions/publish")
    assert (answer.status_code, _pointers(answer) if pointers else []) == (
        400 if pointers else 202,
        pointers,
    )


@pytest.mark.parametrize(
    ("access", "pointer"),
    [
        ({"data_class": "secret"}, "/access/data_class"),
        ({"personal_data": {"ground": "because"}}, "/access/personal_data/ground"),
        ({"terms": {"fr": "non"}}, "/access/terms/fr"),
    ],
)
def test_what_is_no_setting_is_refused(api: Api, access: dict[str, Any], pointer: str) -> None:
    answer = api.call("POST", "/records", {"metadata": {}, "access": access})
    assert (answer.status_code, _pointers(answer)) == (400, [pointer])


def test_curators_alone_lower_the_class_of_a_draft(
    api: Api, curator: Api, sqlite_runtime: Runtime
) -> None:
    record = api.draft(access={"data_class": "core"})
    lower = {"access": {"data_class": "ordinary"}}
    refused = api.call("PUT", f"/records/{record}/draft", lower)
    assert (refused.status_code, _pointers(refused)) == (400, ["/access/data_class"])
    assert curator.call("PUT", f"/records/{record}/draft", lower).status_code == 200
    api.add_file(record, FILE)
    api.publish(record)
    with sqlite_runtime.read() as work:
        query = select(AuditEvent).where(AuditEvent.action == "data-class.change")
        (event,) = work.session.scalars(query)
        assert event.detail == {"before": "core", "after": "ordinary"}


def test_the_form_keeps_the_rest_where_the_class_may_not_be_lowered(
    api: Api, client: FlaskClient, owner: User
) -> None:
    record = api.draft(access={"data_class": "important", "files": "restricted"})
    sign_in(client, owner)
    answer = send_form(
        client,
        f"/deposit/{record}",
        revision="1",
        do="save",
        data_class="ordinary",
        files="restricted",
        reason="",
        terms_vi="Chỉ để nghiên cứu.",
    )
    assert answer.status_code == 400
    assert "field-problem" in answer.text
    kept = api.call("GET", f"/records/{record}/draft").json["access"]
    assert kept["data_class"] == "important"
    assert kept["terms"]["vi"] == "Chỉ để nghiên cứu."


def _classify(api: Api, record: str, data_class: str, reason: str = "Theo danh mục") -> Any:
    body = {"data_class": data_class, "reason": reason}
    return api.call("PUT", f"/records/{record}/access/data-class", body)


def test_raised_to_core_it_is_gone_from_every_public_place_at_once(
    api: Api, nobody: Api, curator: Api, client: FlaskClient, sqlite_runtime: Runtime
) -> None:
    record = api.published()
    places = (f"/records/{record}", f"/records/{record}/export/json", f"/api/records/{record}")
    assert [client.get(place).status_code for place in places] == [200, 200, 200]
    assert nobody.call("GET", "/records").json["hits"]["total"] == 1
    assert _classify(api, record, "core", "").status_code == 400
    assert _classify(nobody, record, "core").status_code == 401
    assert _classify(api, record, "core").status_code == 200
    assert [client.get(place).status_code for place in places] == [404, 404, 404]
    run_until_idle(sqlite_runtime)
    assert nobody.call("GET", "/records").json["hits"]["total"] == 0
    harvested = client.get("/oai2d?verb=ListRecords&metadataPrefix=oai_dc").text
    assert 'status="deleted"' in harvested
    assert "<dc:title" not in harvested
    dump = shelf.dumps_dir(sqlite_runtime.settings) / writing.write_dump(sqlite_runtime)
    assert gzip.decompress((dump / writing.JSONL).read_bytes()) == b""
    assert api.call("GET", f"/records/{record}").json["access"]["data_class"] == "core"
    assert _classify(api, record, "important").status_code == 403
    assert _classify(curator, record, "important").status_code == 200
    assert client.get(places[0]).status_code == 200
    files = f"/api/records/{record}/files"
    assert client.get(files).status_code == 403
    assert nobody.call("GET", f"/records/{record}").json["access"]["files"] == "restricted"
    assert _classify(curator, record, "ordinary").status_code == 200
    assert client.get(files).status_code == 200


def test_core_data_are_exported_for_nobody(
    api: Api, client: FlaskClient, owner: User, sqlite_runtime: Runtime
) -> None:
    record = api.published()
    _classify(api, record, "core")
    sign_in(client, owner)
    assert client.get(f"/records/{record}").status_code == 200
    for name in ("datacite-xml", "ro-crate", "dcat-turtle"):
        assert client.get(f"/records/{record}/export/{name}").status_code == 403
    assert client.get(f"/records/{record}", headers={"Accept": "text/turtle"}).status_code == 403
    assert client.get(f"/records/{record}/packages/ro-crate.zip").status_code == 403


def test_grants_and_links_end_where_data_become_core(
    api: Api, client: FlaskClient, app: Flask, sqlite_runtime: Runtime
) -> None:
    record = api.published(access={"files": "restricted"})
    reader = _api(app, sqlite_runtime, make_user(sqlite_runtime, "reader@example.org"))
    grant = {"subject": {"type": "user", "id": "reader@example.org"}, "permission": "edit"}
    api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})
    made = [
        api.call("POST", f"/records/{record}/access/links", {"permission": kind}).json
        for kind in ("download", "review")
    ]
    for link in made:
        client.get("/share", query_string={"key": link["token"]})
    review = f"/anonymous/{made[1]['id']}"
    assert client.get(review).status_code == client.get(f"/records/{record}").status_code == 200
    assert reader.call("GET", f"/records/{record}").status_code == 200
    _classify(api, record, "core")
    assert client.get(review).status_code == client.get(f"/records/{record}").status_code == 404
    assert reader.call("GET", f"/records/{record}").status_code == 404


def test_a_raised_class_draws_drafts_along(api: Api, curator: Api) -> None:
    record = api.published(access={"files": "restricted"})
    api.call("POST", f"/records/{record}/draft")
    assert _classify(curator, record, "important").status_code == 200
    assert api.call("GET", f"/records/{record}/draft").json["access"]["data_class"] == "important"
    api.publish(record)
    assert api.call("GET", f"/records/{record}").json["access"]["data_class"] == "important"
    draft = api.call("POST", f"/records/{record}/versions").json
    assert draft["access"]["data_class"] == "important"


def test_who_manages_a_record_classes_it_on_its_page(
    api: Api, client: FlaskClient, owner: User
) -> None:
    record = api.published()
    sign_in(client, owner)
    page = f"/deposit/{record}/access"
    assert client.post(f"/deposit/{record}/data-class").status_code == 400  # forged
    token = send_form(client, page, email="nobody@example.org").text
    assert "data_class" in token
    csrf = client.get(page).text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {"csrf_token": csrf, "data_class": "important", "reason": ""}
    assert client.post(f"/deposit/{record}/data-class", data=sent).status_code == 400
    sent["reason"] = "Theo danh mục"
    assert client.post(f"/deposit/{record}/data-class", data=sent).status_code == 303
    assert api.call("GET", f"/records/{record}").json["access"]["data_class"] == "important"
