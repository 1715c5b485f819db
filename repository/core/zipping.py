"""ZIP archives that are laid out before they are written, so that any part can be sent alone.

Members are stored, not deflated: every length is then known from names and sizes, the whole has a
Content-Length, and a broken download goes on at any byte. Nothing is held but one chunk. After
PKWARE's APPNOTE 6.3.10; ZIP64 (4.5.3) only where a number does not fit in 32 bits or 16.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
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
class Sums:
    """All of some members that the length of an archive depends on, so that it may be asked of a
    database. `names` are bytes of UTF-8, `large` counts members of LIMIT_32 bytes or more,
    `descriptors` are the bytes that follow contents whose CRC is not known.
    """

    count: int = 0
    names: int = 0
    content: int = 0
    large: int = 0
    descriptors: int = 0

    @classmethod
    def of(cls, members: Iterable[Member]) -> "Sums":
        return sum((_sums(member) for member in members), cls())

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.count + other.count,
            self.names + other.names,
            self.content + other.content,
            self.large + other.large,
            self.descriptors + other.descriptors,
        )

    @property
    def local(self) -> int:
        """Bytes of headers, contents and descriptors."""
        headers = 30 * self.count + self.names + 20 * self.large
        return headers + self.content + self.descriptors

    def directory(self, *, far: bool) -> int:
        """Bytes of the entries in the central directory."""
        extra = 12 * self.count + 16 * self.large if far else 20 * self.large
        return 46 * self.count + self.names + extra


@dataclass(frozen=True)
class Segment:
    """Members that follow each other, made only when some of their bytes are asked for.

    `members` gives the same each time; `mark` changes with any of them.
    """

    sums: Sums
    members: Callable[[], Iterable[Member]]
    mark: str

    @classmethod
    def of(cls, *members: Member) -> "Segment":
        mark = "".join(f"{each.name}\0{each.digest}\0{each.crc}\0" for each in members)
        return cls(Sums.of(members), lambda: members, mark)


@dataclass(frozen=True)
class _Piece:
    """So many bytes of the archive, made only when some of them are asked for."""

    size: int
    read: Bytes


class Archive:
    """Segments of members as one ZIP file, of which `size` is known before any is made.

    `at` (UTC) is the date of every member. `etag` changes with every byte of the archive. Where
    one offset does not fit in 32 bits (`far`), all are written as ZIP64 has it: the length would
    else depend on the order.
    """

    def __init__(self, segments: Sequence[Segment], at: datetime) -> None:
        self._segments = segments
        self._moment = _dos_moment(at)
        self._found: dict[str, int] = {}
        sums = sum((segment.sums for segment in segments), Sums())
        self._far = sums.local >= LIMIT_32
        self._end = _end(sums.count, sums.directory(far=self._far), sums.local)
        self.size = sums.local + sums.directory(far=self._far) + len(self._end)
        marks = "\0".join([str(self._moment), *(segment.mark for segment in segments)])
        self.etag = sha256(marks.encode()).hexdigest()

    def read(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`; content before it is not read, nor are segments made."""
        return _part(self._pieces(), start, self.size if length is None else start + length)

    def _pieces(self) -> Iterator[_Piece]:
        for segment in self._segments:
            yield _Piece(segment.sums.local, _within(partial(self._contents, segment)))
        offset = 0
        for segment in self._segments:
            size = segment.sums.directory(far=self._far)
            yield _Piece(size, _within(partial(self._directory, segment, offset)))
            offset += segment.sums.local
        yield _known(self._end)

    def _contents(self, segment: Segment) -> Iterator[_Piece]:
        for member in segment.members():
            yield _known(self._local_header(member))
            yield _Piece(member.size, self._content(member))
            if member.crc is None:
                size = _sums(member).descriptors
                yield _Piece(size, _slicing(partial(self._descriptor, member)))

    def _directory(self, segment: Segment, offset: int) -> Iterator[_Piece]:
        """Entries of the central directory (4.3.12); its end is 4.3.14 to 4.3.16."""
        for member in segment.members():
            sums = _sums(member)
            entry = _slicing(partial(self._entry, member, offset))
            yield _Piece(sums.directory(far=self._far), entry)
            offset += sums.local

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
        name, extra = member.name.encode(), self._central_extra(member, offset)
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
                LIMIT_32 if self._far else offset,
            )
            + name
            + extra
        )

    def _central_extra(self, member: Member, offset: int) -> bytes:
        """The numbers that do not stand in their own fields, in the order of those (4.5.3)."""
        large = [member.size, member.size] if member.is_large else []
        large += [offset] if self._far else []
        return struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""


def _sums(member: Member) -> Sums:
    descriptor = 0 if member.crc is not None else 24 if member.is_large else 16
    return Sums(1, len(member.name.encode()), member.size, int(member.is_large), descriptor)


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


def _part(pieces: Iterable[_Piece], start: int, end: int) -> Iterator[bytes]:
    position = 0
    for piece in pieces:
        first, last = max(start - position, 0), min(end - position, piece.size)
        if first < last:
            yield from piece.read(first, last - first)
        position += piece.size
        if position >= end:
            return


def _within(pieces: Callable[[], Iterable[_Piece]]) -> Bytes:
    return lambda start, length: _part(pieces(), start, start + length)


def _slicing(make: Callable[[], bytes]) -> Bytes:
    def read(start: int, length: int) -> Iterator[bytes]:
        yield make()[start : start + length]

    return read


def _known(content: bytes) -> _Piece:
    return _Piece(len(content), _slicing(lambda: content))
