"""Terms to accept before the bytes of a record are given."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.access.models import AccessEntry, TermsAcceptance, TermsText
from repository.accounts.models import Actor, Role, User
from repository.app import create_app
from repository.core.runtime import Runtime
from repository.curation.collections import create
from repository.curation.placing import add_record
from tests.api.conftest import Api, make_token
from tests.webapp import TOKEN, make_user, send_form, sign_in

FILE = "số đo.csv"
ROWS = b"a,b\n1,2\n"
VI, EN = "Chỉ dùng để nghiên cứu.", "For research alone."
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def owner(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime, owner: User) -> Api:
    client = app.test_client(use_cookies=False)
    return Api(client, sqlite_runtime, make_token(sqlite_runtime, owner))


@pytest.fixture
def nobody(app: Flask, sqlite_runtime: Runtime) -> Api:
    return Api(app.test_client(use_cookies=False), sqlite_runtime, None)


def _published(api: Api, **access: Any) -> str:
    record = api.draft(access={"terms": {"vi": VI, "en": EN}} | access)
    api.add_file(record, FILE, ROWS)
    api.publish(record)
    return record


def _ways(record: str) -> Iterator[str]:
    """Every address that gives bytes, or what is in them."""
    path = quote(FILE)
    yield f"/api/records/{record}/files/{path}/content"
    yield f"/api/records/{record}/files/{path}/rows"
    yield f"/api/records/{record}/files/{path}/table"
    yield f"/api/records/{record}/files-archive"
    yield f"/records/{record}/files/{path}"
    yield f"/records/{record}/files/{path}?inline=1"
    yield f"/records/{record}/files.zip"
    yield from (f"/records/{record}/packages/{p}.zip" for p in ("ro-crate", "bagit", "ocfl"))
    yield f"/records/{record}/table/{path}"
    yield f"/records/{record}/chart/{path}"
    yield f"/records/{record}/chart.vl.json/{path}?chart=bar&x=a"
    yield f"/records/{record}/preview/{path}"


def _statuses(client: FlaskClient, record: str, **headers: str) -> dict[str, int]:
    found = {}
    for url in _ways(record):
        with client.get(url, headers=headers) as answer:
            found[url] = answer.status_code
            if answer.status_code == 403:
                assert answer.headers["Link"].endswith('/terms>; rel="terms-of-service"')
                assert "Location" not in answer.headers
                assert "X-Accel-Redirect" not in answer.headers
    return found


def test_a_program_is_told_where_the_terms_are_and_accepts_them(
    app: Flask, api: Api, nobody: Api
) -> None:
    record = _published(api)
    client = app.test_client(use_cookies=False)
    assert set(_statuses(client, record).values()) == {403}
    part = f"/api/records/{record}/files/{quote(FILE)}/content"
    assert client.get(part, headers={"Range": "bytes=0-1"}).status_code == 403
    assert client.head(part).status_code == 403
    refused = nobody.call("GET", f"/records/{record}/files/{FILE}/content").json
    assert refused["type"].endswith("/problems/terms-not-accepted")
    told = nobody.call("GET", f"/records/{record}/terms").json
    assert (told["text"], told["accepted"]) == ({"vi": VI, "en": EN}, False)
    assert refused["terms"] == told["terms"]
    assert refused["acceptance"] == told["links"]["acceptance"]
    acceptance = f"/records/{record}/terms/acceptance"
    wrong = nobody.call("POST", acceptance, {"terms": "0" * 64})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (400, "/terms")
    answer = nobody.call("POST", acceptance, {"terms": told["terms"]})
    assert answer.status_code == 201
    nobody.token = answer.json["token"]
    assert nobody.download(f"/records/{record}/files/{FILE}/content") == ROWS
    assert nobody.call("GET", f"/records/{record}/files/{FILE}/rows").json["total"] == 1
    assert nobody.call("GET", f"/records/{record}/terms").json["accepted"]
    assert "token" not in nobody.call("POST", acceptance, {"terms": told["terms"]}).json
    assert nobody.call("GET", "/user/records").status_code == 401  # it is for reading alone


def test_names_and_sizes_are_told_before(api: Api, nobody: Api, client: FlaskClient) -> None:
    record = _published(api)
    entries = nobody.call("GET", f"/records/{record}/files").json["entries"]
    assert [entry["key"] for entry in entries] == [FILE]
    page = client.get(f"/records/{record}").text
    assert FILE in page
    assert VI in page or EN in page


def test_a_reader_is_led_to_the_terms_and_back(
    app: Flask, api: Api, sqlite_runtime: Runtime, client: FlaskClient, owner: User
) -> None:
    record = _published(api)
    download = f"/records/{record}/files/{quote(FILE)}"
    led = client.get(download, headers=HTML)
    assert led.status_code == 302
    terms = led.location
    assert VI in client.get(terms).text
    unticked = send_form(client, terms, terms=_digest(api, record), next=download)
    assert unticked.status_code == 400
    done = send_form(client, terms, terms=_digest(api, record), next=download, accepted="1")
    assert done.status_code == 303
    assert f'url={download}"' in client.get(done.location).text
    with client.get(download, headers=HTML) as answer:
        assert (answer.status_code, answer.data) == (200, ROWS)
        assert answer.headers["Cache-Control"] == "private, no-cache"
    assert set(_statuses(client, record).values()) - {404} == {200, 403}  # the card is for anyone
    sign_in(client, make_user(sqlite_runtime, "reader@example.org"))
    assert _status(client, download) == 200  # what the session accepted stays accepted
    other = app.test_client()
    assert _status(other, download) == 403
    with sqlite_runtime.read() as work:
        kept = work.session.scalars(select(TermsAcceptance)).one()
        assert (kept.user_id, kept.version_id) == (None, record)
        assert work.session.scalars(select(TermsText)).one().texts == {"vi": VI, "en": EN}
        reasons = {entry.reason for entry in work.session.scalars(select(AccessEntry))}
        assert reasons == {"terms"}
    sign_in(other, owner)
    assert _status(other, download) == 200  # the owner's own terms
    shown = other.get(f"/deposit/{record}/access/acceptances").text
    assert kept.terms_sha256[:8] in shown
    assert VI in shown


def _status(client: FlaskClient, url: str) -> int:
    with client.get(url) as answer:
        return answer.status_code


def _digest(api: Api, record: str) -> str:
    return str(api.call("GET", f"/records/{record}/terms").json["terms"])


def test_another_text_is_accepted_anew(api: Api, stranger_api: Api) -> None:
    record = _published(api)
    content, acceptance = f"/records/{record}/files/{FILE}/content", f"/records/{record}/terms"
    first = _digest(api, record)
    stranger_api.call("POST", f"{acceptance}/acceptance", {"terms": first})
    assert stranger_api.download(content) == ROWS
    api.call("POST", f"/records/{record}/draft")
    api.call("PUT", f"/records/{record}/draft", {"access": {"terms": {"vi": "Chỉ để dạy học."}}})
    api.publish(record)
    assert stranger_api.call("GET", content).status_code == 403
    stale = stranger_api.call("POST", f"{acceptance}/acceptance", {"terms": first})
    assert stale.status_code == 400
    second = _digest(api, record)
    stranger_api.call("POST", f"{acceptance}/acceptance", {"terms": second})
    assert stranger_api.download(content) == ROWS
    api.call("POST", f"/records/{record}/draft")
    api.call("PUT", f"/records/{record}/draft", {"access": {}})
    api.publish(record)
    gone = stranger_api.call("POST", f"{acceptance}/acceptance", {"terms": second})
    assert gone.status_code == 404


@pytest.fixture
def stranger_api(app: Flask, sqlite_runtime: Runtime) -> Api:
    user = make_user(sqlite_runtime, "stranger@example.org")
    return Api(app.test_client(use_cookies=False), sqlite_runtime, make_token(sqlite_runtime, user))


def test_whoever_was_given_access_accepts_them_too(
    api: Api, stranger_api: Api, nobody: Api
) -> None:
    record = _published(api, files="restricted")
    content = f"/records/{record}/files/{FILE}/content"
    assert stranger_api.call("GET", content).json["type"].endswith("/forbidden")
    grant = {"subject": {"type": "user", "id": "stranger@example.org"}, "permission": "download"}
    api.call("POST", f"/records/{record}/access/grants", {"grants": [grant]})
    assert stranger_api.call("GET", content).json["type"].endswith("/terms-not-accepted")
    link = api.call("POST", f"/records/{record}/access/links", {"permission": "download"}).json
    nobody.token = link["token"]
    assert nobody.call("GET", content).status_code == 403
    for each in (stranger_api, nobody):
        answer = each.call(
            "POST", f"/records/{record}/terms/acceptance", {"terms": _digest(api, record)}
        )
        assert "token" not in answer.json
        assert each.download(content) == ROWS


def test_a_proxy_is_handed_nothing_before(sqlite_runtime: Runtime, owner: User) -> None:
    """Where nginx sends the bytes, it is our answer that says so."""
    settings = sqlite_runtime.settings.model_copy(update={"accel_prefix": "/_bytes"})
    runtime = Runtime.from_settings(settings, sqlite_runtime.clock)
    app = create_app(runtime)
    api = Api(app.test_client(use_cookies=False), runtime, make_token(runtime, owner))
    record = _published(api)
    content = f"/api/records/{record}/files/{quote(FILE)}/content"
    assert set(_statuses(app.test_client(use_cookies=False), record).values()) == {403}
    assert "X-Accel-Redirect" in api.call("GET", content.removeprefix("/api")).headers
    runtime.close()


def test_a_collection_brings_terms_for_records_without(
    api: Api, sqlite_runtime: Runtime, owner: User
) -> None:
    curator = make_user(sqlite_runtime, "curator@example.org", Role.CURATOR)
    record, own = api.published(), _published(api)
    with sqlite_runtime.work() as work:
        values = {"title_vi": "Kho", "submission": "open", "terms_en": "Cite the institute."}
        collection = create(work, Actor.of(curator), values)
        for each in (record, own):
            parent = api.call("GET", f"/records/{each}").json["parent"]["id"]
            add_record(work, Actor.of(owner), collection, parent)
    for each, texts in ((record, {"en": "Cite the institute."}), (own, {"vi": VI, "en": EN})):
        api.call("POST", f"/records/{each}/draft")
        api.publish(each)
        assert api.call("GET", f"/records/{each}/terms").json["text"] == texts


def test_the_form_takes_terms_and_says_what_is_too_long(
    api: Api, client: FlaskClient, owner: User
) -> None:
    draft = api.draft()
    sign_in(client, owner)
    page = client.get(f"/deposit/{draft}").text
    revision = re.search(r'name="revision" value="(\d+)"', page)
    token = TOKEN.search(page)
    assert revision
    assert token
    sent = {"csrf_token": token[1], "revision": revision[1], "terms_vi": "x" * 20_001, "do": "save"}
    client.post(f"/deposit/{draft}", data=sent)
    kept = api.call("GET", f"/records/{draft}/draft").json["access"]
    assert len(kept["terms"]["vi"]) == 20_001
    refused = api.call("POST", f"/records/{draft}/draft/actions/publish").json
    assert "/access/terms/vi" in [each["pointer"] for each in refused["errors"]]
