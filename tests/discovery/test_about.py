"""What the site says of itself: to people, registries and crawlers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.paths import templates_dir
from repository.core.runtime import Runtime
from repository.discovery.about.policies import POLICIES
from tests.runtimes import make_settings

Visit = Callable[..., FlaskClient]


@pytest.fixture
def visit(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Visit]:
    """A visitor of a site with these settings."""
    opened = []

    def visit(**values: object) -> FlaskClient:
        runtime = Runtime.from_settings(
            make_settings(tmp_path / "data", sqlite_url, **values), clock
        )
        opened.append(runtime)
        app = create_app(runtime)
        app.testing = True
        return app.test_client()

    yield visit
    for runtime in opened:
        runtime.close()


def test_every_policy_is_there_in_both_languages(client: FlaskClient) -> None:
    for name in POLICIES:
        texts = set()
        for language in ("vi", "en"):
            assert (templates_dir() / "policies" / f"{name}.{language}.md").is_file()
            page = client.get(f"/about/policies/{name}?lang={language}")
            assert page.status_code == 200
            assert f'<article class="text" lang="{language}">' in page.text
            assert "{{" not in page.text
            texts.add(page.text)
        assert len(texts) == 2
    assert client.get("/about/policies/none").status_code == 404
    assert client.get("/about/policies/..%2Fbase").status_code == 404


def test_the_footer_and_the_page_lead_to_them(client: FlaskClient) -> None:
    assert 'href="/about"' in client.get("/").text
    page = client.get("/about?lang=en")
    for name in POLICIES:
        assert f'href="/about/policies/{name}' in page.text
    assert "public" in page.headers["Cache-Control"]


def test_an_operators_own_text_wins_and_can_do_no_harm(visit: Visit, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "policies"
    folder.mkdir(parents=True)
    (folder / "privacy.vi.md").write_text(
        "# Của chúng tôi\n<script>alert(1)</script>{{ publisher }}"
    )
    client = visit()
    page = client.get("/about/policies/privacy")
    assert "<h1>Của chúng tôi</h1>" in page.text
    assert "alert(1)" not in page.text.replace("&lt;script&gt;alert(1)", "")
    english = client.get("/about/policies/privacy?lang=en")
    assert 'lang="vi"' in english.text
    assert "Của chúng tôi" in english.text
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "retention.en.md").write_text("Ours, without a heading.")
    page = visit(policies_dir=elsewhere).get("/about/policies/retention?lang=en")
    assert "Ours, without a heading." in page.text
    assert "<h1>Retention</h1>" in page.text


def test_registries_read_what_the_repository_is(client: FlaskClient) -> None:
    answer = client.get("/about/repository.json")
    assert answer.mimetype == "application/ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    made = answer.get_json(force=True)
    assert made["@type"] == "DataCatalog"
    assert made["@id"] == "http://repository.test/#catalog"
    assert {api["apiType"] for api in made["re3data"]["api"]} >= {"OAI-PMH", "REST"}
    for policy in made["re3data"]["policy"]:
        path = policy["policyURL"].removeprefix("http://repository.test")
        assert client.get(path).status_code == 200
    assert made["fairsharing"]["homepage"] == "http://repository.test/"


def test_the_api_catalogue_leads_to_interfaces_that_answer(client: FlaskClient) -> None:
    """RFC 9727, sections 2 to 4."""
    answer = client.get("/.well-known/api-catalog")
    assert answer.content_type == (
        'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    )
    head = client.head("/.well-known/api-catalog")
    assert 'rel="api-catalog"' in head.headers["Link"]
    first, *others = answer.get_json(force=True)["linkset"]
    assert first["anchor"] == "http://repository.test/.well-known/api-catalog"
    assert {each["href"] for each in first["item"]} == {each["anchor"] for each in others}
    for each in others:
        for links in (links for name, links in each.items() if name != "anchor"):
            for link in links:
                path = link["href"].removeprefix("http://repository.test")
                assert client.get(path).status_code in (200, 503), path


def test_security_txt(client: FlaskClient, visit: Visit) -> None:
    """RFC 9116: one Expires, in the future and less than a year off."""
    assert client.get("/.well-known/security.txt").status_code == 404
    answer = visit(security_contact="an.toan@example.org").get("/.well-known/security.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "Contact: mailto:an.toan@example.org",
        "Expires: 2027-05-22T00:00:00Z",
        "Preferred-Languages: vi, en",
        "Canonical: http://repository.test/.well-known/security.txt",
    ]
    operator = visit(admin_email="van.hanh@example.org").get("/.well-known/security.txt")
    assert "Contact: mailto:van.hanh@example.org\n" in operator.text
    web = visit(security_contact="https://example.org/report").get("/.well-known/security.txt")
    assert "Contact: https://example.org/report\n" in web.text
