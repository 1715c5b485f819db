"""Checksums of streams."""

import hashlib
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from storage.base import CHUNK_SIZE, DigestMismatch, SizeMismatch, Stored


class HashingReader:
    """A readable that hashes and counts what passes through it, and stops at `max_size`.

    `crc` says whether it also takes the CRC-32, which costs a fifth of the SHA-256.
    """

    def __init__(self, stream: BinaryIO, max_size: int | None = None, *, crc: bool = True) -> None:
        self._stream = stream
        self._max_size = max_size
        self._hash = hashlib.sha256()
        self._crc = 0 if crc else None
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.size += len(chunk)
        if self._max_size is not None and self.size > self._max_size:
            raise SizeMismatch(f"more than {self._max_size} bytes")
        self._hash.update(chunk)
        if self._crc is not None:
            self._crc = zlib.crc32(chunk, self._crc)
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK_SIZE):
            yield chunk

    def verified(self, size: int | None, sha256: str | None) -> Stored:
        """What passed, if it is what was announced. Raises SizeMismatch, DigestMismatch."""
        if size is not None and size != self.size:
            raise SizeMismatch(f"{self.size} bytes arrived, {size} were announced")
        found = self._hash.hexdigest()
        if sha256 is not None and sha256.lower() != found:
            raise DigestMismatch(f"SHA-256 is {found}, {sha256} was announced")
        return Stored(found, self.size, self._crc)


class CheckedReader:
    """A readable of exactly `size` bytes that keeps back the last of them until all is right.

    Whoever copies it somewhere therefore never has the whole of a part that is not what was
    announced, and the other side sees a body that ended early. Digests are lowercase hex.
    """

    def __init__(
        self, stream: BinaryIO, size: int, *, sha256: str | None = None, md5: str | None = None
    ) -> None:
        self._stream = stream
        self._left = size
        self._announced = {"SHA-256": sha256, "MD5": md5}
        self._hashes = {
            "SHA-256": hashlib.sha256(),
            "MD5": hashlib.md5(usedforsecurity=False),
        }
        if size == 0:
            self._check()

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            return b""
        wanted = min(self._left, CHUNK_SIZE if size < 0 else size)
        chunk = self._stream.read(wanted)
        if not chunk:
            raise SizeMismatch(f"{self._left} bytes are missing")
        self._left -= len(chunk)
        for name, announced in self._announced.items():
            if announced is not None:
                self._hashes[name].update(chunk)
        if not self._left:
            self._check()
        return chunk

    def _check(self) -> None:
        for name, announced in self._announced.items():
            found = self._hashes[name].hexdigest()
            if announced is not None and announced.lower() != found:
                raise DigestMismatch(f"{name} is {found}, {announced} was announced")
        if self._stream.read(1):
            raise SizeMismatch("more bytes than were announced")

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK_SIZE):
            yield chunk


class ChunkReader:
    """A readable over chunks that something yields one after the other."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return bytes(taken)
