"""What a previewer is given, and what it answers."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from repository.core.messages import N_
from repository.core.settings import MIB

Read = Callable[[int, int], Iterator[bytes]]
READ_BUDGET = 64 * MIB
WINDOW = 64 << 10


class CannotShow(Exception):
    """Why a file is not shown: an English msgid and its values, for the page to say."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.params = params


TOO_LARGE = N_("It is too large to be shown here. Download it instead.")
NOT_WHAT_IT_SAYS = N_("It is not what its name says, or it is damaged.")
TOO_MUCH = N_("Too much would have to be read to show it here. Download it instead.")


@dataclass(frozen=True)
class Source:
    """A file, or a member of an archive. `read(start, length)` gives bytes lazily.

    `url` is where a browser gets the bytes; empty for a member, which has no address of its own.
    """

    path: str
    media_type: str
    size: int
    read: Read
    url: str = ""
    version_id: str = ""
    member: str = ""

    @property
    def name(self) -> str:
        return (self.member or self.path).rsplit("/", 1)[-1]

    @property
    def ending(self) -> str:
        return self.name.lower().rpartition(".")[2]

    def head(self, length: int) -> bytes:
        return b"".join(self.read(0, min(length, self.size))) if self.size else b""

    def whole(self, limit: int) -> bytes:
        """All bytes. Raises CannotShow when there are more than `limit`."""
        if self.size > limit:
            raise CannotShow(TOO_LARGE)
        return self.head(self.size)


@dataclass(frozen=True)
class Preview:
    """The template `previews/<name>.html` and what it is given; `notes` are msgids."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Previewer(Protocol):
    """One kind of file. Whatever it is given may have been made to do harm."""

    name: str

    def knows(self, source: Source) -> bool:
        """By name and media type alone: lists of files ask it of every file."""
        ...

    def show(self, source: Source) -> Preview:
        """Raises CannotShow. What is read, held and answered is bounded."""
        ...


class SeekableSource(io.RawIOBase):
    """A source as a file object, for readers that seek; in all it reads at most READ_BUDGET."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._position = 0
        self._left = READ_BUDGET
        self._window, self._window_at = b"", 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._source.size}
        self._position = max(base[whence] + offset, 0)
        return self._position

    def read(self, size: int = -1) -> bytes:
        rest = max(self._source.size - self._position, 0)
        wanted = rest if size < 0 else min(size, rest)
        if not wanted:
            return b""
        begin = self._position - self._window_at
        if begin < 0 or begin + wanted > len(self._window):
            length = min(max(wanted, WINDOW), rest)
            self._left -= length
            if self._left < 0:
                raise CannotShow(TOO_MUCH)
            self._window = b"".join(self._source.read(self._position, length))
            self._window_at, begin = self._position, 0
        part = self._window[begin : begin + wanted]
        self._position += len(part)
        return part

    def readinto(self, buffer: Any) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)
