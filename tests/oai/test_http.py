import gzip
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from repository.accounts.models import Role
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.oai import rebuild, views
from repository.oai.harvesters import network_of
from repository.oai.models import OaiHarvester
from tests.oai.harvesting import NS, Endpoint
from tests.oai.publishing import Publisher
from tests.webapp import TOKEN, make_user, sign_in


@pytest.fixture
def ten(small_pages: Runtime) -> Publisher:
    publisher = Publisher(small_pages)
    for number in range(10):
        publisher.publish(f"Record {number}")
    publisher.settle()
    return publisher


@pytest.fixture
def small(ten: Publisher, small_app: Flask) -> Endpoint:
    return Endpoint(small_app)


def token_of(endpoint: Endpoint, **arguments: str) -> str:
    page = endpoint.xml(verb="ListRecords", **arguments)
    return page.findtext(f".//{NS}resumptionToken") or ""


def test_pages_count_up_to_the_whole_list(small: Endpoint) -> None:
    pages = list(small.pages("ListRecords", metadataPrefix="oai_dc"))
    tokens = [page.find(f"{NS}resumptionToken") for page in pages]
    told = [(t.get("cursor"), t.get("completeListSize")) for t in tokens if t is not None]
    assert told == [("0", "10"), ("3", "10"), ("6", "10"), ("9", "10")]
    assert tokens[-1] is not None
    assert not tokens[-1].text
    assert len(small.records()) == 10


def test_an_exact_multiple_of_the_page_ends_with_a_full_page(
    ten: Publisher, small: Endpoint
) -> None:
    for number in range(2):
        ten.publish(f"More {number}")
    ten.settle()
    pages = list(small.pages("ListIdentifiers", metadataPrefix="oai_dc"))
    assert [len(list(page.iter(f"{NS}header"))) for page in pages] == [3, 3, 3, 3]


def test_list_of_one_page_has_no_token(small: Endpoint) -> None:
    answer = small.xml(verb="ListRecords", metadataPrefix="oai_dc", until="2026-11-23")
    assert answer.find(f".//{NS}resumptionToken") is not None
    some = small.records()
    first = min(record.datestamp for record in some.values())
    assert small.error(verb="ListRecords", metadataPrefix="oai_dc", until="2026-11-22") == (
        "noRecordsMatch"
    )
    assert first.startswith("2026-11-23")


def test_the_same_page_has_the_same_token(small: Endpoint) -> None:
    assert token_of(small, metadataPrefix="oai_dc") == token_of(small, metadataPrefix="oai_dc")


def test_a_token_never_expires(small: Endpoint, clock: FixedClock) -> None:
    token = token_of(small, metadataPrefix="oai_dc")
    clock.advance(timedelta(days=4000))
    assert small.error(verb="ListRecords", resumptionToken=token) is None


def test_a_token_is_of_its_own_verb_and_not_to_be_changed(small: Endpoint) -> None:
    token = token_of(small, metadataPrefix="oai_dc")
    for wrong in (token[:-1], token + "x", "x", token.replace(".", "..", 1)):
        assert small.error(verb="ListRecords", resumptionToken=wrong) == "badResumptionToken"
    for verb in ("ListIdentifiers", "ListSets"):
        assert small.error(verb=verb, resumptionToken=token) == "badResumptionToken"


def test_sets_are_paged_too(small: Endpoint) -> None:
    pages = list(small.pages("ListSets"))
    assert len(pages) == 2
    specs = [found.text for page in pages for found in page.iter(f"{NS}setSpec")]
    assert specs == sorted(specs, key=str)
    assert len(specs) == 6


def test_what_changes_during_a_harvest_is_met_again(ten: Publisher, small: Endpoint) -> None:
    pages = small.pages("ListRecords", metadataPrefix="oai_dc")
    seen = [title.text for title in next(pages).iter("{http://purl.org/dc/elements/1.1/}title")]
    order = small.identifiers()
    last = order[-1].rpartition(":")[2]
    ten.edit(last, titles=[{"title": "Edited"}])
    gone = order[-2].rpartition(":")[2]
    ten.withdraw(gone)
    fresh = ten.publish("Fresh")
    ten.settle()
    identifiers = []
    for page in pages:
        seen += [t.text for t in page.iter("{http://purl.org/dc/elements/1.1/}title")]
        identifiers += [h.findtext(f"{NS}identifier") for h in page.iter(f"{NS}header")]
    assert {"Edited", "Fresh"} <= set(seen)
    assert f"oai:repository.test:{gone}" in identifiers
    assert f"oai:repository.test:{fresh}" in identifiers


def test_a_harvest_ends_although_records_never_stop_changing(
    ten: Publisher, small: Endpoint
) -> None:
    order = small.identifiers()
    requests = 0
    for _page in small.pages("ListIdentifiers", metadataPrefix="oai_dc"):
        requests += 1
        for identifier in order[:3]:
            ten.edit(identifier.rpartition(":")[2], version=str(requests))
        ten.settle()
        assert requests < 100
    assert requests > 4


def test_post_counts_like_get_and_both_together(small: Endpoint) -> None:
    form = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    posted = small.client.post("/oai2d", data=form)
    assert posted.data == small.get(**form).data
    repeated = small.client.post("/oai2d?verb=Identify", data={"verb": "Identify"})
    assert b'code="badVerb"' in repeated.data


