"""What every kind of target must do, over the wire where there is one."""

import contextlib
import hashlib
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.backup.encrypted import EncryptedTarget, Keys, NoKey, new_key, read_keys
from storage.backup.s3 import S3Target
from storage.backup.targets import FolderTarget, Lock, Target, UnusableKey
from storage.base import DigestMismatch, NotStored, StorageError
from tests.services.s3 import S3

KINDS = ["folder", "s3", "encrypted folder", "encrypted s3"]
AGE = shutil.which("age")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(target: Target, key: str, data: bytes, announced: bytes | None = None) -> str:
    wanted = digest(data if announced is None else announced)
    return target.put(key, lambda: iter([data]), sha256=wanted).sha256


def bucket_target(server: S3, bucket: str, prefix: str = "kho/1") -> S3Target:
    return S3Target(
        server.endpoint, bucket, prefix, server.access_key, server.secret_key, secure=False
    )


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    new_key(tmp_path / "key")
    return read_keys(tmp_path / "key")


@pytest.fixture(params=KINDS)
def made(
    request: pytest.FixtureRequest, tmp_path: Path, keys: Keys
) -> tuple[Target, Callable[[str], None]]:
    """A target, and what flips a bit of the bytes under a key."""
    kind = str(request.param)
    ending = ".age" if kind.startswith("encrypted") else ""
    target: Target
    if kind.endswith("folder"):
        folder = tmp_path / "target"
        target = FolderTarget(folder)

        def damage(key: str) -> None:
            path = folder / f"{key}{ending}"
            path.chmod(0o640)
            path.write_bytes(flipped(path.read_bytes()))
    else:
        server: S3 = request.getfixturevalue("s3")
        bucket = server.create_bucket()
        target = bucket_target(server, bucket)

        def damage(key: str) -> None:
            name = f"kho/1/{key}{ending}"
            answer = server.client().get_object(bucket, name)
            data = flipped(answer.read())
            answer.release_conn()
            server.client().put_object(bucket, name, io.BytesIO(data), len(data))

    target.prepare()
    return (EncryptedTarget(target, keys) if ending else target), damage


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.fixture
def target(made: tuple[Target, Callable[[str], None]]) -> Target:
    return made[0]


def test_what_was_put_is_there(target: Target) -> None:
    put(target, "a/b/số liệu 1%.txt", b"muoi")
    assert b"".join(target.read("a/b/số liệu 1%.txt")) == b"muoi"
    assert target.size("a/b/số liệu 1%.txt") == 4
    assert list(target.keys("a")) == ["a/b/số liệu 1%.txt"]
    put(target, "a/empty", b"")
    assert (target.size("a/empty"), list(target.read("a/empty"))) == (0, [])


def test_large_ones_come_in_chunks(target: Target) -> None:
    block = bytes(range(256)) * 4096
    whole = hashlib.sha256(block * 17).hexdigest()
    assert target.put("large", lambda: iter([block] * 17), sha256=whole).size == 17 << 20
    chunks = list(target.read("large"))
    assert hashlib.sha256(b"".join(chunks)).hexdigest() == whole
    assert max(map(len, chunks)) <= 1 << 20
    assert target.size("large") == 17 << 20


def test_a_good_copy_is_left_alone_and_its_source_not_opened(target: Target) -> None:
    wanted = put(target, "a.txt", b"muoi")

    def never() -> Iterator[bytes]:
        raise AssertionError("opened")

    assert target.put("a.txt", never, sha256=wanted).size == 4


def test_a_bad_copy_is_replaced_only_by_a_good_one(
    made: tuple[Target, Callable[[str], None]],
) -> None:
    target, damage = made
    put(target, "a.txt", b"muoi")
    damage("a.txt")
    with pytest.raises(DigestMismatch):
        put(target, "a.txt", b"wrong", announced=b"muoi")
    with contextlib.suppress(NotStored):  # what was encrypted cannot be read at all
        assert b"".join(target.read("a.txt")) != b"muoi"
    put(target, "a.txt", b"muoi")
    assert b"".join(target.read("a.txt")) == b"muoi"


