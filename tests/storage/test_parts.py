"""Uploads in parts: the same on a folder and on a real S3 server."""

import hashlib
import io
import threading
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
import urllib3

from storage.base import DigestMismatch, NotStored, ObjectStore, SizeMismatch
from storage.local import LocalStore
from storage.s3 import S3Store
from tests.services.s3 import S3

MIB = 1 << 20
ONE, TWO, THREE = b"1" * 5 * MIB, b"2" * 5 * MIB, b"the end"
WHOLE = ONE + TWO + THREE


def s3_store(server: S3) -> S3Store:
    return S3Store(
        server.endpoint,
        server.create_bucket(),
        server.access_key,
        server.secret_key,
        secure=False,
        http_client=server.http_client(),
        browser_url=f"http://{server.endpoint}",
    )


@pytest.fixture(params=["local", "s3", "ceph"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "local":
        return LocalStore(tmp_path / "files")
    return s3_store(request.getfixturevalue(request.param))


def put(store: ObjectStore, upload: str, number: int, data: bytes, **digests: str) -> None:
    store.parts.put(upload, number, io.BytesIO(data), size=len(data), **digests)


def held(store: ObjectStore, upload: str) -> list[tuple[int, int]]:
    return [(part.number, part.size) for part in store.parts.held(upload)]


def begun(store: ObjectStore) -> list[str]:
    return [upload for upload, _at in store.parts.begun()]


def test_parts_in_any_order_and_twice_become_one_object(store: ObjectStore) -> None:
    upload = store.parts.begin()
    assert held(store, upload) == []
    put(store, upload, 3, b"other")  # rclone replaces a part only as long as earlier ones miss
    put(store, upload, 3, THREE)
    put(store, upload, 2, TWO, sha256=hashlib.sha256(TWO).hexdigest())
    put(store, upload, 1, ONE, md5=hashlib.md5(ONE).hexdigest())
    put(store, upload, 1, ONE)
    assert held(store, upload) == [(1, 5 * MIB), (2, 5 * MIB), (3, 7)]
    if isinstance(store, LocalStore):  # rclone tells of no uploads that are under way
        assert begun(store) == [upload]
    assert list(store.digests()) == []
    digest = hashlib.sha256(WHOLE).hexdigest()
    stored = store.parts.finish(upload, 3, size=len(WHOLE), sha256=digest)
    assert (stored.sha256, stored.size) == (digest, len(WHOLE))
    assert hashlib.sha256(b"".join(store.read(digest))).hexdigest() == digest
    assert store.parts.finish(upload, 3, size=len(WHOLE)) == stored, "again, as after a crash"
    for left in begun(store):
        store.parts.discard(left)
    store.parts.discard(upload)
    assert begun(store) == []
    assert held(store, upload) == []
    assert list(store.digests()) == [digest]


def test_a_part_that_is_not_what_was_announced_leaves_the_one_before(store: ObjectStore) -> None:
    upload = store.parts.begin()
    put(store, upload, 1, b"first")
    with pytest.raises(DigestMismatch):
        put(store, upload, 1, b"other", sha256="0" * 64)
    with pytest.raises(DigestMismatch):
        put(store, upload, 1, b"other", md5="0" * 32)
    for size in (4, 6):
        with pytest.raises(SizeMismatch):
            store.parts.put(upload, 1, io.BytesIO(b"other"), size=size)
    stored = store.parts.finish(upload, 1, size=5)
    assert b"".join(store.read(stored.sha256)) == b"first"


def test_an_object_is_not_made_of_too_little_or_of_the_wrong_bytes(store: ObjectStore) -> None:
    upload = store.parts.begin()
    put(store, upload, 1, ONE)
    put(store, upload, 3, THREE)
    with pytest.raises(SizeMismatch):
        store.parts.finish(upload, 3, size=len(WHOLE))
    put(store, upload, 2, TWO)
    with pytest.raises(DigestMismatch):
        store.parts.finish(upload, 3, size=len(WHOLE), sha256="0" * 64)
    assert list(store.digests()) == []


def test_what_was_discarded_is_not_there(store: ObjectStore) -> None:
    upload = store.parts.begin()
    put(store, upload, 1, b"gone")
    store.parts.discard(upload)
    store.parts.discard(upload)
    assert begun(store) == []
    with pytest.raises(NotStored):
        put(store, upload, 1, b"late")
    with pytest.raises(NotStored):
        store.parts.finish(upload, 1, size=4)


def test_the_same_upload_finished_by_eight_at_once(store: ObjectStore) -> None:
    """At least one does, and whoever does says the same."""
    upload = store.parts.begin()
    put(store, upload, 1, b"once")
    barrier, found, failed = threading.Barrier(8), [], []

    def finish() -> None:
        barrier.wait()
        try:
            found.append(store.parts.finish(upload, 1, size=4).sha256)
        except Exception as error:  # noqa: BLE001 - counted below
            failed.append(error)

    threads = [threading.Thread(target=finish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {hashlib.sha256(b"once").hexdigest()}, failed
    assert set(store.digests()) == set(found)


@pytest.mark.parametrize("handle", ["../../etc", "", "a b/c", "/etc"])
def test_handles_that_no_store_gave(store: ObjectStore, handle: str) -> None:
    with pytest.raises(NotStored):
        put(store, handle, 1, b"x")


def send(url: str, data: bytes, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.request("PUT", url, body=data, headers=named).status


def test_a_signed_address_takes_this_many_bytes_and_no_others(s3: S3) -> None:
    store = s3_store(s3)
    upload, now = store.parts.begin(), datetime.now(UTC)
    url = store.parts.address(upload, 1, size=5, md5=None, seconds=60, now=now)
    assert url is not None
    assert "X-Amz-SignedHeaders=content-length%3Bhost" in url
    assert send(url, b"12345") == 200
    assert send(url, b"123456") == 403
    assert send(url.replace("partNumber=1", "partNumber=2"), b"12345") == 403
    assert held(store, upload) == [(1, 5)]


def test_a_signed_address_takes_these_bytes_and_no_others(s3: S3) -> None:
    store = s3_store(s3)
    upload, now = store.parts.begin(), datetime.now(UTC)
    digest = hashlib.md5(b"12345")
    md5 = b64encode(digest.digest()).decode()
    url = store.parts.address(upload, 1, size=5, md5=digest.hexdigest(), seconds=60, now=now)
    assert url is not None
    assert send(url, b"54321") == 403, "without the header that was signed"
    assert send(url, b"54321", Content_MD5=md5) == 400, "the store compares"
    upload = store.parts.begin()  # rclone gives an upload up after a wrong digest
    url = store.parts.address(upload, 1, size=5, md5=digest.hexdigest(), seconds=60, now=now)
    assert url is not None
    assert send(url, b"12345", Content_MD5=md5) == 200
    assert held(store, upload) == [(1, 5)]


def test_a_signed_address_ends(s3: S3) -> None:
    store = s3_store(s3)
    upload, then = store.parts.begin(), datetime(2026, 1, 1, tzinfo=UTC)
    url = store.parts.address(upload, 1, size=1, md5=None, seconds=900, now=then)
    assert url is not None
    assert send(url, b"1") in (400, 403)
    assert held(store, upload) == []
