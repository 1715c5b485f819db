"""The nightly dumps: whole, checked, ranged, and holding only what anyone may see."""

import gzip
import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask.testing import FlaskClient
from rdflib import Dataset, URIRef
from rdflib.namespace import DCAT, RDF

from repository.core import jobs
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.publish import withdraw
from repository.discovery.dumps import shelf, writing
from repository.records.models import Version
from tests.discovery.library import Depositor

SITE = "http://repository.test"
RESTRICTED = {"record": "restricted", "files": "restricted"}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


def make(runtime: Runtime) -> None:
    """As the runner does when its time has come."""
    with runtime.work() as work:
        work.enqueue("discovery.dump", "discovery.dump", {})
    run_until_idle(runtime)


def fetch(client: FlaskClient, name: str) -> bytes:
    with client.get(f"/dumps/latest/{name}", follow_redirects=True) as answer:
        assert answer.status_code == 200
        data: bytes = answer.data
    return data


def records(client: FlaskClient) -> dict[str, Any]:
    lines = gzip.decompress(fetch(client, writing.JSONL)).decode().splitlines()
    return {made["id"]: made for made in map(json.loads, lines)}


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # rdflib's own reader
def test_three_files_tell_the_same_and_match_their_manifest(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime, tmp_path: Path
) -> None:
    shown = {depositor.publish({"a.csv": b"a\n"}) for _ in range(3)}
    depositor.publish({"b.csv": b"b\n"}, RESTRICTED)
    make(sqlite_runtime)
    told = client.get("/dumps/manifest.json").json
    assert told
    (dump,) = told["dumps"]
    assert dump["counts"]["versions"] == 3
    assert dump["feed_sequence"] >= 4
    for file in dump["files"]:
        with client.get(file["url"].removeprefix(SITE)) as answer:
            assert sha256(answer.data).hexdigest() == file["sha256"]
            assert len(answer.data) == file["bytes"]
            assert answer.headers["Accept-Ranges"] == "bytes"
    assert records(client).keys() == shown
    path = tmp_path / "r.parquet"
    path.write_bytes(fetch(client, writing.PARQUET))
    with duckdb.connect() as database:
        asked = f"SELECT id, title, creators, updated_at FROM '{path}'"
        rows = database.execute(asked).fetchall()
    assert {row[0] for row in rows} == shown
    assert rows[0][1:3] == ("Lượng mưa ở Đồng Ví Dụ", ["Nguyễn, Văn Ví"])
    graph = Dataset()
    graph.parse(data=gzip.decompress(fetch(client, writing.NQUADS)), format="nquads")
    for each in shown:
        named = URIRef(f"{SITE}/records/{each}")
        assert (named, RDF.type, DCAT.Dataset) in graph.graph(named)


def test_a_download_goes_on_where_it_broke_off(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime
) -> None:
    depositor.publish({})
    make(sqlite_runtime)
    moved = client.get(f"/dumps/latest/{writing.JSONL}")
    assert moved.status_code == 302
    ranged = {"Range": "bytes=10-"}
    with client.get(moved.location) as whole, client.get(moved.location, headers=ranged) as rest:
        assert rest.status_code == 206
        assert whole.data[10:] == rest.data


def test_what_is_closed_is_gone_from_the_next_and_from_the_shelf(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime, clock: FixedClock
) -> None:
    kept, other = depositor.publish({}), depositor.publish({"a.csv": b"a\n"})
    until = (clock.now() + timedelta(days=2)).date().isoformat()
    embargo = RESTRICTED | {"embargo": {"active": True, "until": until}}
    waiting = depositor.publish({}, embargo)
    make(sqlite_runtime)
    assert records(client).keys() == {kept, other}
    clock.advance(timedelta(days=1))
    depositor.publish({})
    make(sqlite_runtime)
    assert len(shelf.names(sqlite_runtime.settings)) == 2
    with sqlite_runtime.work() as work:
        version = work.session.get_one(Version, other)
        withdraw(work, depositor.actor, version, reason="legal")
    with sqlite_runtime.work() as work:
        version = work.session.get_one(Version, kept)
        version.record_access = version.files_access = "restricted"
        work.changed(version.record_id)
    clock.advance(timedelta(days=1))
    make(sqlite_runtime)
    assert len(shelf.names(sqlite_runtime.settings)) == 1
    found = records(client)
    assert kept not in found
    assert waiting in found
    assert found[other]["status"] == "deleted"
    assert "a.csv" not in json.dumps(found[other])


def test_only_the_newest_are_kept(
    depositor: Depositor, sqlite_runtime: Runtime, clock: FixedClock
) -> None:
    depositor.publish({})
    for _ in range(sqlite_runtime.settings.dumps_keep + 2):
        clock.advance(timedelta(days=1))
        make(sqlite_runtime)
    found = shelf.names(sqlite_runtime.settings)
    assert len(found) == sqlite_runtime.settings.dumps_keep
    assert found[0] == f"{clock.now():%Y%m%dT%H%M%SZ}"


def test_a_dump_that_fails_leaves_the_last_one_as_it_was(
    client: FlaskClient,
    depositor: Depositor,
    sqlite_runtime: Runtime,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    depositor.publish({})
    make(sqlite_runtime)
    before = shelf.names(sqlite_runtime.settings)
    clock.advance(timedelta(days=1))

    def full(*_: object) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(writing, "_write_quads", full)
    with pytest.raises(OSError, match="no space"):
        writing.write_dump(sqlite_runtime)
    assert shelf.names(sqlite_runtime.settings) == before
    assert {p.name for p in shelf.dumps_dir(sqlite_runtime.settings).iterdir()} == set(before)
    assert len(records(client)) == 1


def test_nothing_but_dumps_is_served(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime
) -> None:
    assert "Chưa có" in client.get("/dumps/").text
    assert client.get("/dumps/latest/manifest.json").status_code == 404
    depositor.publish({})
    make(sqlite_runtime)
    (name,) = shelf.names(sqlite_runtime.settings)
    assert name in client.get("/dumps/").text
    for path in ("..%2f..%2frepository.db", "rows.jsonl", "%2e%2e/repository.db"):
        assert client.get(f"/dumps/{name}/{path}").status_code == 404
    assert client.get("/dumps/..%2Fdata/x").status_code == 404


def test_an_empty_repository_has_an_empty_dump(
    client: FlaskClient, sqlite_runtime: Runtime
) -> None:
    make(sqlite_runtime)
    assert records(client) == {}
    assert fetch(client, writing.PARQUET)[:4] == b"PAR1"


def test_it_is_made_every_day() -> None:
    assert jobs._periodic["discovery.dump"] == timedelta(days=1)
