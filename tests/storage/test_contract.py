"""What every backend must do, tried on a folder and on a real S3 server."""

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.base import (
    DigestMismatch,
    NotStored,
    ObjectStore,
    SizeMismatch,
    StorageError,
    object_key,
)
from storage.local import LocalStore
from storage.s3 import S3Store
from tests.services.s3 import S3

ABSENT = "0" * 64
LARGE = bytes(range(256)) * 4096 * 20


@pytest.fixture(params=["local", "s3", "ceph"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "local":
        return LocalStore(tmp_path / "files")
    server: S3 = request.getfixturevalue(request.param)
    return s3_store(server)


def s3_store(server: S3, *, locks: bool = False) -> S3Store:
    return S3Store(
        server.endpoint,
        server.create_bucket(locks=locks),
        server.access_key,
        server.secret_key,
        secure=False,
        http_client=server.http_client(),
    )


def test_what_was_written_is_read_back(store: ObjectStore) -> None:
    stored = store.write(io.BytesIO(b"muoi tan bun"))
    assert stored.sha256 == hashlib.sha256(b"muoi tan bun").hexdigest()
    assert stored.size == 12
    assert b"".join(store.read(stored.sha256)) == b"muoi tan bun"
    assert b"".join(store.read(stored.sha256, 5)) == b"tan bun"
    assert b"".join(store.read(stored.sha256, 5, 3)) == b"tan"
    assert store.size(stored.sha256) == 12
    assert abs(store.written_at(stored.sha256) - datetime.now(UTC)) < timedelta(hours=1)
    assert list(store.digests()) == [stored.sha256]


def test_an_empty_object_and_a_large_one(store: ObjectStore) -> None:
    empty = store.write(io.BytesIO(b""))
    assert b"".join(store.read(empty.sha256)) == b""
    large = store.write(io.BytesIO(LARGE))
    assert hashlib.sha256(b"".join(store.read(large.sha256))).hexdigest() == large.sha256


def test_bytes_that_are_not_what_was_announced_leave_nothing(store: ObjectStore) -> None:
    with pytest.raises(DigestMismatch):
        store.write(io.BytesIO(b"abc"), sha256=ABSENT)
    with pytest.raises(SizeMismatch):
        store.write(io.BytesIO(b"abc"), size=4)
    with pytest.raises(SizeMismatch):
        store.write(io.BytesIO(b"abc"), size=2)
    with pytest.raises(SizeMismatch):
        store.write(io.BytesIO(b"abc"), max_size=2)
    assert list(store.digests()) == []


def test_the_same_bytes_from_eight_at_once_are_one_object(store: ObjectStore) -> None:
    barrier = threading.Barrier(8)
    digests: list[str] = []

    def write() -> None:
        barrier.wait()
        digests.append(store.write(io.BytesIO(b"same" * 1000)).sha256)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digests) == 8
    assert set(store.digests()) == {digests[0]}  # rclone may list a key twice after such a race


def test_what_is_not_there_is_said_at_once(store: ObjectStore) -> None:
    with pytest.raises(NotStored):
        store.read(ABSENT)
    with pytest.raises(NotStored):
        store.size(ABSENT)
    with pytest.raises(NotStored):
        store.written_at(ABSENT)
    store.delete(ABSENT)


def test_a_store_that_answers_passes_its_check(store: ObjectStore) -> None:
    store.check()


def test_a_store_that_is_away_says_so(tmp_path: Path, s3: S3) -> None:
    local = LocalStore(tmp_path / "files")
    (tmp_path / "files").rename(tmp_path / "away")
    no_bucket = S3Store(
        s3.endpoint,
        "no-such-bucket",
        s3.access_key,
        s3.secret_key,
        secure=False,
        http_client=s3.http_client(),
    )
    for store in (local, no_bucket):
        with pytest.raises(StorageError):
            store.check()


def test_deleting(store: ObjectStore) -> None:
    stored = store.write(io.BytesIO(b"gone soon"))
    store.delete(stored.sha256)
    with pytest.raises(NotStored):
        store.size(stored.sha256)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=5000), start=st.integers(0, 5000), length=st.integers(1, 5000))
def test_any_range_of_any_bytes(tmp_path: Path, data: bytes, start: int, length: int) -> None:
    store = LocalStore(tmp_path / "files")
    stored = store.write(io.BytesIO(data))
    assert b"".join(store.read(stored.sha256, start, length)) == data[start : start + length]


@pytest.mark.parametrize("key", ["../../etc/passwd", "AB" * 32, "ab" * 31, ""])
def test_nothing_but_a_digest_becomes_a_key(key: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        object_key(key)
