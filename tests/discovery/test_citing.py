"""Choosing how to cite: by form, by address, by what a program accepts."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from repository.accounts.models import Scope
from repository.accounts.tokens import create_token
from repository.core.runtime import Runtime
from repository.formats.citation_styles import STYLES
from tests.discovery.library import Depositor

BIBLIOGRAPHY = "text/x-bibliography"


def read(data: bytes) -> Any:
    return html.fromstring(data)


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish({"đọc.txt": b"xin chao"})


def test_the_page_cites_to_where_its_doi_leads(client: FlaskClient, record: str) -> None:
    page = read(client.get(f"/records/{record}").data)
    doi, citation = page.get_element_by_id("doi"), page.get_element_by_id("citation")
    assert doi.get("href") == f"http://repository.test/doi/10.5072/{record}"
    assert citation.text_content().endswith(f". {doi.get('href')}")
    assert client.get(f"/doi/10.5072/{record}").status_code == 303
    for name in ("bibtex", "ris", "csl", "json-ld"):
        text = client.get(f"/records/{record}/export/{name}").text
        assert f"http://repository.test/doi/10.5072/{record}" in text
        assert f"doi.org/10.5072/{record}" not in text


def test_the_form_works_without_scripts(client: FlaskClient, record: str) -> None:
    form = read(client.get(f"/records/{record}").data).forms[-1]
    assert [each.get("value") for each in form.xpath(".//select[@name='style']/option")] == [
        style.name for style in STYLES
    ]
    page = client.get(f"{form.action}?style=ieee&locale=en")
    assert page.status_code == 200
    shown = read(page.data)
    assert shown.get_element_by_id("citation").text_content().startswith("V. V. Nguyễn, “Rainfall")
    assert shown.xpath("//select[@name='style']/option[@selected]/@value") == ["ieee"]
    for style in STYLES:
        assert "Rainfall at" in shown.get_element_by_id(f"citation-{style.name}").text_content()
    assert "public" in page.headers["Cache-Control"]


def test_style_and_locale_are_negotiated(client: FlaskClient, record: str) -> None:
    for accept, start in {
        f"{BIBLIOGRAPHY}; style=apa; locale=en-US": "Nguyễn, V. V. (2024). Rainfall",
        f"{BIBLIOGRAPHY};style=viet-nam;locale=vi-VN": "Nguyễn Văn Ví (2024), Lượng mưa",
        f"{BIBLIOGRAPHY}; style=american-medical-association; locale=en": "Nguyễn VV. Rainfall",
        BIBLIOGRAPHY: "Nguyễn Văn Ví. (2024). Lượng mưa",
        f"text/html;q=0.5, {BIBLIOGRAPHY}; style=apa": "Nguyễn Văn Ví. (2024).",
    }.items():
        for path in (f"/records/{record}", f"/api/records/{record}"):
            answer = client.get(path, headers={"Accept": accept})
            assert answer.status_code == 200
            assert answer.mimetype == BIBLIOGRAPHY
            assert answer.text.startswith(start)
            assert answer.headers["Content-Location"] == f"/records/{record}/export/citation"
    by_address = client.get(f"/records/{record}/export/citation?style=nature&locale=en")
    assert by_address.text.startswith("Nguyễn, V. V. Rainfall")


@pytest.mark.parametrize("asked", ["style=no-such", "locale=fr-FR"])
def test_what_there_is_not_is_refused_with_a_list(
    client: FlaskClient, record: str, asked: str
) -> None:
    known = "viet-nam, vancouver" if "style" in asked else "vi"
    for answer in (
        client.get(f"/records/{record}", headers={"Accept": f"{BIBLIOGRAPHY}; {asked}"}),
        client.get(f"/records/{record}/export/citation?{asked}"),
        client.get(f"/records/{record}/cite?{asked}"),
        client.get(f"/api/records/{record}", headers={"Accept": f"{BIBLIOGRAPHY}; {asked}"}),
    ):
        assert answer.status_code == 406
        assert known in answer.text


def test_a_profile_tells_formats_of_one_type_apart(client: FlaskClient, record: str) -> None:
    for profile, name in {
        "https://w3id.org/ro/crate/1.2": "ro-crate",
        "https://schema.org/Dataset": "json-ld",
    }.items():
        accept = f'application/ld+json; profile="{profile}"'
        answer = client.get(f"/records/{record}", headers={"Accept": accept})
        assert answer.headers["Content-Location"].endswith(f"/export/{name}")


def test_the_api_gives_its_own_json_unless_asked_otherwise(
    client: FlaskClient, record: str
) -> None:
    for accept in ("*/*", "application/json", "text/html,*/*;q=0.8", "image/png"):
        answer = client.get(f"/api/records/{record}", headers={"Accept": accept})
        assert answer.mimetype == "application/json", accept
    bibtex = client.get(f"/api/records/{record}", headers={"Accept": "application/x-bibtex"})
    assert bibtex.text.startswith("@dataset{")


def test_what_a_token_opens_is_kept_by_nobody(
    client: FlaskClient, sqlite_runtime: Runtime, depositor: Depositor
) -> None:
    hidden = depositor.publish({}, {"record": "restricted", "files": "restricted"})
    with sqlite_runtime.work() as work:
        token = create_token(work, depositor.user, name="t", scopes=[Scope.READ])[1]
    headers = {"Accept": BIBLIOGRAPHY, "Authorization": f"Bearer {token}"}
    answer = client.get(f"/api/records/{hidden}", headers=headers)
    assert answer.status_code == 200
    assert "private" in answer.headers["Cache-Control"]
    assert client.get(f"/records/{hidden}/cite").status_code == 404
