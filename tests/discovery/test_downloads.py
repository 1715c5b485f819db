"""The bytes of files over HTTP."""

import hashlib
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from repository.core.runtime import Runtime
from repository.discovery.downloads import disposition
from tests.discovery.library import Depositor

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()
SIZE = len(CONTENT)


@pytest.fixture
def url(sqlite_runtime: Runtime, tmp_path: Path) -> str:
    depositor = Depositor(sqlite_runtime, tmp_path / "sources")
    return f"/records/{depositor.publish({'dữ liệu/số 1.bin': CONTENT})}/files/dữ liệu/số 1.bin"


def get(client: FlaskClient, url: str, **headers: str) -> TestResponse:
    return client.get(
        url, buffered=True, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_whole(client: FlaskClient, url: str) -> None:
    answer = get(client, url)
    assert answer.data == CONTENT
    assert answer.content_length == SIZE
    assert answer.headers["ETag"] == f'"{DIGEST}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Repr-Digest"].startswith("sha-256=:")
    assert answer.headers["Cache-Control"].startswith("public")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"so 1.bin\"; filename*=UTF-8''s%E1%BB%91%201.bin"
    )


def test_head(client: FlaskClient, url: str) -> None:
    answer = client.head(url, buffered=True)
    assert (answer.status_code, answer.data, answer.content_length) == (200, b"", SIZE)


def test_one_range(client: FlaskClient, url: str) -> None:
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=10000-", 10000, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        (f"bytes=5-{SIZE * 2}", 5, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes=0-3,{SIZE}-", 0, 4),  # the second cannot be satisfied
    ):
        answer = get(client, url, Range=asked)
        assert answer.status_code == 206, asked
        assert answer.data == CONTENT[start:end]
        assert answer.content_length == end - start
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"


def test_several_ranges(client: FlaskClient, url: str) -> None:
    answer = get(client, url, Range="bytes=0-9,100-199,-10")
    assert answer.status_code == 206
    assert answer.content_length == len(answer.data)
    head = f"Content-Type: {answer.content_type}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + answer.data).get_payload()
    assert [part.get_payload(decode=True) for part in parts] == [
        CONTENT[:10],
        CONTENT[100:200],
        CONTENT[-10:],
    ]
    assert parts[1]["Content-Range"] == f"bytes 100-199/{SIZE}"


def test_a_range_beyond_the_end(client: FlaskClient, url: str) -> None:
    for asked in (f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}"):
        answer = get(client, url, Range=asked)
        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_a_range_that_is_ignored(client: FlaskClient, url: str) -> None:
    for asked in (
        *("bytes=5-1", "bytes=x-y", "bytes", "lines=1-2", "bytes=--5", "bytes=0-10,5-20"),
        "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 100, 2)),  # too many parts
        f"bytes=0-{SIZE - 2},{SIZE - 1}-{SIZE * 9},-{SIZE}",  # more bytes than there are
    ):
        answer = get(client, url, Range=asked)
        assert (answer.status_code, answer.content_length) == (200, SIZE), asked


def test_conditions(client: FlaskClient, url: str) -> None:
    etag = f'"{DIGEST}"'
    assert get(client, url, If_None_Match=etag).status_code == 304
    assert get(client, url, If_None_Match=etag, Range="bytes=0-1").status_code == 304
    assert get(client, url, If_None_Match='"other"').status_code == 200
    assert get(client, url, If_Match='"other"').status_code == 412
    assert get(client, url, If_Match='"other"', Range="bytes=0-1").status_code == 412
    changed = get(client, url).headers["Last-Modified"]
    assert get(client, url, If_Modified_Since=changed).status_code == 304


def test_a_download_goes_on_only_with_the_same_bytes(client: FlaskClient, url: str) -> None:
    same = get(client, url, Range="bytes=10-", If_Range=f'"{DIGEST}"')
    assert same.status_code == 206
    other = get(client, url, Range="bytes=10-", If_Range='"other"')
    assert (other.status_code, other.data) == (200, CONTENT)


HOSTILE = {
    "a.html": b"<script>alert(1)</script>",
    "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a.js": b"alert(1)",
    "a.css": b"body{}",
    "a.xml": b"<?xml-stylesheet href='x'?><a/>",
    "a.png": b"\x89PNG\r\n\x1a\n",
}


def test_nothing_foreign_runs_here(
    client: FlaskClient, sqlite_runtime: Runtime, tmp_path: Path
) -> None:
    version = Depositor(sqlite_runtime, tmp_path / "sources").publish(HOSTILE)
    for name in HOSTILE:
        answer = client.get(f"/records/{version}/files/{name}?inline=1", buffered=True)
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        kind = "inline" if name == "a.png" else "attachment"
        assert answer.headers["Content-Disposition"].startswith(kind), name
        assert "javascript" not in answer.content_type
        assert "css" not in answer.content_type


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a/b.csv", 'attachment; filename="b.csv"'),
        ("Đất.csv", "attachment; filename=\"Dat.csv\"; filename*=UTF-8''%C4%90%E1%BA%A5t.csv"),
        ('a"b;c.txt', "attachment; filename=\"abc.txt\"; filename*=UTF-8''a%22b%3Bc.txt"),
        ("数据", "attachment; filename=\"file\"; filename*=UTF-8''%E6%95%B0%E6%8D%AE"),
    ],
)
def test_names(path: str, value: str) -> None:
    assert disposition(path, inline=False) == value


def test_behind_a_proxy_that_sends_files(sqlite_runtime: Runtime, tmp_path: Path, url: str) -> None:
    from dataclasses import replace

    from repository.app import create_app

    settings = sqlite_runtime.settings.model_copy(update={"accel_prefix": "/stored"})
    answer = create_app(replace(sqlite_runtime, settings=settings)).test_client().get(url)
    assert answer.headers["X-Accel-Redirect"] == (
        f"/stored/sha256/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
    )
    assert answer.data == b""
