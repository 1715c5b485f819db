"""Where backups lie: a place that holds named bytes, each checked after it was written."""

import errno
import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from storage.base import (
    CHUNK_SIZE,
    DigestMismatch,
    NotStored,
    StorageError,
    Stored,
    StoreFull,
)
from storage.digests import HashingReader

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


Source = Callable[[], Iterator[bytes]]


class UnusableKey(StorageError):
    """The target cannot have a name like this; another one may be taken."""


@dataclass(frozen=True)
class Lock:
    """How long, and how firmly (`GOVERNANCE`, `COMPLIANCE`), a target refuses to delete."""

    mode: str
    days: int


class Target(Protocol):
    """Bytes by key. Keys are relative paths with `/`, made by this program and never by a user."""

    def put(self, key: str, source: Source, *, sha256: str | None) -> Stored:
        """Keep a copy, then read it back from the medium and compare.

        A good copy under this key stays as it is, and `source` is not opened; only one whose bytes
        are wrong is replaced. Without a digest, whatever comes replaces what is there. Raises
        DigestMismatch (the bytes were not what was announced: nothing changed), UnusableKey,
        StoreFull, StorageError.
        """
        ...

    def replace(self, key: str, data: bytes) -> None:
        """Write a small thing that may change, all at once."""
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """Its bytes in chunks. Raises NotStored at once."""
        ...

    def size(self, key: str) -> int:
        """Its size in bytes. Raises NotStored."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key below `prefix/`, in no certain order."""
        ...

    def delete(self, key: str) -> None: ...

    def prepare(self) -> None:
        """Make the place usable, and clear what a killed run left. Raises StorageError."""
        ...

    def lock(self, lock: Lock, *, seen: bool = False) -> bool:
        """Have what is written from now on locked, if the place is seen to refuse to delete what
        is; whether it does. `seen` says that it was seen before, and need not be tried again.
        """
        ...

    def renew(self, key: str) -> None:
        """Begin the days of a copy's lock anew, where there is a lock."""
        ...


class FolderTarget:
    """A folder, such as a mounted disk or a share of another machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._arriving = self.folder / "tmp"

    def prepare(self) -> None:
        try:
            self._arriving.mkdir(parents=True, exist_ok=True)
            for left in self._arriving.iterdir():
                left.unlink()
        except OSError as error:
            raise StorageError(f"cannot use the backup folder: {error}") from error

    def put(self, key: str, source: Source, *, sha256: str | None) -> Stored:
        place = self._path(key)
        with _clear_errors():
            there = sha256 is not None and place.exists()
        if there and (found := hash_of(self.read(key))).sha256 == sha256:
            return found
        arrived, stored = self._arrive(source(), sha256)
        try:
            if (reread := _from_medium(arrived)) != stored:
                raise DigestMismatch(f"{key}: written {stored.sha256}, read back {reread.sha256}")
            self._publish(arrived, place)
        finally:
            arrived.unlink(missing_ok=True)
        return stored

    def replace(self, key: str, data: bytes) -> None:
        arrived, _ = self._arrive(iter([data]), None)
        self._publish(arrived, self._path(key))

    def _arrive(self, chunks: Iterator[bytes], sha256: str | None) -> tuple[Path, Stored]:
        reader = HashingReader(stream_of(chunks), crc=False)
        with _clear_errors():
            self._arriving.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._arriving)
        path = Path(name)
        try:
            with _clear_errors(), os.fdopen(descriptor, "wb") as file:
                for chunk in reader:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            return path, reader.verified(None, sha256)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _publish(self, arrived: Path, place: Path) -> None:
        with _clear_errors():
            there = next(folder for folder in place.parents if folder.exists())
            place.parent.mkdir(parents=True, exist_ok=True)
            arrived.chmod(0o440)
            arrived.replace(place)
            for folder in place.parents:  # up to the one that was there before
                _sync_folder(folder)
                if folder == there:
                    break

    def read(self, key: str) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError:
            raise NotStored(key) from None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise NotStored(key) from None
            raise StorageError(f"cannot read {key}: {error.strerror}") from error
        return _chunks(file)

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise NotStored(key) from None

    def keys(self, prefix: str) -> Iterator[str]:
        for path in self._path(prefix).rglob("*"):
            if path.is_file():
                yield path.relative_to(self.folder).as_posix()

    def delete(self, key: str) -> None:
        with _clear_errors():
            self._path(key).unlink(missing_ok=True)

    def lock(self, lock: Lock, *, seen: bool = False) -> bool:
        return False

    def renew(self, key: str) -> None: ...

    def _path(self, key: str) -> Path:
        if not key or any(part in ("", ".", "..") for part in key.split("/")):
            raise ValueError(f"not a key: {key!r}")
        return self.folder / key


class _clear_errors:  # noqa: N801 - reads as a word at the place of use
    """Says what the operating system said, as an error of the store."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, OSError):
            return
        if error.errno == errno.ENAMETOOLONG:
            raise UnusableKey("a name is too long for the backup folder") from error
        if error.errno in FULL:
            raise StoreFull("no space left in the backup folder") from error
        raise StorageError(f"cannot write to the backup folder: {error.strerror}") from error


def hash_of(chunks: Iterator[bytes]) -> Stored:
    """Digest and size of what was read."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return Stored(digest.hexdigest(), size)


def stream_of(chunks: Iterator[bytes]) -> BinaryIO:
    """Chunks as a stream to read from, for `put` and `ObjectStore.write`."""
    return cast("BinaryIO", _ChunkStream(chunks))


class _ChunkStream(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if isinstance(self._chunks, Generator):
            self._chunks.close()
        super().close()

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            self._left = next(self._chunks, b"")
        taken, self._left = (
            (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        )
        return taken


def _from_medium(path: Path) -> Stored:
    """Read back what was synced, and not what the page cache remembers of it."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hash_of(iter(lambda: file.read(CHUNK_SIZE), b""))


def read_file(path: Path) -> Iterator[bytes]:
    """A file's bytes, in chunks."""
    yield from _chunks(path.open("rb"))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_SIZE):
            yield chunk


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
