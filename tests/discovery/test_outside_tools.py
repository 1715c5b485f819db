"""What we publish, fetched from a live server and checked by the tools that people use."""

import hashlib
import html
import json
import os
import re
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import mlcroissant
import pooch
import pytest
import requests
from rdflib import Graph
from rdflib.compare import isomorphic
from werkzeug.serving import WSGIRequestHandler, make_server

from repository.app import create_app
from repository.core.clock import SystemClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.importing.base import ImportFile, ImportItem
from repository.deposit.importing.services import import_item
from repository.web.limits import limiter
from repository.worker import import_all_jobs
from tests.discovery import roc_validate
from tests.discovery.library import METADATA, Depositor
from tests.runtimes import make_settings

TABLE = "ngày,mua\n2024-01-01,1.5\n2024-01-02,\n".encode()
COLUMNS = [{"name": "ngày", "type": "date"}, {"name": "mua", "type": "number", "unit": "mm"}]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 theirs
        return


@pytest.fixture
def live(tmp_path: Path, sqlite_url: str) -> Iterator[str]:
    """The address of a published table, on a server that is called what it says it is called."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    import_all_jobs()
    base = f"http://127.0.0.1:{port}"
    runtime = Runtime.from_settings(
        make_settings(tmp_path / "data", sqlite_url, base_url=base), SystemClock()
    )
    source = tmp_path / "mưa.csv"
    source.write_bytes(TABLE)
    file = ImportFile("dữ liệu/mưa.csv", source, {"variables": COLUMNS})
    item = ImportItem("tools", METADATA, files=[file])
    version = import_item(runtime, Depositor(runtime, tmp_path).actor, item)[1]
    run_until_idle(runtime)
    server = make_server("127.0.0.1", port, create_app(runtime), request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"{base}/records/{version}"
    server.shutdown()
    thread.join()
    server.server_close()
    runtime.close()
    limiter.reset()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # theirs
def test_mlcroissant_reads_the_rows_and_checks_the_digest(
    live: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    told = requests.get(f"{live}/export/croissant", timeout=20).json()
    kept = tmp_path / "croissant.json"
    kept.write_text(json.dumps(told))
    dataset = mlcroissant.Dataset(jsonld=kept)
    (table,) = told["recordSet"]
    rows = list(dataset.records(record_set=table["@id"]))
    assert len(rows) == 2
    assert [value for name, value in rows[0].items() if name.endswith("mua")] == [1.5]


def test_pooch_fetches_by_address_and_digest(live: str, tmp_path: Path) -> None:
    record = requests.get(live.replace("/records/", "/api/records/"), timeout=20).json()
    (entry,) = record["files"]["entries"].values()
    path = pooch.retrieve(
        f"{live}/files/d%E1%BB%AF%20li%E1%BB%87u/m%C6%B0a.csv",
        known_hash=entry["checksum"],
        path=tmp_path / "cache",
        progressbar=False,
    )
    assert Path(path).read_bytes() == TABLE
    assert entry["checksum"] == f"sha256:{hashlib.sha256(TABLE).hexdigest()}"


def test_the_recipe_for_pooch_brings_everything(live: str, tmp_path: Path) -> None:
    """As it stands on the page, in a Python of its own."""
    page = requests.get(live, timeout=20).text
    (recipe,) = re.findall(r"<code id=.recipe-\d.>(import pooch\b.*?)</code>", page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", f"{html.unescape(recipe)}\nprint(*paths, sep='\\n')"],
        env={"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    found = {Path(each).name: Path(each) for each in done.stdout.splitlines()}
    assert found["mưa.csv"].read_bytes() == TABLE
    assert hashlib.sha256(TABLE).hexdigest() in found["manifest-sha256.txt"].read_text("utf-8")
    assert all(path.is_relative_to(tmp_path) for path in found.values())


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader
def test_rdflib_reads_the_same_graph_in_each_syntax(live: str) -> None:
    graphs = []
    for name, syntax in (
        ("dcat-turtle", "turtle"),
        ("dcat-xml", "xml"),
        ("dcat-jsonld", "json-ld"),
    ):
        answer = requests.get(f"{live}/export/{name}", timeout=20)
        graphs.append(Graph().parse(data=answer.content, format=syntax))
    assert len(graphs[0]) > 20
    assert isomorphic(graphs[0], graphs[1])
    assert isomorphic(graphs[0], graphs[2])


@pytest.mark.needs_shared
def test_roc_validator_finds_nothing_in_our_crate(
    live: str, tmp_path: Path, needs_shared: Path
) -> None:
    packed = tmp_path / "crate.zip"
    packed.write_bytes(requests.get(f"{live}/packages/ro-crate.zip", timeout=20).content)
    sound, broken = tmp_path / "sound", tmp_path / "broken"
    with zipfile.ZipFile(packed) as opened:
        opened.extractall(sound)
        opened.extractall(broken)
    metadata = broken / "ro-crate-metadata.json"
    metadata.write_text(metadata.read_text().replace('"license"', '"licence"'))
    context = needs_shared / "standards/contexts/w3id.org_ro_crate_1.2_context"
    done = subprocess.run(
        [sys.executable, roc_validate.__file__, context, tmp_path / "cache", sound, broken],
        check=True,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert str(broken) in done.stdout
    assert str(sound) not in done.stdout
