"""The files in a ZIP or TAR archive: all looked at before one is taken.

Names that lead out, links, devices, passwords, names that are there twice, and archives that grow
beyond measure are refused, each for its own reason.
"""

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from repository.core.errors import ValidationFailed
from repository.core.messages import N_
from repository.deposit.importing import archive as archives
from repository.deposit.importing.archive import DAMAGED, grows_too_large, look_at
from repository.records.paths import normalise_path

MAX_MEMBERS = 100_000
MOST_AT_ONCE = 16 << 20
ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
NO_ARCHIVE = N_("This file is no ZIP or TAR archive that can be unpacked.")
MAGIC: Mapping[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda file: cast("IO[bytes]", gzip.GzipFile(fileobj=file)),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}


def is_archive(path: str) -> bool:
    return path.lower().endswith(ENDINGS)


@dataclass(frozen=True)
class Members:
    """`sizes` are what the archive says, in bytes, by path."""

    sizes: Mapping[str, int]
    open: Callable[[str], BinaryIO]


@contextmanager
def members(file: BinaryIO) -> Iterator[Members]:
    """What an archive holds. Raises ValidationFailed."""
    with ExitStack() as opened:
        try:
            found = _found(file, opened)
        except DAMAGED as error:
            raise ValidationFailed(NO_ARCHIVE) from error
        yield found


def _found(file: BinaryIO, opened: ExitStack) -> Members:
    start, packed_size = file.read(8), file.seek(0, os.SEEK_END)
    file.seek(0)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        archive = opened.enter_context(zipfile.ZipFile(file))
        infos = look_at(archive, MAX_MEMBERS)
        sizes = {path: info.file_size for path, info in infos.items()}
        return Members(sizes, lambda path: archives.opened(archive, infos[path]))
    unpacked = next((made(file) for mark, made in MAGIC.items() if start.startswith(mark)), file)
    bounded = cast("BinaryIO", _Bounded(unpacked))
    packed = opened.enter_context(tarfile.open(fileobj=bounded, mode="r:"))  # noqa: SIM115 - it is
    found = _look_at(packed, packed_size)
    sizes = {path: info.size for path, info in found.items()}
    return Members(sizes, lambda path: cast("BinaryIO", packed.extractfile(found[path])))


def _look_at(packed: tarfile.TarFile, packed_size: int) -> dict[str, tarfile.TarInfo]:
    members: dict[str, tarfile.TarInfo] = {}
    total = 0
    for info in packed:
        if info.isdir():
            continue
        name = info.name[:200]
        if not info.isreg():
            raise ValidationFailed(N_("%(name)s in the archive is no plain file."), name=name)
        total += info.size
        if len(members) >= MAX_MEMBERS:
            message = N_("The archive holds more than %(most)s files.")
            raise ValidationFailed(message, most=MAX_MEMBERS)
        if grows_too_large(total, packed_size):
            raise ValidationFailed(N_("The archive would become too large when unpacked."))
        path = normalise_path(info.name.removeprefix("./"), "/file")
        if path in members:
            raise ValidationFailed(N_("%(name)s is in the archive twice."), name=name)
        members[path] = info
    return members


class _Bounded:
    """Refuses to give very much at once: the headers of a hostile TAR would fill the memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_AT_ONCE:
            raise ValueError("more at once than any file needs")
        return self._file.read(size)
