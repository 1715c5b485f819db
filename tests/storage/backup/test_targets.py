"""A target keeps what it was given, and says when it cannot."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.backup.targets import FolderTarget
from storage.base import DigestMismatch, NotStored, StorageError


def put(target: FolderTarget, key: str, data: bytes, announced: bytes | None = None) -> str:
    digest = hashlib.sha256(data if announced is None else announced).hexdigest()
    return target.put(key, lambda: iter([data]), sha256=digest).sha256


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    made = FolderTarget(tmp_path / "target")
    made.prepare()
    return made


def test_what_was_put_is_there(target: FolderTarget) -> None:
    put(target, "a/b/c.txt", b"muoi")
    assert b"".join(target.read("a/b/c.txt")) == b"muoi"
    assert target.size("a/b/c.txt") == 4
    assert list(target.keys("a")) == ["a/b/c.txt"]
    assert list((target.folder / "tmp").iterdir()) == []


def test_a_good_copy_is_left_alone_and_its_source_not_opened(target: FolderTarget) -> None:
    digest = put(target, "a.txt", b"muoi")
    before = (target.folder / "a.txt").stat()

    def never() -> Iterator[bytes]:
        raise AssertionError("opened")

    target.put("a.txt", never, sha256=digest)
    assert (target.folder / "a.txt").stat().st_ino == before.st_ino


def test_a_bad_copy_is_replaced_only_by_a_good_one(target: FolderTarget) -> None:
    put(target, "a.txt", b"muoi")
    (target.folder / "a.txt").chmod(0o640)
    (target.folder / "a.txt").write_bytes(b"mu0i")
    with pytest.raises(DigestMismatch):
        put(target, "a.txt", b"wrong", announced=b"muoi")
    assert b"".join(target.read("a.txt")) == b"mu0i"
    put(target, "a.txt", b"muoi")
    assert b"".join(target.read("a.txt")) == b"muoi"


def test_what_is_not_there(target: FolderTarget) -> None:
    for ask in (target.read, target.size):
        with pytest.raises(NotStored):
            ask("nothing")
    target.delete("nothing")
    assert list(target.keys("nothing")) == []


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../out", "a//b", "a/./b"])
def test_no_key_leaves_the_folder(target: FolderTarget, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        put(target, key, b"x")


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot use"):
        FolderTarget(tmp_path / "file").prepare()
