"""Searches that curators offer to harvesters as sets."""

from datetime import timedelta

import pytest
from flask import Flask

from repository.accounts.models import Actor, Role
from repository.core.clock import FixedClock
from repository.core.errors import Forbidden, ValidationFailed
from repository.core.runtime import Runtime
from repository.oai import search_sets
from repository.oai.models import OaiSearchSet
from tests.oai.harvesting import Endpoint
from tests.oai.publishing import Publisher
from tests.webapp import TOKEN, make_user, sign_in

CURATOR = Actor(None, Role.CURATOR)


def offer(runtime: Runtime, name: str, address: str) -> OaiSearchSet:
    with runtime.work() as work:
        return search_sets.offer(work, CURATOR, name=name, address=address)


def specs(endpoint: Endpoint) -> set[str]:
    root = endpoint.xml(verb="ListSets")
    return {str(e.text) for e in root.iter("{http://www.openarchives.org/OAI/2.0/}setSpec")}


def test_a_set_follows_what_its_search_finds(
    publisher: Publisher, endpoint: Endpoint, runtime: Runtime, clock: FixedClock
) -> None:
    rain, other = publisher.publish("Mưa lớn ở Đồng Ví Dụ"), publisher.publish("Đất và rừng")
    hidden = publisher.publish("Mưa kín", access={"record": "restricted", "files": "restricted"})
    publisher.settle()
    found = offer(
        runtime, "Về mưa", "https://data.example.org/search?q=m%C6%B0a+l%E1%BB%9Bn&page=2"
    )
    assert (found.spec, found.arguments) == ("search-ve-mua", "q=m%C6%B0a+l%E1%BB%9Bn")
    publisher.settle()
    assert {hit.rpartition(":")[2] for hit in endpoint.records(set=found.spec)} == {rain}

    clock.advance(timedelta(days=1))
    publisher.edit(rain, titles=[{"title": "Nắng"}])
    publisher.edit(other, titles=[{"title": "Mưa lớn ở rừng"}])
    publisher.settle()
    with runtime.work() as work:
        work.enqueue(search_sets.JOB, f"periodic:{search_sets.JOB}", {})
    publisher.settle()
    assert {hit.rpartition(":")[2] for hit in endpoint.records(set=found.spec)} == {other}
    changed = endpoint.records(from_="2026-11-24")
    left = next(record for oai_id, record in changed.items() if oai_id.endswith(rain))
    assert found.spec not in left.sets
    assert hidden not in str(changed)

    with runtime.work() as work:
        search_sets.take_back(work, CURATOR, found.id)
    publisher.settle()
    arguments = {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": found.spec}
    assert endpoint.error(**arguments) == "noRecordsMatch"
    assert found.spec in specs(endpoint)


def test_what_makes_no_set_is_said(sqlite_runtime: Runtime) -> None:
    offer(sqlite_runtime, "Mưa", "q=mua")
    for name, address, pointer in (
        ("", "q=x", "/name"),
        ("Đất", "https://data.example.org/search", "/address"),
        ("Mưa", "q=khac", "/short"),
        ("Hộp", "bbox=1,2", "/bbox"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            offer(sqlite_runtime, name, address)
        assert pointer in {error.pointer for error in refused.value.errors}
    with sqlite_runtime.work() as work, pytest.raises(Forbidden):
        search_sets.offer(work, Actor(None, Role.RESEARCHER), name="A", address="q=a")


def test_curators_offer_a_search_on_a_page(small_pages: Runtime, small_app: Flask) -> None:
    client = small_app.test_client()
    sign_in(client, make_user(small_pages, "reader@example.org"))
    assert client.get("/oai/sets").status_code == 403
    client = small_app.test_client()
    sign_in(client, make_user(small_pages, "curator@example.org", Role.CURATOR))
    page = client.get("/oai/sets?search=q%3Dmua&name=M%C6%B0a")
    assert 'value="q=mua"' in page.text
    found = TOKEN.search(page.text)
    assert found
    form = {"csrf_token": found[1], "name": "Mưa"}
    refused = client.post("/oai/sets", data=form)
    assert refused.status_code == 400
    assert 'value="Mưa"' in refused.text
    assert client.post("/oai/sets", data=form | {"address": "q=mua"}).status_code == 303
    assert "<code>search-mua</code>" in client.get("/oai/sets").text
    assert client.post("/oai/sets/1/take-back", data=form).status_code == 303
    assert "<code>search-mua</code>" not in client.get("/oai/sets").text
    assert client.post("/oai/sets/1/take-back", data=form).status_code == 404