def test_an_original_that_is_lost_on_the_way_leaves_nothing(target: Target) -> None:
    def broken() -> Iterator[bytes]:
        yield b"mu"
        raise NotStored("the original")

    with pytest.raises(NotStored, match="the original"):
        target.put("a.txt", broken, sha256=digest(b"muoi"))
    assert list(target.keys("a.txt")) == []
    with pytest.raises(NotStored):
        target.size("a.txt")


def test_small_things_change_all_at_once(target: Target) -> None:
    for data in (b"one", b"two", b""):
        target.replace("a/name", data)
        assert b"".join(target.read("a/name")) == data
    target.delete("a/name")
    assert list(target.keys("a")) == []


def test_what_is_not_there(target: Target) -> None:
    for ask in (target.read, target.size):
        with pytest.raises(NotStored):
            ask("nothing")
    target.delete("nothing")
    assert list(target.keys("nothing")) == []


def test_names_that_it_cannot_have(target: Target) -> None:
    with pytest.raises(UnusableKey):
        put(target, "/".join(["ộ" * 90] * 4), b"muoi")
    for key in ("../a", "a//b", "/a"):
        with pytest.raises(ValueError, match="not a key"):
            put(target, key, b"muoi")


def test_a_lock_is_believed_only_when_it_was_seen(target: Target) -> None:
    assert target.lock(Lock("GOVERNANCE", 1)) is False, "neither a folder nor rclone has locks"
    put(target, "a.txt", b"muoi")
    target.delete("a.txt")
    assert list(target.keys("tmp")) == []


def test_a_store_that_is_not_there_is_named(s3: S3) -> None:
    with pytest.raises(StorageError, match="no bucket absent"):
        bucket_target(s3, "absent").prepare()
    gone = S3Target("127.0.0.1:1", "bucket", "", "key", "secret", secure=False)
    with pytest.raises(StorageError, match="did not answer"):
        gone.size("a")


def test_a_stranger_to_the_key_reads_nothing(tmp_path: Path, keys: Keys) -> None:
    folder = FolderTarget(tmp_path / "target")
    put(EncryptedTarget(folder, keys), "a.txt", b"muoi" * 1000)
    assert b"muoi" not in b"".join(folder.read("a.txt.age"))
    new_key(tmp_path / "other")
    other = EncryptedTarget(folder, read_keys(tmp_path / "other"))
    with pytest.raises(NotStored, match="cannot be decrypted"):
        list(other.read("a.txt"))


def test_keys_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(NoKey, match="cannot be read"):
        read_keys(tmp_path / "absent")
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(NoKey, match="no key in"):
        read_keys(tmp_path / "empty")
    (tmp_path / "wrong").write_text("AGE-SECRET-KEY-1\n")
    with pytest.raises(NoKey, match="not as age writes it"):
        read_keys(tmp_path / "wrong")
    new_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        new_key(tmp_path / "key")


def test_the_key_in_the_safe_opens_it_too(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    safe = new_key(tmp_path / "safe")
    folder = FolderTarget(tmp_path / "target")
    put(EncryptedTarget(folder, read_keys(tmp_path / "key", [safe])), "a.txt", b"muoi")
    opened = EncryptedTarget(folder, read_keys(tmp_path / "safe"))
    assert b"".join(opened.read("a.txt")) == b"muoi"


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 200_000))
def test_sizes_are_worked_out(size: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        new_key(Path(name) / "key")
        target = EncryptedTarget(FolderTarget(Path(name) / "t"), read_keys(Path(name) / "key"))
        put(target, "a", bytes(size))
        assert target.size("a") == size


@pytest.mark.skipif(AGE is None, reason="the program age is not installed")
def test_the_program_age_decrypts_it(tmp_path: Path, keys: Keys) -> None:
    put(EncryptedTarget(FolderTarget(tmp_path / "target"), keys), "a.txt", b"muoi" * 50_000)
    read = subprocess.run(
        [str(AGE), "-d", "-i", tmp_path / "key", tmp_path / "target" / "a.txt.age"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert read.stdout == b"muoi" * 50_000
