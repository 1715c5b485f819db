"""What lies in ZIP and TAR archives, and one member of them."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, cast

from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.settings import MIB
from repository.previews.base import (
    NOT_WHAT_IT_SAYS,
    TOO_LARGE,
    TOO_MUCH,
    CannotShow,
    Preview,
    SeekableSource,
    Source,
)

MAX_LISTED = 1000
MAX_HEADERS = 20_000
MAX_MEMBER = 4 * MIB
MAX_UNPACKED = 64 * MIB
MORE = N_("Only the first members are listed.")
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    IndexError,
)


@dataclass(frozen=True)
class Entry:
    """`size` is what the archive says, which need not be true."""

    name: str
    size: int
    at: datetime | None = None
    is_folder: bool = False


class Zip:
    name = "archive"

    def knows(self, source: Source) -> bool:
        is_zip = source.media_type == "application/zip" or source.ending in ("zip", "kmz", "jar")
        return is_zip and not source.member

    def show(self, source: Source) -> Preview:
        try:
            with zipfile.ZipFile(cast("IO[bytes]", SeekableSource(source))) as archive:
                listed = archive.infolist()
        except DAMAGED as error:
            raise CannotShow(NOT_WHAT_IT_SAYS) from error
        entries = [_zip_entry(info) for info in listed[:MAX_LISTED]]
        return _listing(entries, len(listed))

    def member(self, source: Source, name: str) -> bytes:
        """Raises NotFound, CannotShow."""
        try:
            file = cast("IO[bytes]", SeekableSource(source))
            with zipfile.ZipFile(file) as archive, archive.open(name) as member:
                return _bounded(member)
        except KeyError as error:
            raise NotFound from error
        except DAMAGED as error:
            raise CannotShow(NOT_WHAT_IT_SAYS) from error


def _zip_entry(info: zipfile.ZipInfo) -> Entry:
    try:
        at = datetime(*info.date_time)  # noqa: DTZ001 - ZIP says no zone
    except ValueError:
        at = None
    return Entry(info.filename[:1024], info.file_size, at, info.is_dir())


class Tar:
    """Plain, or compressed with gzip: then all before a member has to be unpacked to reach it."""

    name = "archive"

    def knows(self, source: Source) -> bool:
        name = source.name.lower()
        return name.endswith((".tar", ".tar.gz", ".tgz")) and not source.member

    def show(self, source: Source) -> Preview:
        entries: list[Entry] = []
        try:
            with _opened(source) as archive:
                for count, info in enumerate(archive):
                    if count >= MAX_LISTED:
                        return _listing(entries, MAX_LISTED + 1)
                    if info.isfile() or info.isdir():
                        entries.append(_tar_entry(info))
        except DAMAGED as error:
            raise CannotShow(NOT_WHAT_IT_SAYS) from error
        return _listing(entries, len(entries))

    def member(self, source: Source, name: str) -> bytes:
        """Raises NotFound, CannotShow. Links are not followed."""
        try:
            with _opened(source) as archive:
                for count, info in enumerate(archive):
                    if count >= MAX_HEADERS:
                        raise CannotShow(TOO_MUCH)
                    if info.name == name and info.isreg():
                        opened = archive.extractfile(info)
                        return _bounded(opened) if opened else b""
        except DAMAGED as error:
            raise CannotShow(NOT_WHAT_IT_SAYS) from error
        raise NotFound


def _tar_entry(info: tarfile.TarInfo) -> Entry:
    try:
        at = datetime.utcfromtimestamp(info.mtime)  # noqa: DTZ004 - shown without a zone, as ZIP's
    except (ValueError, OverflowError, OSError):
        at = None
    return Entry(info.name[:1024], info.size, at, info.isdir())


def _opened(source: Source) -> tarfile.TarFile:
    file = cast("IO[bytes]", SeekableSource(source))
    if source.name.lower().endswith(".tar"):
        return tarfile.open(fileobj=file, mode="r:")
    unpacked = _Limited(gzip.GzipFile(fileobj=file))
    return tarfile.open(fileobj=cast("IO[bytes]", unpacked), mode="r|")


class _Limited(io.RawIOBase):
    """Reads at most MAX_UNPACKED bytes out of something that may unpack to any number."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self._left = MAX_UNPACKED

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self._left:
            raise CannotShow(TOO_MUCH)
        part = self._stream.read(size)
        self._left -= len(part)
        return part


def _bounded(member: IO[bytes]) -> bytes:
    """All of a member, whatever its header says of its size. Raises CannotShow."""
    content = member.read(MAX_MEMBER + 1)
    if len(content) > MAX_MEMBER:
        raise CannotShow(TOO_LARGE)
    return content


def _listing(entries: list[Entry], total: int) -> Preview:
    notes = (MORE,) if total > len(entries) and len(entries) >= MAX_LISTED else ()
    return Preview("archive", {"entries": entries, "limit": MAX_MEMBER}, notes)


def opener_of(source: Source) -> Zip | Tar | None:
    kinds: Iterator[Zip | Tar] = iter((Zip(), Tar()))
    return next((kind for kind in kinds if kind.knows(source)), None)
