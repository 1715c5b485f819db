"""Terms found, refused, replaced; in metadata, searches and the API."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from repository.core import jobs
from repository.core.errors import ValidationFailed
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.discovery.search import SearchRequest, search
from repository.formats import coar
from repository.records.models import Version
from repository.vocabularies import terms
from repository.vocabularies.builtin import BUILTIN, load_builtin
from repository.vocabularies.loading import Description, load
from repository.vocabularies.rows import TermRow
from repository.worker import import_all_jobs
from tests.oai.publishing import Publisher

SCHEME = "Fields of Research and Development (FORD)"


def subjects_of(runtime: Runtime, version: str) -> list[dict[str, str]]:
    with runtime.read() as work:
        return list(work.session.get_one(Version, version).metadata_json["subjects"])


def test_all_lists_of_the_program_load_once_by_their_job(sqlite_runtime: Runtime) -> None:
    import_all_jobs()
    with sqlite_runtime.work() as work:
        work.enqueue("vocabularies.load", "vocabularies.load", {})
    run_until_idle(sqlite_runtime)
    with sqlite_runtime.read() as work:
        assert {v.id for v in terms.vocabularies(work)} == {each.told.id for each in BUILTIN}
        counts = {v.id: v.terms for v in terms.vocabularies(work)}
        assert counts["ford"] == 48
        assert counts["khcn"] == 6
        assert counts["khcn-2008"] == 0  # known, no longer offered
        assert counts["licenses"] > 600
        assert counts["languages"] > 7000
        rights = {t.uri: t.label_en for t in terms.found_by(work, "", vocabulary="accessrights")[0]}
        told = (coar.access_right(s) for s in ("open", "embargoed", "restricted", "metadata-only"))
        assert rights == {concept.uri: concept.label for concept in told}
        assert work.session.query(jobs.Job).filter_by(state="failed").count() == 0
    assert load_builtin(sqlite_runtime) == []


@pytest.mark.parametrize("typed", ["trai dat", "trái đất", "TRÁI", "earth env", "ford:1.5", "1.5"])
def test_a_term_is_found_by_the_beginnings_of_its_words(lists: Runtime, typed: str) -> None:
    with lists.read() as work:
        assert terms.suggested(work, typed, "subjects")[0].code == "1.5"


def test_codes_of_other_shapes_become_the_term_of_the_list(lists: Runtime) -> None:
    publisher = Publisher(lists)
    whole = {
        "subject": "Earth and related environmental sciences",
        "scheme": SCHEME,
        "scheme_uri": "https://doi.org/10.1787/9789264239012-en",
        "classification_code": "1.5",
        "lang": "en",
    }
    for sent in (
        {"id": "ford:1.5"},
        {"id": "http://www.oecd.org/science/inno/38235147.pdf?1.5"},
        {"subject": "gì đó", "scheme": SCHEME.upper(), "classification_code": "1.5"},
        {"subject": "FOS: Earth and related environmental sciences", "scheme": "FOS"},
    ):
        version = publisher.publish(subjects=[sent, sent, {"subject": "đất"}])
        assert subjects_of(lists, version) == [whole, {"subject": "đất"}]


def test_an_unknown_code_is_refused_with_the_nearest(lists: Runtime) -> None:
    publisher = Publisher(lists)
    with pytest.raises(ValidationFailed) as refused:
        publisher.publish(subjects=["x", {"id": "ford:1.55"}])
    (wrong,) = refused.value.errors
    assert wrong.pointer == "/metadata/subjects/1"
    assert "1.5 Khoa học trái đất" in wrong.message % wrong.params
    others: tuple[tuple[dict[str, Any], str], ...] = (
        ({"rights": [{"id": "cc-by-4"}]}, "CC-BY-4.0"),
        ({"languages": [{"id": "viet"}]}, "vie"),
        ({"resource_type": {"id": "datasett"}}, "dataset"),
    )
    for told, near in others:
        with pytest.raises(ValidationFailed) as refused:
            publisher.publish(**told)
        assert near in refused.value.errors[0].message % refused.value.errors[0].params


def test_an_old_code_becomes_the_one_that_replaced_it(runtime: Runtime) -> None:
    told = Description("dat", title_vi="Đất", scheme="Đất")
    rows = [TermRow("1", "Đất cũ", replaced_by="2"), TermRow("2", "Đất mới"), TermRow("3", "Bỏ")]
    load(runtime, told, rows, "1")
    load(runtime, told, rows[:2], "2")
    publisher = Publisher(runtime)
    made = publisher.publish(subjects=[{"id": "dat:1"}, {"id": "dat:3"}])
    codes = [each["classification_code"] for each in subjects_of(runtime, made)]
    assert codes == ["2", "3"]  # nothing replaced 3: what was true once may still be said


def test_a_term_is_found_in_both_languages_and_under_what_is_wider(lists: Runtime) -> None:
    publisher = Publisher(lists)
    version = publisher.publish(subjects=[{"id": "ford:1.5"}])
    publisher.settle()
    with lists.read() as work:
        for query in ("trai dat", "khoa học tự nhiên", "earth"):
            found = search(work, publisher.actor, SearchRequest(query))
            assert [v.id for v in found.versions] == [version], query
        chosen = SearchRequest(chosen={"topic": ["Natural sciences"]})
        found = search(work, publisher.actor, chosen)
        assert [v.id for v in found.versions] == [version]


def test_readers_see_the_label_in_their_language(site_lists: Runtime, client: FlaskClient) -> None:
    publisher = Publisher(site_lists)
    version = publisher.publish(subjects=[{"id": "ford:1.5"}])
    publisher.settle()
    for page in (f"/records/{version}", "/search", "/"):
        assert "Khoa học trái đất và môi trường liên quan" in client.get(f"{page}?lang=vi").text
        english = client.get(f"{page}?lang=en").text
        assert "Khoa học trái đất" not in english
        assert "Earth and related environmental sciences" in english
    xml = client.get(f"/records/{version}/export/datacite-xml").text
    assert f'subjectScheme="{SCHEME}"' in xml
    assert 'classificationCode="1.5"' in xml
    assert 'schemeURI="https://doi.org/10.1787/9789264239012-en"' in xml


def test_the_api_answers_in_inveniordms_shapes(site_lists: Runtime, client: FlaskClient) -> None:
    load_builtin(site_lists, only=("licenses",))
    found = client.get("/api/subjects?suggest=trai+dat").json
    assert found is not None
    (hit,) = found["hits"]["hits"]
    assert (hit["id"], hit["scheme"]) == ("ford:1.5", SCHEME)
    assert hit["title"]["vi"] == "Khoa học trái đất và môi trường liên quan"
    one = client.get("/api/subjects/ford:1").json
    assert one is not None
    assert one["children"] == ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"]
    old = client.get("/api/vocabularies/khcn-2008/105").json
    assert old is not None
    assert old["deprecated"] is True
    licence = client.get("/api/vocabularies/licenses/cc-by-4.0").json
    assert licence is not None
    assert licence["title"]["en"] == "Creative Commons Attribution 4.0 International"
    listed = client.get("/api/vocabularies").json
    assert listed is not None
    assert {each["id"]: each["count"] for each in listed["hits"]["hits"]}["ford"] == 48
    for missing in ("/api/vocabularies/none", "/api/subjects/ford:99", "/api/funders/none"):
        assert client.get(missing).status_code == 404
