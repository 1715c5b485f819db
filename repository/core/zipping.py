"""ZIP archives that are laid out before they are written, so that any part can be sent alone.

Members are stored, not deflated: every length is then known from names and sizes, the whole has a
Content-Length, and a broken download goes on at any byte. Nothing is held but one chunk. After
PKWARE's APPNOTE 6.3.10; ZIP64 (4.5.3) only where a number does not fit in 32 bits or 16.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

LIMIT_32, LIMIT_16 = 0xFFFFFFFF, 0xFFFF
UTF8_NAMES, DESCRIPTOR_FOLLOWS = 1 << 11, 1 << 3  # bits of the general purpose flag, 4.4.4
VERSION, VERSION_ZIP64 = 20, 45
UNIX = 3 << 8
REGULAR_FILE = 0o100644 << 16
Bytes = Callable[[int, int], Iterator[bytes]]


@dataclass(frozen=True)
class Member:
    """A file of `size` bytes; `read(start, length)` gives some of them, `digest` tells them apart.

    A `crc` that is not known yet is computed while the bytes pass, and written after them.
    """

    name: str
    size: int
    crc: int | None
    read: Bytes
    digest: str

    @property
    def is_large(self) -> bool:
        return self.size >= LIMIT_32

    @property
    def flags(self) -> int:
        return UTF8_NAMES | (DESCRIPTOR_FOLLOWS if self.crc is None else 0)


@dataclass(frozen=True)
class _Piece:
    """So many bytes of the archive, made only when some of them are asked for."""

    size: int
    read: Bytes


class Archive:
    """What `members` gives, the same each time it is called, as one ZIP file.

    `at` (UTC) is the date of every member. `etag` changes with every byte of the archive.
    """

    def __init__(self, members: Callable[[], Iterable[Member]], at: datetime) -> None:
        self._members = members
        self._moment = _dos_moment(at)
        self._found: dict[str, int] = {}
        self.size, self.etag = self._measure()

    def read(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`; content before it is not read."""
        end = self.size if length is None else start + length
        position = 0
        for piece in self._pieces():
            first, last = max(start - position, 0), min(end - position, piece.size)
            if first < last:
                yield from piece.read(first, last - first)
            position += piece.size
            if position >= end:
                return

    def _measure(self) -> tuple[int, str]:
        """One pass: for whoever waits for the first byte."""
        offset = size = count = 0
        marks = sha256(str(self._moment).encode())
        for member in self._members():
            size += _entry_size(member, offset)
            offset += _local_size(member)
            count += 1
            marks.update(f"{member.name}\0{member.digest}\0{member.crc}\0".encode())
        return offset + size + len(_end(count, size, offset)), marks.hexdigest()

    def _pieces(self) -> Iterator[_Piece]:
        for member in self._members():
            yield _known(self._local_header(member))
            yield _Piece(member.size, self._content(member))
            if member.crc is None:
                size = 24 if member.is_large else 16
                yield _Piece(size, _slicing(partial(self._descriptor, member)))
        yield from self._directory()

    def _directory(self) -> Iterator[_Piece]:
        """The central directory (4.3.12) and its end (4.3.14 to 4.3.16)."""
        offset = size = count = 0
        for member in self._members():
            entry = _Piece(
                _entry_size(member, offset),
                _slicing(partial(self._entry, member, offset)),
            )
            yield entry
            offset, size, count = offset + _local_size(member), size + entry.size, count + 1
        yield _known(_end(count, size, offset))

    def _content(self, member: Member) -> Bytes:
        """Where the CRC is not known and all bytes pass anyway, it is computed from them."""
        if member.crc is not None:
            return member.read

        def read(start: int, length: int) -> Iterator[bytes]:
            crc = 0
            for chunk in member.read(start, length):
                crc = zlib.crc32(chunk, crc)
                yield chunk
            if length == member.size:
                self._found[member.name] = crc

        return read

    def _crc(self, member: Member) -> int:
        if member.crc is not None:
            return member.crc
        if member.name not in self._found:
            crc = 0
            for chunk in member.read(0, member.size) if member.size else ():
                crc = zlib.crc32(chunk, crc)
            self._found[member.name] = crc
        return self._found[member.name]

    def _local_header(self, member: Member) -> bytes:
        """4.3.7; without CRC and sizes where a descriptor follows the content."""
        later = member.crc is None
        size = LIMIT_32 if member.is_large else 0 if later else member.size
        real = 0 if later else member.size
        extra = struct.pack("<HHQQ", 1, 16, real, real) if member.is_large else b""
        name = member.name.encode()
        return (
            struct.pack(
                "<IHHHIIIIHH",
                0x04034B50,
                VERSION_ZIP64 if member.is_large else VERSION,
                member.flags,
                0,
                self._moment,
                member.crc or 0,
                size,
                size,
                len(name),
                len(extra),
            )
            + name
            + extra
        )

    def _descriptor(self, member: Member) -> bytes:
        layout = "<IIQQ" if member.is_large else "<IIII"
        return struct.pack(layout, 0x08074B50, self._crc(member), member.size, member.size)

    def _entry(self, member: Member, offset: int) -> bytes:
        name, extra = member.name.encode(), _central_extra(member, offset)
        size = min(member.size, LIMIT_32)
        version = VERSION_ZIP64 if extra else VERSION
        return (
            struct.pack(
                "<IHHHHIIIIHHHHHII",
                0x02014B50,
                UNIX | version,
                version,
                member.flags,
                0,
                self._moment,
                self._crc(member),
                size,
                size,
                len(name),
                len(extra),
                0,
                0,
                0,
                REGULAR_FILE,
                min(offset, LIMIT_32),
            )
            + name
            + extra
        )


def _local_size(member: Member) -> int:
    """Header, content and descriptor."""
    descriptor = 0 if member.crc is not None else 24 if member.is_large else 16
    extra = 20 if member.is_large else 0
    return 30 + len(member.name.encode()) + extra + member.size + descriptor


def _entry_size(member: Member, offset: int) -> int:
    return 46 + len(member.name.encode()) + len(_central_extra(member, offset))


def _central_extra(member: Member, offset: int) -> bytes:
    """The numbers that do not fit in their own fields, in the order of those."""
    large = [member.size, member.size] if member.is_large else []
    large += [offset] if offset >= LIMIT_32 else []
    return struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""


def _end(count: int, size: int, offset: int) -> bytes:
    zip64 = b""
    if count >= LIMIT_16 or size >= LIMIT_32 or offset >= LIMIT_32:
        zip64 = struct.pack(
            "<IQHHIIQQQQ",
            0x06064B50,
            44,
            UNIX | VERSION_ZIP64,
            VERSION_ZIP64,
            0,
            0,
            count,
            count,
            size,
            offset,
        ) + struct.pack("<IIQI", 0x07064B50, 0, offset + size, 1)
    few = min(count, LIMIT_16)
    return zip64 + struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, few, few, min(size, LIMIT_32), min(offset, LIMIT_32), 0
    )


def _dos_moment(at: datetime) -> int:
    """Time in the low 16 bits and date in the high, at two seconds' grain (4.4.6)."""
    date = (min(max(at.year, 1980), 2107) - 1980) << 9 | at.month << 5 | at.day
    return date << 16 | at.hour << 11 | at.minute << 5 | at.second // 2


def _slicing(make: Callable[[], bytes]) -> Bytes:
    def read(start: int, length: int) -> Iterator[bytes]:
        yield make()[start : start + length]

    return read


def _known(content: bytes) -> _Piece:
    return _Piece(len(content), _slicing(lambda: content))
