"""Pages of collections, and the API in InvenioRDM's shapes."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts.models import Scope, User
from repository.accounts.tokens import create_token
from repository.core.runtime import Runtime
from repository.curation import collections, placing
from tests.curation.conftest import People
from tests.webapp import TOKEN, send_form, sign_in

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def _token(runtime: Runtime, user: User) -> dict[str, str]:
    with runtime.work() as work:
        token = create_token(work, user, name="t", scopes=[*Scope])[1]
    return {"Authorization": f"Bearer {token}"}


def _put(people: People, slug: str, *titles: str, **access: str) -> list[str]:
    versions = [people.publisher.publish(title, access) for title in titles]
    with people.runtime.work() as work:
        for version in versions:
            collection = collections.find(work, slug)
            placing.add_record(work, people.publisher.actor, collection, version)
    people.publisher.settle()
    return versions


def test_a_collections_page_shows_what_one_may_see(
    site_people: People, client: FlaskClient
) -> None:
    slug = site_people.collection(title_en="Model Institute", kind="institution")
    shown, *_rest = _put(site_people, slug, "Dữ liệu mở")
    _put(site_people, slug, "Dữ liệu kín", record="restricted", files="restricted")
    page = client.get(f"/collections/{slug}").text
    assert "Dữ liệu mở" in page
    assert "Dữ liệu kín" not in page
    assert "Model Institute" in client.get(f"/collections/{slug}?lang=en").text
    assert f"/collections/{slug}" in client.get("/collections").text
    assert f"/collections/{slug}" in client.get("/").text
    assert f"/collections/{slug}" in client.get(f"/records/{shown}").text
    feed = client.get(f"/feed.atom?collection={slug}").text
    assert "Dữ liệu mở" in feed
    assert "Dữ liệu kín" not in feed
    exported = client.get(f"/records/{shown}/export/json-ld").json
    assert exported is not None
    assert {"Collection"} == {
        part["@type"] for part in exported["isPartOf"] if part["@id"].endswith(slug)
    }


def test_the_landing_page_follows_a_change_of_membership(
    site_people: People, client: FlaskClient
) -> None:
    slug = site_people.collection()
    (version,) = _put(site_people, slug, "Dữ liệu")
    assert "Viện Mẫu" in client.get(f"/records/{version}").text
    with site_people.runtime.work() as work:
        collection = collections.find(work, slug)
        placing.remove_record(work, site_people.publisher.actor, collection, version)
    assert f"/collections/{slug}" not in client.get(f"/records/{version}").text


def test_a_manager_edits_with_a_logo_that_is_served_as_a_picture(
    site_people: People, client: FlaskClient
) -> None:
    slug = site_people.collection()
    site_people.member(slug, "manager", "manager")
    sign_in(client, site_people.users["manager"])
    edit = f"/collections/{slug}/edit"
    fields = {"title_vi": "Viện Mới", "kind": "institution", "submission": "review"}
    script = (io.BytesIO(b"<svg onload='alert(1)'/>"), "logo.png")
    refused = send_form(client, edit, **fields, logo=script)
    assert refused.status_code == 400
    assert "Viện Mới" in refused.text, "what was typed is kept"
    assert send_form(client, edit, **fields, logo=(io.BytesIO(PNG), "x.exe")).status_code == 303
    logo = client.get(f"/collections/{slug}/logo")
    assert logo.data == PNG
    assert logo.mimetype == "image/png"
    assert "sandbox" in logo.headers["Content-Security-Policy"]
    assert "Viện Mới" in client.get(f"/collections/{slug}").text
    assert send_form(client, edit, **fields, remove_logo="1").status_code == 303
    assert client.get(f"/collections/{slug}/logo").status_code == 404


def test_members_are_added_and_removed_by_forms(site_people: People, client: FlaskClient) -> None:
    slug = site_people.collection()
    site_people.member(slug, "manager", "manager")
    sign_in(client, site_people.users["manager"])
    members = f"/collections/{slug}/members"
    assert send_form(client, members, email="no@example.org", role="reader").status_code == 400
    assert send_form(client, members, email="reader@example.org", role="reader").status_code == 303
    page = client.get(members).text
    assert "reader@example.org" in page
    found = TOKEN.search(page)
    assert found
    for number in (1, 2):
        client.post(f"{members}/{number}/remove", data={"csrf_token": found[1]})
    assert client.get(members).status_code == 403, "the manager left too"


@pytest.mark.parametrize("path", ["new", "vien-mau/edit", "vien-mau/members", "vien-mau/delete"])
def test_tools_are_for_those_who_look_after_it(
    site_people: People, client: FlaskClient, path: str
) -> None:
    site_people.collection()
    assert client.get(f"/collections/{path}").status_code == 302
    sign_in(client, site_people.users["stranger"])
    assert client.get(f"/collections/{path}").status_code == 403


def test_the_api_speaks_inveniordms_communities(site_people: People, app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    with site_people.runtime.read() as work:
        chief = work.session.get_one(User, site_people.curator.user_id)
    headers = _token(site_people.runtime, chief)
    body = {
        "slug": "bien",
        "metadata": {"title": "Dữ liệu biển", "type": {"id": "topic"}},
        "access": {"record_submission_policy": "open", "review_policy": "open"},
    }
    assert client.post("/api/communities", json=body).status_code == 401
    made = client.post("/api/communities", json=body, headers=headers)
    assert made.status_code == 201, made.text
    assert client.post("/api/communities", json=body, headers=headers).status_code == 400
    wrong = {"metadata": {"title": "x", "website": "ftp:/x"}}
    refused = client.put("/api/communities/bien", json=wrong, headers=headers)
    assert refused.json is not None
    assert [e["pointer"] for e in refused.json["errors"]] == ["/metadata/website"]
    changed = {"metadata": {"titles": {"vi": "Biển", "en": "Sea"}}}
    answer = client.put("/api/communities/bien", json=changed, headers=headers).json
    assert answer is not None
    assert answer["metadata"]["titles"] == {"vi": "Biển", "en": "Sea"}
    assert answer["access"]["review_policy"] == "open"
    listed = client.get("/api/communities?q=bi").json
    assert listed is not None
    assert [hit["id"] for hit in listed["hits"]["hits"]] == ["bien"]
    asked = {"members": [{"type": "user", "id": "reader@example.org"}], "role": "reader"}
    added = client.post("/api/communities/bien/members", json=asked, headers=headers)
    assert added.status_code == 200
    assert client.get("/api/communities/bien/members").status_code == 401
    assert client.delete("/api/communities/bien", headers=headers).status_code == 204
    assert client.get("/api/communities/bien").status_code == 404


def test_the_api_puts_records_in_and_takes_them_out(site_people: People, app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    slug = site_people.collection()
    version = site_people.publisher.publish("Bản ghi")
    with site_people.runtime.read() as work:
        owner = work.session.get_one(User, site_people.publisher.actor.user_id)
    headers, told = _token(site_people.runtime, owner), {"communities": [{"id": slug}]}
    path = f"/api/records/{version}/communities"
    stranger = _token(site_people.runtime, site_people.users["stranger"])
    assert client.post(path, json=told, headers=stranger).status_code == 403
    assert client.post(path, json=told, headers=headers).status_code == 200
    site_people.publisher.settle()
    inside = client.get(f"/api/communities/{slug}/records").json
    record = client.get(f"/api/records/{version}").json
    assert inside is not None
    assert record is not None
    assert [hit["id"] for hit in inside["hits"]["hits"]] == [version]
    assert record["parent"]["communities"]["ids"] == [slug]
    assert client.delete(path, json=told, headers=headers).status_code == 200
    found = client.get(path).json
    assert found is not None
    assert found["hits"]["total"] == 0


def test_each_collection_has_a_catalogue_of_what_anyone_may_see(
    site_people: People, client: FlaskClient
) -> None:
    """With the records of the collections within it, and of no other."""
    above = site_people.collection("tren")
    slug = site_people.collection("duoi", parent="tren")
    site_people.collection("khac")
    (shown,) = _put(site_people, slug, "Dữ liệu mở")
    (hidden,) = _put(site_people, slug, "Dữ liệu kín", record="restricted", files="restricted")
    for one in (above, slug):
        told = client.get(f"/collections/{one}/catalog.ttl").text
        assert f"/records/{shown}" in told
        assert hidden not in told
        assert f"/collections/{one}#catalog" in told
    assert shown not in client.get("/collections/khac/catalog.jsonld").text
    assert client.get("/collections/nowhere/catalog.ttl").status_code == 404
