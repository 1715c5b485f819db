"""An outside client, unmodified, deposits over HTTP: PyPI's `rocrate-inveniordm`.

Of the two that were tried it is the one that works with a local address as it is: version 0.1.1 of
`inveniordm-py` sends a file's bytes as a form field, whatever server it speaks to.
"""

import json
import os
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.api.conftest import Api

CRATE = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Nhiệt độ Hà Nội",
            "description": "Nhiệt độ trung bình ngày.",
            "datePublished": "2026-11-23",
            "author": {"@id": "#an"},
            "hasPart": [{"@id": "hanoi.csv"}],
        },
        {
            "@id": "#an",
            "@type": "Person",
            "givenName": "Minh An",
            "familyName": "Nguyễn",
            "name": "Nguyễn Minh An",
        },
        {"@id": "hanoi.csv", "@type": "File", "name": "hanoi.csv"},
    ],
}


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_rocrate_inveniordm_deposits_and_publishes(
    api: Api, nobody: Api, address: str, tmp_path: Path
) -> None:
    crate = tmp_path / "crate"
    crate.mkdir()
    (crate / "ro-crate-metadata.json").write_text(json.dumps(CRATE))
    (crate / "hanoi.csv").write_bytes(b"day,celsius\n2026-11-23,21.5\n")
    done = subprocess.run(
        [Path(sysconfig.get_path("scripts"), "rocrate_inveniordm"), "--publish", crate],
        cwd=tmp_path,
        env={**os.environ, "INVENIORDM_BASE_URL": address, "INVENIORDM_API_KEY": str(api.token)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    hit = api.call("GET", "/user/records").json["hits"]["hits"][0]
    read = nobody.call("GET", f"/records/{hit['id']}").json
    assert read["metadata"]["title"] == "Nhiệt độ Hà Nội"
    assert "hanoi.csv" in read["files"]["entries"]
