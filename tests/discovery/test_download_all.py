"""All files of a version as one ZIP."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from repository.accounts.models import ANONYMOUS
from repository.core.jobs import handler_for
from repository.core.runtime import Runtime
from repository.core.zipping import Archive
from repository.discovery import packed
from repository.discovery.bag import bag_of
from repository.records.models import Content, Version
from tests.discovery.library import Depositor
from tests.webapp import sign_in

FILES = {
    "dữ liệu/số 1.csv": b"a,b\n1,2\n",
    "đọc 100%.txt": b"xin chao",
    "数据/empty": b"",
    "ảnh.bin": bytes(range(256)) * 5000,
}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish(FILES)


def test_a_bag_that_can_be_checked(client: FlaskClient, record: str) -> None:
    answer = client.get(f"/records/{record}/files.zip", buffered=True)
    assert answer.status_code == 200
    assert answer.content_type == "application/zip"
    assert answer.content_length == len(answer.data)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{record}.zip"'
    assert answer.headers["Cache-Control"].startswith("public")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        for path, content in FILES.items():
            assert opened.read(f"{record}/data/{path}") == content
        manifest = opened.read(f"{record}/manifest-sha256.txt").decode()
        info = opened.read(f"{record}/bag-info.txt").decode()
        assert opened.read(f"{record}/bagit.txt").startswith(b"BagIt-Version: 1.0\n")
    assert len(names) == len(FILES) + 3
    told = {path: digest for digest, path in (x.split("  ", 1) for x in manifest.splitlines())}
    assert told == {
        f"data/{path.replace('%', '%25')}": hashlib.sha256(content).hexdigest()
        for path, content in FILES.items()
    }
    assert f"Payload-Oxum: {sum(map(len, FILES.values()))}.{len(FILES)}\n" in info


def test_the_api_has_it_where_inveniordm_has_it(client: FlaskClient, record: str) -> None:
    body: Any = client.get(f"/api/records/{record}").json
    assert body["links"]["archive"] == f"http://repository.test/api/records/{record}/files-archive"
    with (
        client.get(f"/api/records/{record}/files-archive", buffered=True) as one,
        client.get(f"/records/{record}/files.zip", buffered=True) as other,
    ):
        assert one.data == other.data
        assert one.headers["ETag"] == other.headers["ETag"]


def test_any_range_is_that_part(client: FlaskClient, record: str) -> None:
    url = f"/records/{record}/files.zip"
    whole = client.get(url, buffered=True)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(0, whole.content_length - 1), st.integers(1, 300_000))
    def check(start: int, length: int) -> None:
        end = min(start + length, whole.content_length)
        headers = {"Range": f"bytes={start}-{end - 1}", "If-Range": whole.headers["ETag"]}
        part = client.get(url, headers=headers, buffered=True)
        assert part.status_code == 206
        assert part.data == whole.data[start:end]
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole.data)}"

    check()
    beyond = client.get(url, headers={"Range": f"bytes={len(whole.data)}-"})
    assert beyond.status_code == 416
    same = client.get(url, headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304


@pytest.mark.parametrize("crc_known", [True, False])
def test_its_length_follows_from_what_the_database_counts(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crc_known: bool
) -> None:
    """In segments of two files, of which those before a range are not even asked for."""
    record = Depositor(runtime, tmp_path / "sources").publish(FILES)
    if not crc_known:
        with runtime.work() as work:
            work.session.execute(update(Content).values(crc32=None))
    monkeypatch.setattr(packed, "GROUP", 2)
    with runtime.read() as work:
        version = work.session.get_one(Version, record)

    def bag() -> Archive:
        return bag_of(runtime, ANONYMOUS, version)

    whole = b"".join(bag().read())
    assert len(whole) == bag().size
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        assert f"{record}/data/đọc 100%.txt" in opened.namelist()
    for start in (*range(0, len(whole), 400_003), *range(len(whole) - 2500, len(whole), 701)):
        assert b"".join(bag().read(start, 2000)) == whole[start : start + 2000]


def test_contents_without_crc_are_sent_all_the_same_and_read_by_a_job(
    client: FlaskClient, sqlite_runtime: Runtime, record: str
) -> None:
    with sqlite_runtime.work() as work:
        known = {c.sha256: c.crc32 for c in work.session.scalars(select(Content))}
        work.session.execute(update(Content).values(crc32=None))
    assert None not in known.values()
    url = f"/records/{record}/files.zip"
    before = client.get(url, buffered=True)
    assert before.content_length == len(before.data)
    with zipfile.ZipFile(io.BytesIO(before.data)) as opened:
        assert opened.testzip() is None
    tail = client.get(url, headers={"Range": "bytes=-300"}, buffered=True)
    assert tail.data == before.data[-300:]
    handler_for("contents.crc32")(sqlite_runtime, {})
    with sqlite_runtime.read() as work:
        assert {c.sha256: c.crc32 for c in work.session.scalars(select(Content))} == known
    stale = {"Range": "bytes=100-", "If-Range": before.headers["ETag"]}
    after = client.get(url, headers=stale, buffered=True)
    assert after.status_code == 200, "another layout is another archive"
    with zipfile.ZipFile(io.BytesIO(after.data)) as opened:
        assert opened.testzip() is None


def test_only_for_those_who_may_have_the_files(client: FlaskClient, depositor: Depositor) -> None:
    closed = depositor.publish(
        {"a.txt": b"secret"}, access={"record": "public", "files": "restricted"}
    )
    url = f"/records/{closed}/files.zip"
    assert client.get(url).status_code == 403
    assert client.get(f"/api/records/{closed}/files-archive").status_code == 403
    assert "files.zip" not in client.get(f"/records/{closed}").text
    sign_in(client, depositor.user)
    with client.get(url, buffered=True) as answer:
        assert b"secret" in answer.data
        assert answer.headers["Cache-Control"].startswith("private")


def test_no_files_no_archive(client: FlaskClient, depositor: Depositor) -> None:
    assert client.get("/records/none/files.zip").status_code == 404
    empty = depositor.publish({}, access={"record": "public", "files": "public"})
    assert client.get(f"/records/{empty}/files.zip").status_code == 404


def test_the_landing_page_offers_it_and_says_how(client: FlaskClient, record: str) -> None:
    page = client.get(f"/records/{record}?lang=en").text
    zip_url = f"http://repository.test/records/{record}/files.zip"
    assert "Download all" in page
    for recipe in (f"wget -c -O {record}.zip {zip_url}", f"curl -L -C - -o {record}.zip {zip_url}"):
        assert recipe in page
    assert "pooch.retrieve(" in page
