"""An embargo ends by itself, at 00:00 UTC of its day, and what follows from it follows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from repository.access.jobs import tell_of_lifted_embargoes
from repository.core import feed
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.oai.models import OaiItem
from repository.pid.models import Identifier
from tests.oai.publishing import Publisher

END = datetime(2026, 12, 1, tzinfo=UTC)
EMBARGO = {
    "record": "restricted",
    "files": "restricted",
    "embargo": {"active": True, "until": "2026-12-01", "reason": "Chờ bài báo"},
}


@pytest.fixture
def embargoed(sqlite_runtime: Runtime) -> str:
    publisher = Publisher(sqlite_runtime)
    identifier = publisher.publish(access=EMBARGO)
    publisher.settle()
    return identifier


def _follow(runtime: Runtime) -> None:
    tell_of_lifted_embargoes(runtime, {})
    run_until_idle(runtime)


def _total(client: FlaskClient) -> int:
    found: Any = client.get("/api/records").json
    return int(found["hits"]["total"])


def test_the_page_opens_in_its_second_without_any_job(
    client: FlaskClient, clock: FixedClock, embargoed: str
) -> None:
    clock.set(END - timedelta(microseconds=1))
    assert client.get(f"/records/{embargoed}").status_code == 404
    assert _total(client) == 0
    clock.set(END)
    assert client.get(f"/records/{embargoed}").status_code == 200
    assert _total(client) == 1


def test_it_closes_again_when_the_clock_is_set_back(
    client: FlaskClient, clock: FixedClock, sqlite_runtime: Runtime, embargoed: str
) -> None:
    clock.set(END)
    _follow(sqlite_runtime)
    assert b"<GetRecord>" in _get_record(client, embargoed)
    clock.set(END - timedelta(hours=1))
    assert client.get(f"/records/{embargoed}").status_code == 404
    assert b"<metadata>" not in _get_record(client, embargoed)
    _follow(sqlite_runtime)
    assert _registered(sqlite_runtime, embargoed) == "registered"
    clock.set(END)
    _follow(sqlite_runtime)
    assert b"<metadata>" in _get_record(client, embargoed)
    assert _registered(sqlite_runtime, embargoed) == "findable"


def test_registry_feeds_and_harvesters_hear_of_it(
    client: FlaskClient, clock: FixedClock, sqlite_runtime: Runtime, embargoed: str
) -> None:
    with sqlite_runtime.read() as work:
        assert work.session.scalar(select(OaiItem)) is None
    clock.set(END + timedelta(hours=2))
    _follow(sqlite_runtime)
    assert f"/records/{embargoed}" in client.get("/sitemap.xml").text
    assert _registered(sqlite_runtime, embargoed) == "findable"
    with sqlite_runtime.read() as work:
        item = work.session.scalar(select(OaiItem))
        assert item is not None
        assert item.datestamp >= END + timedelta(hours=2)


def test_it_is_told_once(clock: FixedClock, sqlite_runtime: Runtime, embargoed: str) -> None:
    clock.set(END + timedelta(days=3))
    _follow(sqlite_runtime)
    with sqlite_runtime.read() as work:
        told = feed.last_seq(work.session)
    for _ in range(2):
        clock.advance(timedelta(hours=5))
        _follow(sqlite_runtime)
    with sqlite_runtime.read() as work:
        assert feed.last_seq(work.session) == told


def _get_record(client: FlaskClient, identifier: str) -> bytes:
    item = f"oai:repository.test:{identifier}"
    answer = client.get(f"/oai2d?verb=GetRecord&metadataPrefix=oai_dc&identifier={item}")
    return bytes(answer.data)


def _registered(runtime: Runtime, identifier: str) -> str:
    with runtime.read() as work:
        held = select(Identifier.state).where(Identifier.version_id == identifier)
        return str(work.session.scalar(held))
