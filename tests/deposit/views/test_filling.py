"""Filling a draft in from a DOI, an ORCID iD, a ROR id: shown first, taken over by choice."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts.models import Actor
from repository.app import create_app
from repository.core.clock import SystemClock
from repository.core.runtime import Runtime
from repository.deposit import drafts
from repository.deposit.filling import filled, in_short
from repository.records.models import Draft
from repository.web.limits import limiter
from tests.core.test_fetch import serving
from tests.pid.test_lookup import ORCID, answer
from tests.runtimes import make_settings
from tests.webapp import make_user, send_form, sign_in

ROR = "https://ror.org/02mhbdp94"
START = {
    "resource_type": {"id": "dataset"},
    "titles": [{"title": "Mine", "lang": "en"}],
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Typed",
                "identifiers": [{"scheme": "orcid", "identifier": ORCID}],
            },
            "affiliations": [{"name": "?", "identifiers": [{"scheme": "ror", "identifier": ROR}]}],
        }
    ],
}


@pytest.fixture
def asking(tmp_path: Path, sqlite_url: str) -> Iterator[Runtime]:
    """A repository whose operator lets it ask registries; these answer from a table."""
    with serving(answer) as url:
        names = ("datacite", "crossref", "orcid", "ror")
        addresses = {f"prefill_{name}_url": url for name in names}
        settings = make_settings(
            tmp_path / "data", sqlite_url, prefill=True, prefill_allow_private=True, **addresses
        )
        runtime = Runtime.from_settings(settings, SystemClock())
        yield runtime
        runtime.close()


@pytest.fixture
def asking_app(asking: Runtime) -> Iterator[Flask]:
    app = create_app(asking)
    app.testing = True
    yield app
    limiter.reset()


def begin(runtime: Runtime, client: FlaskClient) -> str:
    user = make_user(runtime)
    sign_in(client, user)
    with runtime.work() as work:
        return drafts.create_draft(work, Actor.of(user), START).version_id


def stored(runtime: Runtime, version_id: str) -> Draft:
    with runtime.read() as work:
        return work.session.get_one(Draft, version_id)


def test_only_what_is_ticked_is_taken(asking: Runtime, asking_app: Flask) -> None:
    client = asking_app.test_client()
    version_id = begin(asking, client)
    page = html.unescape(client.get(f"/deposit/{version_id}/fill?identifier=10.82001/known").text)
    assert 'name="take" value="titles">' in page
    assert 'name="take" value="publication_date" checked>' in page
    assert 'name="take" value="publisher">' in page
    assert "Mine" in page
    assert "Known" in page
    assert stored(asking, version_id).metadata_json == START
    sent = send_form(
        client,
        f"/deposit/{version_id}/fill?identifier=10.82001/known",
        identifier="10.82001/known",
        revision="1",
        take=["publication_date"],
    )
    assert sent.status_code == 302
    assert stored(asking, version_id).metadata_json == {**START, "publication_date": "2025"}
    assert stored(asking, version_id).external_doi is None


def test_the_same_work_keeps_its_doi(asking: Runtime, asking_app: Flask) -> None:
    client = asking_app.test_client()
    version_id = begin(asking, client)
    address = f"/deposit/{version_id}/fill?identifier=10.82001/known"
    known = {"identifier": "https://doi.org/10.82001/known", "revision": "1", "keep_doi": "yes"}
    send_form(client, address, **known)
    assert stored(asking, version_id).external_doi == "10.82001/known"
    late = send_form(client, address, **known, take=["titles"])
    assert "/fill?" in late.location
    assert stored(asking, version_id).metadata_json["titles"] == START["titles"]


def test_names_come_to_where_their_identifier_stands(asking: Runtime, asking_app: Flask) -> None:
    client = asking_app.test_client()
    version_id = begin(asking, client)
    page = client.get(f"/deposit/{version_id}").text
    assert 'value="fill:creators/0/orcid"' in page
    form = {"revision": "1", "do": "fill:creators/0/orcid", "creators/0/orcid": ORCID}
    form |= {"creators/0/type": "personal", "creators/0/family_name": "Just typed"}
    sent = send_form(client, f"/deposit/{version_id}", **form)
    assert sent.location.endswith(f"/fill?identifier={ORCID}")
    kept = stored(asking, version_id).metadata_json["creators"][0]["person_or_org"]
    assert kept["family_name"] == "Just typed"
    found = client.get(sent.location).text
    assert "Researcher, Example" in found
    assert "Just typed" in found
    who = "creators/0/person_or_org"
    send_form(client, sent.location, identifier=ORCID, revision="2", take=[who])
    kept = stored(asking, version_id).metadata_json["creators"][0]["person_or_org"]
    assert (kept["family_name"], kept["given_name"]) == ("Researcher", "Example")
    assert kept["identifiers"] == [{"scheme": "orcid", "identifier": ORCID}]


def test_an_organisation_is_named(asking: Runtime, asking_app: Flask) -> None:
    client = asking_app.test_client()
    version_id = begin(asking, client)
    where = "creators/0/affiliations/0"
    address = f"/deposit/{version_id}/fill?identifier={ROR}"
    assert where in client.get(address).text
    send_form(client, address, identifier=ROR, revision="1", take=[where])
    home = stored(asking, version_id).metadata_json["creators"][0]["affiliations"][0]
    assert home["name"] == "Example Institute"


def test_what_is_unknown_or_wrong_is_said_on_the_page(asking: Runtime, asking_app: Flask) -> None:
    client = asking_app.test_client()
    version_id = begin(asking, client)
    for wrong in ("10.82001/unknown", "nonsense", ""):
        answer = client.get(f"/deposit/{version_id}/fill?identifier={wrong}")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


def test_without_the_setting_nothing_is_offered(
    sqlite_runtime: Runtime, client: FlaskClient
) -> None:
    version_id = begin(sqlite_runtime, client)
    assert "fill" not in client.get(f"/deposit/{version_id}").text.split("<main")[1]
    assert client.get(f"/deposit/{version_id}/fill?identifier={ORCID}").status_code == 404


def test_places_that_are_gone_are_left_alone() -> None:
    start = {"creators": [{"person_or_org": {"name": "A"}}]}
    assert filled(start, {"creators/7/person_or_org": {}, "titles/0/x": 1}) == start
    assert in_short([{"weird": 1}, None, 3]) == "3"
