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
    assert len(found.describedBy) == len(registry.formats())
    assert len({(str(x.type), tuple(x.profiles)) for x in found.describedBy}) == len(
        registry.formats()
    )
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
    assert len(of_page.describedBy) == len(registry.formats())
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
    for entry in registry.formats():
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
