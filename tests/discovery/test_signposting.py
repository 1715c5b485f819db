"""What a machine finds out from a landing page, with a client that others wrote."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from signposting import find_signposting_http_link, linkset

from repository.core.runtime import Runtime
from repository.deposit.publish import withdraw
from repository.discovery.packages import PACKAGES
from repository.formats import registry
from repository.records.models import Version
from tests.discovery.library import Depositor

SELECTIVE = {"iso19139", "codemeta"}  # have nothing to say of these records
RIGHTS = [{"id": "cc-by-4.0"}, {"link": "https://example.org/terms;a,b"}]


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish({"mưa/ngày, a;b.csv": b"a,b\n", "đọc.txt": b"xin chao"}, rights=RIGHTS)


def test_the_header_guides_a_client(client: FlaskClient, record: str) -> None:
    landing = f"http://repository.test/records/{record}"
    page = client.get(f"/records/{record}")
    found = find_signposting_http_link(page.headers.getlist("Link"), landing)
    assert found.citeAs
    assert found.citeAs.target == f"http://repository.test/doi/10.5072/{record}"
    assert {str(link.target) for link in found.types} == {
        "https://schema.org/AboutPage",
        "https://schema.org/Dataset",
    }
    assert found.license
    assert found.license.target == "https://spdx.org/licenses/CC-BY-4.0"
    assert {str(link.target) for link in found.authors} == {"https://orcid.org/0000-0002-1825-0097"}
    assert {str(link.type) for link in found.linksets} == {
        "application/linkset+json",
        "application/linkset",
    }
    offered = {each.name for each in registry.formats()} - SELECTIVE
    assert {link.target.rpartition("/")[2] for link in found.describedBy} == offered
    kinds = {(str(link.type), tuple(link.profiles)) for link in found.describedBy}
    assert len(kinds) == len(offered)
    assert len(found.items) == 2
    head = client.head(f"/records/{record}")
    assert head.headers["Link"] == page.headers["Link"]
    assert head.headers["Access-Control-Allow-Origin"] == "*"
    assert "Link" in head.headers["Access-Control-Expose-Headers"]


def test_the_page_repeats_the_header(client: FlaskClient, record: str) -> None:
    page = client.get(f"/records/{record}")
    told = html.fromstring(page.data)
    for rel in ("cite-as", "author", "type", "license", "item", "describedby", "linkset"):
        said = {each.get("href") for each in told.findall(f".//link[@rel='{rel}']")}
        assert said == set(re.findall(rf'<([^>]+)>; rel="{rel}"', page.headers["Link"])), rel
    assert len(re.findall(r'<script type="application/ld\+json">', page.text)) == 1
    assert told.findall(".//meta[@name='DC.title']")
    assert told.findall(".//meta[@name='citation_title']")
    coins = told.find(".//span[@class='Z3988']")
    assert coins is not None
    assert parse_qs(str(coins.get("title")))["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:dc"]


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("linkset", "application/linkset+json"), ("linkset.txt", "application/linkset")],
)
def test_both_linksets_are_whole(
    site: str, app: Flask, depositor: Depositor, path: str, media_type: str
) -> None:
    record = depositor.publish({f"{n:04}-{'tên' * 20}.txt": b"" for n in range(120)})
    landing = f"http://repository.test/records/{record}"
    found = linkset.find_signposting_linkset(f"{site}/records/{record}/{path}", media_type)
    of_page = found.for_context(landing)
    assert len(of_page.items) == 120 + len(PACKAGES)
    assert len(of_page.describedBy) == len(registry.formats()) - len(SELECTIVE)
    first = next(iter(of_page.items))
    back = found.for_context(first.target)
    assert back.collection
    assert back.collection.target == landing


def test_files_and_exports_lead_back(client: FlaskClient, record: str) -> None:
    landing = f"http://repository.test/records/{record}"
    with client.get(f"/records/{record}/files/đọc.txt") as file:
        assert file.headers["Link"] == f'<{landing}>; rel="collection"; type="text/html"'
    export = client.get(f"/records/{record}/export/ris")
    assert export.headers["Link"] == f'<{landing}>; rel="describes"; type="text/html"'
    assert export.headers["Access-Control-Allow-Origin"] == "*"


def test_every_format_can_be_negotiated(client: FlaskClient, record: str) -> None:
    for entry in (each for each in registry.formats() if each.name not in SELECTIVE):
        answer = client.get(f"/doi/10.5072/{record}", headers={"Accept": entry.media_type})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        answer = client.get(answer.location, headers={"Accept": entry.media_type})
        assert answer.status_code == 200, entry.name
        assert answer.headers["Content-Type"].startswith(entry.media_type.split(";")[0])
        assert answer.headers["Content-Location"] == f"/records/{record}/export/{entry.name}"
        assert answer.headers["Last-Modified"]
        assert "Accept" in answer.headers["Vary"]
    plain = client.get(f"/records/{record}", headers={"Accept": "application/json"})
    assert plain.json
    assert plain.json["id"] == record


def test_what_is_not_offered_is_refused_with_a_list(client: FlaskClient, record: str) -> None:
    answer = client.get(f"/records/{record}", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "application/x-bibtex" in answer.text


def test_a_format_that_does_not_suit_is_not_offered(
    client: FlaskClient, depositor: Depositor, record: str
) -> None:
    """ISO 19139 where there is a place, CodeMeta for software; the next choice is given instead."""
    iso = "application/vnd.iso.19139+xml"
    assert client.get(f"/records/{record}/export/iso19139").status_code == 404
    assert client.get(f"/records/{record}", headers={"Accept": iso}).status_code == 406
    accept = {"Accept": f"{iso}, application/x-bibtex;q=0.5"}
    assert client.get(f"/records/{record}", headers=accept).text.startswith("@dataset{")
    box = {"type": "Point", "coordinates": [105.85, 21.03]}
    placed = depositor.publish(
        {}, locations={"features": [{"geometry": box}]}, resource_type={"id": "software"}
    )
    for name in SELECTIVE:
        assert client.get(f"/records/{placed}/export/{name}").status_code == 200
        assert f"/export/{name}>" in client.get(f"/records/{placed}").headers["Link"]


def test_the_linkset_is_had_by_negotiation_too(client: FlaskClient, record: str) -> None:
    for asked, path in (
        ("application/linkset+json", "linkset"),
        ("application/linkset", "linkset.txt"),
    ):
        told = client.get(f"/records/{record}", headers={"Accept": f"{asked}, text/html;q=0.5"})
        assert told.content_type == asked
        assert told.headers["Content-Location"] == f"/records/{record}/{path}"
        assert "Accept" in told.headers["Vary"]
        assert told.data == client.get(f"/records/{record}/{path}").data
    page = client.get(
        f"/records/{record}", headers={"Accept": "text/html, application/linkset;q=0.5"}
    )
    assert page.mimetype == "text/html"


@pytest.mark.parametrize(
    ("asked", "begin"),
    [
        ("application/vnd.schemaorg.ld+json", "{"),
        ("application/xml", "<?xml"),
        ("text/xml;q=0.9, image/png", "<?xml"),
        ("application/citeproc+json", "{"),
        ("text/x-bibliography; style=apa; locale=en-US", "Nguy"),
    ],
)
def test_other_names_of_formats_are_known(
    client: FlaskClient, record: str, asked: str, begin: str
) -> None:
    for path in (f"/records/{record}", f"/api/records/{record}"):
        answer = client.get(path, headers={"Accept": asked})
        assert answer.status_code == 200
        assert answer.content_type.partition(";")[0] == asked.partition(";")[0]
        assert answer.text.startswith(begin)


def test_a_script_of_another_site_may_ask_with_a_profile(client: FlaskClient, record: str) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = client.options(f"/records/{record}", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer.headers["Access-Control-Allow-Headers"]
    asked["Access-Control-Request-Method"] = "DELETE"
    assert "Access-Control-Allow-Origin" not in client.options("/", headers=asked).headers


def test_a_page_says_when_it_changed(
    client: FlaskClient, depositor: Depositor, record: str
) -> None:
    first, again = (client.get(f"/records/{record}") for _ in range(2))
    changed = first.headers["Last-Modified"]
    assert again.headers["Last-Modified"] == changed
    copy = {"If-Modified-Since": changed}
    assert client.get(f"/records/{record}", headers=copy).status_code == 304


def test_a_tombstone_is_as_findable(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime, record: str
) -> None:
    with sqlite_runtime.work() as work:
        version = work.session.get_one(Version, record)
        withdraw(work, depositor.actor, version, reason="legal")
    page = client.get(f"/records/{record}")
    assert page.status_code == 410
    assert 'rel="cite-as"' in page.headers["Link"]
    assert 'rel="item"' not in page.headers["Link"]
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    assert found
    assert "distribution" not in json.loads(found[1])
