"""Uploads in parts, in a folder."""

import errno
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from storage.base import (
    CHUNK_SIZE,
    NotStored,
    Part,
    SizeMismatch,
    StorageError,
    Stored,
    StoreFull,
)
from storage.digests import CheckedReader, ChunkReader

_HANDLE = re.compile(r"[0-9a-f]{32}")


class LocalParts:
    """A folder for each upload, a file for each part.

    A part is written beside its place, synced and renamed, so that sending one again and failing
    leaves the one that was acknowledged before. `write` is the store's own, and `check`, which
    raises StorageError: what is missing on a disk that is not mounted is not lost.
    """

    def __init__(
        self, folder: Path, write: Callable[..., Stored], check: Callable[[], None]
    ) -> None:
        self._folder = folder
        self._write = write
        self._check = check

    def begin(self) -> str:
        handle = uuid.uuid4().hex
        self._check()
        try:
            self._path(handle).mkdir(parents=True)
            sync_folder(self._folder)
        except OSError as error:
            raise cannot_write(error) from error
        return handle

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
        folder = self._path(upload)
        reader = CheckedReader(stream, size, sha256=sha256, md5=md5)
        name: str | None = None
        try:
            descriptor, name = tempfile.mkstemp(prefix=f"{number}.", dir=folder)
            with os.fdopen(descriptor, "wb") as file:
                for chunk in reader:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(name).rename(folder / str(number))
            sync_folder(folder)
        except FileNotFoundError:
            self._check()
            raise NotStored(upload) from None
        except OSError as error:
            raise cannot_write(error) from error
        finally:
            if name is not None:
                Path(name).unlink(missing_ok=True)

    def held(self, upload: str) -> list[Part]:
        found = []
        try:
            for entry in os.scandir(self._path(upload)):
                if entry.name.isdigit():
                    stat = entry.stat()
                    at = datetime.fromtimestamp(stat.st_mtime, UTC)
                    found.append(Part(int(entry.name), stat.st_size, at))
        except FileNotFoundError:
            self._check()
            return []
        return sorted(found, key=lambda part: part.number)

    def finish(self, upload: str, count: int, *, size: int, sha256: str | None = None) -> Stored:
        chunks = self._chunks(upload, count)
        stored: Stored = self._write(
            cast("BinaryIO", ChunkReader(chunks)), size=size, sha256=sha256
        )
        return stored

    def _chunks(self, upload: str, count: int) -> Iterator[bytes]:
        folder = self._path(upload)
        if not folder.is_dir():
            self._check()
            raise NotStored(upload)
        for number in range(1, count + 1):
            try:
                with (folder / str(number)).open("rb") as file:
                    while chunk := file.read(CHUNK_SIZE):
                        yield chunk
            except FileNotFoundError:
                raise SizeMismatch(f"part {number} is missing") from None

    def discard(self, upload: str) -> None:
        shutil.rmtree(self._path(upload), ignore_errors=True)

    def begun(self) -> Iterator[tuple[str, datetime]]:
        if not self._folder.is_dir():
            self._check()
        else:
            for entry in os.scandir(self._folder):
                yield entry.name, datetime.fromtimestamp(entry.stat().st_mtime, UTC)

    def address(
        self, upload: str, number: int, *, size: int, md5: str | None, seconds: int, now: datetime
    ) -> str | None:
        return None

    def _path(self, upload: str) -> Path:
        if not _HANDLE.fullmatch(upload):
            raise NotStored(upload)
        return self._folder / upload


def cannot_write(error: OSError) -> StorageError:
    """What a failed write means to callers."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreFull("no space left in the folder")
    return StorageError(f"cannot write: {error.strerror}")


def sync_folder(folder: Path) -> None:
    """Make names in a folder as durable as the bytes behind them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
