"""The protocol that every storage backend meets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK_SIZE = 1 << 20


@dataclass(frozen=True)
class Stored:
    """What was written: the SHA-256 as 64 lowercase hex digits, and the size in bytes.

    The CRC-32, which ZIP wants, comes along where all bytes passed through this process; `place`
    is which of several stores it was written to.
    """

    sha256: str
    size: int
    crc32: int | None = field(default=None, compare=False)
    place: str = field(default="", compare=False)


@dataclass(frozen=True)
class Part:
    """One part of an upload, as the store holds it: its number, counted from 1, and its bytes."""

    number: int
    size: int
    at: datetime


class StorageError(Exception):
    """The store could not do what was asked."""


class NotStored(StorageError):
    """No object with this digest."""


class DigestMismatch(StorageError):
    """The bytes that arrived are not those that were announced; nothing was stored."""


class SizeMismatch(StorageError):
    """More or fewer bytes arrived than were announced or allowed; nothing was stored."""


class StoreFull(StorageError):
    """No space left; nothing was stored."""


class Parts(Protocol):
    """Uploads in parts: any order, each part as often as one likes; the last one sent counts.

    The handle of an upload is made here, and only the store understands it. What the store holds
    is the truth about which parts have arrived: no list beside it could be wrong.
    """

    def begin(self) -> str:
        """The handle of a new upload, of at most 1024 characters. Raises StorageError."""
        ...

    def put(
        self,
        upload: str,
        number: int,
        stream: BinaryIO,
        *,
        size: int,
        sha256: str | None = None,
        md5: str | None = None,
    ) -> None:
        """Take part `number`, which counts only when whole and with the digests (hex) announced.

        A part that fails leaves the one that was there before. Raises SizeMismatch,
        DigestMismatch, NotStored (no such upload), StoreFull, StorageError.
        """
        ...

    def held(self, upload: str) -> list[Part]:
        """The parts that have arrived, by number; none for an upload that is not there."""
        ...

    def finish(self, upload: str, count: int, *, size: int, sha256: str | None = None) -> Stored:
        """Make one object of the parts 1 to `count`, and read it to know its SHA-256.

        May be called again, after a crash too, until `discard`. Raises SizeMismatch (parts are
        missing), DigestMismatch, NotStored, StoreFull, StorageError; then there is no object.
        """
        ...

    def discard(self, upload: str) -> None:
        """Forget an upload and its parts, finished or not; no complaint where there is none."""
        ...

    def begun(self) -> Iterator[tuple[str, datetime]]:
        """Every upload that still takes room, and when it was begun or last added to."""
        ...

    def address(
        self, upload: str, number: int, *, size: int, md5: str | None, seconds: int, now: datetime
    ) -> str | None:
        """Where a client may PUT exactly `size` bytes as this part without passing through here,
        for so many seconds; None where the store has no such addresses.
        """
        ...


class Trial(Protocol):
    """The bare requests of a server, to find out what it really does. See `storage.probe`."""

    def put(self, key: str, data: bytes, headers: dict[str, str]) -> int:
        """The status of the answer to a PUT with these headers. Raises StorageError."""
        ...

    def content(self, key: str) -> bytes:
        """What is there now. Raises StorageError."""
        ...

    def forget(self, key: str) -> None: ...

    def survives_deletion(self, key: str) -> bool:
        """Whether an object that is locked for two minutes is still there once it was deleted.

        Raises StorageError (the server takes no locked object).
        """
        ...


class ObjectStore(Protocol):
    """Objects known by the SHA-256 of their bytes; keys are made here and never by a caller."""

    @property
    def parts(self) -> Parts: ...

    def write(
        self,
        stream: BinaryIO,
        *,
        size: int | None = None,
        sha256: str | None = None,
        max_size: int | None = None,
    ) -> Stored:
        """Store a stream, hashing it on the way, without holding it in memory.

        The object becomes visible only when whole and equal to what `size` and `sha256`
        announce. Bytes that are already stored are not stored again, and never replaced.

        Raises SizeMismatch, DigestMismatch, StoreFull, StorageError.
        """
        ...

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`, in chunks of at most CHUNK_SIZE. Raises NotStored at once."""
        ...

    def size(self, sha256: str) -> int:
        """The object's size in bytes. Raises NotStored."""
        ...

    def written_at(self, sha256: str) -> datetime:
        """When the object was written, by the store's clock (UTC). Raises NotStored."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove an object; without complaint where there is none."""
        ...

    def digests(self) -> Iterator[str]:
        """The digest of every object there is, in no certain order."""
        ...

    def check(self) -> None:
        """Whether the store can be reached and written to; cheap. Raises StorageError."""
        ...

    def address(
        self, sha256: str, *, media_type: str, disposition: str, seconds: int, now: datetime
    ) -> str | None:
        """Where a client may GET the object without passing through here, for so many seconds,
        with these as its Content-Type and Content-Disposition; None where there is none.
        """
        ...

    def trial(self) -> Trial | None:
        """The bare server below `tmp/probe/`; None for what has no server of its own."""
        ...

    def local_path(self, sha256: str) -> Path | None:
        """The file that holds the object, for backends where a web server may send it itself."""
        ...


def object_key(sha256: str) -> str:
    """`sha256/ab/cd/abcd…`: two levels, so that no folder grows past what tools can list."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256 in lowercase hex")
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"
