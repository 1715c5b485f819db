"""Checksums of streams."""

import hashlib
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from storage.base import CHUNK_SIZE, DigestMismatch, SizeMismatch, Stored


class HashingReader:
    """A readable that hashes and counts what passes through it, and stops at `max_size`."""

    def __init__(self, stream: BinaryIO, max_size: int | None = None) -> None:
        self._stream = stream
        self._max_size = max_size
        self._hash = hashlib.sha256()
        self._crc = 0
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.size += len(chunk)
        if self._max_size is not None and self.size > self._max_size:
            raise SizeMismatch(f"more than {self._max_size} bytes")
        self._hash.update(chunk)
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
