"""Objects in a folder."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage.base import CHUNK_SIZE, NotStored, StorageError, Stored, Trial, object_key
from storage.digests import HashingReader
from storage.local_parts import LocalParts, cannot_write, sync_folder


class LocalStore:
    """A folder of objects, and beside them `tmp/` and `parts/` for those still arriving.

    An object is written to `tmp/`, synced, and renamed to its place; the folder is synced too,
    so that what was acknowledged is there after a power cut. Folders above it are synced once by
    each process: another one may have made them a moment ago and not have come so far. `make` says
    whether the folder is made where it is missing; a disk that may not be mounted is not taken for
    an empty store.
    """

    def __init__(self, folder: Path, *, make: bool = True) -> None:
        self._folder = folder.resolve()
        self._arriving = self._folder / "tmp"
        self._synced: set[Path] = set()  # whose names are; at most 65,793
        if make:
            self.prepare()
        self.parts = LocalParts(self._folder / "parts", self.write, self.check)

    def prepare(self) -> None:
        self._arriving.mkdir(parents=True, exist_ok=True)

    def write(
        self,
        stream: BinaryIO,
        *,
        size: int | None = None,
        sha256: str | None = None,
        max_size: int | None = None,
    ) -> Stored:
        reader = HashingReader(stream, max_size if size is None else size)
        name: str | None = None
        try:
            descriptor, name = tempfile.mkstemp(dir=self._arriving)
            with os.fdopen(descriptor, "wb") as file:
                for chunk in reader:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            stored = reader.verified(size, sha256)
            self._publish(Path(name), self._path(stored.sha256))
        except OSError as error:
            raise cannot_write(error) from error
        finally:
            if name is not None:
                Path(name).unlink(missing_ok=True)
        return stored

    def _publish(self, arrived: Path, place: Path) -> None:
        if place.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        arrived.chmod(0o440)
        arrived.rename(place)
        sync_folder(place.parent)
        for folder in place.parents[:3]:  # cd/ ab/ sha256/, any of them new
            if folder in self._synced:
                break
            sync_folder(folder.parent)
        self._synced.update(place.parents[:3])

    def _path(self, sha256: str) -> Path:
        return self._folder / object_key(sha256)

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        self.size(sha256)
        return _chunks(self._path(sha256), start, length)

    def size(self, sha256: str) -> int:
        try:
            return self._path(sha256).stat().st_size
        except FileNotFoundError:
            raise self._missing(sha256) from None

    def written_at(self, sha256: str) -> datetime:
        try:
            return datetime.fromtimestamp(self._path(sha256).stat().st_mtime, UTC)
        except FileNotFoundError:
            raise self._missing(sha256) from None

    def _missing(self, sha256: str) -> StorageError:
        if self._arriving.is_dir():
            return NotStored(sha256)
        return StorageError(f"{self._folder} is not there, or holds no store")

    def delete(self, sha256: str) -> None:
        self._path(sha256).unlink(missing_ok=True)

    def digests(self) -> Iterator[str]:
        self.check()
        for path in (self._folder / "sha256").glob("??/??/*"):
            yield path.name

    def check(self) -> None:
        if not os.access(self._arriving, os.W_OK | os.X_OK):
            raise StorageError(f"cannot write to {self._arriving}")

    def address(
        self, sha256: str, *, media_type: str, disposition: str, seconds: int, now: datetime
    ) -> str | None:
        return None

    def trial(self) -> Trial | None:
        return None

    def local_path(self, sha256: str) -> Path | None:
        return self._path(sha256)


def _chunks(path: Path, start: int, length: int | None) -> Iterator[bytes]:
    """Opens the file at the first chunk: an iterator that nobody begins leaves nothing open."""
    with path.open("rb") as file:
        file.seek(start)
        left = length
        while left is None or left > 0:
            chunk = file.read(CHUNK_SIZE if left is None else min(CHUNK_SIZE, left))
            if not chunk:
                return
            left = None if left is None else left - len(chunk)
            yield chunk