def test_compressed_where_the_harvester_takes_it(small: Endpoint) -> None:
    query = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    plain = small.client.get("/oai2d", query_string=query)
    packed = small.client.get(
        "/oai2d", query_string=query, headers={"Accept-Encoding": "deflate, gzip"}
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in plain.vary
    refused = small.client.get(
        "/oai2d", query_string=query, headers={"Accept-Encoding": "gzip;q=0"}
    )
    assert "Content-Encoding" not in refused.headers


def test_caches_may_keep_pages_that_a_token_leads_to(small: Endpoint) -> None:
    first = small.get(verb="ListRecords", metadataPrefix="oai_dc")
    assert "no-cache" in first.headers["Cache-Control"]
    token = token_of(small, metadataPrefix="oai_dc")
    second = small.get(verb="ListRecords", resumptionToken=token)
    assert second.headers["Cache-Control"] == f"public, max-age={views.PAGE_SECONDS}"
    again = small.client.get(
        "/oai2d",
        query_string={"verb": "ListRecords", "resumptionToken": token},
        headers={"If-None-Match": second.headers["ETag"]},
    )
    assert again.status_code == 304
    assert "Set-Cookie" not in first.headers


def test_a_page_that_changed_has_another_etag(ten: Publisher, small: Endpoint) -> None:
    before = small.get(verb="ListRecords", metadataPrefix="oai_dc")
    ten.edit(small.identifiers()[0].rpartition(":")[2], titles=[{"title": "Else"}])
    ten.settle()
    after = small.get(verb="ListRecords", metadataPrefix="oai_dc")
    assert before.headers["ETag"] != after.headers["ETag"]


def test_base_url_is_configured_never_taken_from_the_request(small: Endpoint) -> None:
    answer = small.client.get(
        "/oai2d?verb=Identify", headers={"Host": "evil.example.org"}
    ).get_data(as_text=True)
    assert "evil" not in answer
    assert "<baseURL>http://repository.test/oai2d</baseURL>" in answer


def test_too_many_harvests_are_told_to_come_back(
    small: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "WAIT_SECONDS", 0)
    parts = small.app.extensions["repository.oai"]
    for _ in range(4):
        parts.places.acquire()
    answer = small.get(verb="Identify")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == str(views.RETRY_SECONDS)
    parts.places.release()
    assert small.get(verb="Identify").status_code == 200


def test_people_get_a_page_and_programs_xml(small: Endpoint) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = small.client.get("/oai2d?lang=en", headers=browser)
    assert page.mimetype == "text/html"
    page = small.client.get("/oai2d", headers=browser)
    assert "http://repository.test/oai2d" in page.text
    assert b"badVerb" in small.client.get("/oai2d").data
    assert b"badVerb" in small.client.get("/oai2d", headers={"Accept": "text/xml"}).data


def test_harvests_are_not_counted_against_readers(small: Endpoint) -> None:
    answers = {small.get(verb="Identify").status_code for _ in range(650)}
    assert answers == {200}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("unix", ""),
    ],
)
def test_only_the_network_of_a_harvester_is_kept(address: str, network: str) -> None:
    assert network_of(address) == network


def test_operator_sees_who_harvests_and_how_far(
    ten: Publisher, small: Endpoint, small_app: Flask
) -> None:
    list(small.pages("ListRecords", metadataPrefix="oai_dc", set="type-dataset"))
    small.get(verb="ListRecords", metadataPrefix="oai_dc", set="no-such")
    small_app.extensions["repository.oai"].observer.flush()
    with ten.runtime.read() as work:
        row = work.session.scalars(
            select(OaiHarvester).where(OaiHarvester.set_spec == "type-dataset")
        ).one()
        assert (row.requests, row.records, row.position, row.size) == (4, 10, 10, 10)
    client = small_app.test_client()
    sign_in(client, make_user(ten.runtime, "admin2@example.org", Role.ADMIN))
    page = client.get("/admin/oai?lang=en").text
    assert "noRecordsMatch" in page
    assert "10 / 10" in page


def test_operator_starts_check_and_rebuild(ten: Publisher, small_app: Flask) -> None:
    client = small_app.test_client()
    sign_in(client, make_user(ten.runtime, "admin3@example.org", Role.ADMIN))
    form = _csrf(client)
    rebuild.run(ten.runtime)
    assert client.post("/admin/oai/check", data=form).status_code == 302
    assert "under way" in client.get("/admin/oai?lang=en").text
    assert client.post("/admin/oai/rebuild", data=form).status_code == 302
    assert "0 / 10" in client.get("/admin/oai?lang=en").text


def _csrf(client: Any) -> dict[str, str]:
    found = TOKEN.search(client.get("/admin/oai").text)
    assert found
    return {"csrf_token": found[1]}


def test_only_administrators_see_the_page(ten: Publisher, small_app: Flask) -> None:
    client = small_app.test_client()
    assert client.get("/admin/oai").status_code == 302
    sign_in(client, make_user(ten.runtime, "reader@example.org"))
    assert client.get("/admin/oai").status_code == 403
