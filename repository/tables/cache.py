"""Tables that were read once, kept as Parquet beside the data: any of them can be made anew."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.tables.refusals import TableRefused
from storage.base import StorageError

# Part of each name: what another release of the reader made is not taken for this one's.
FORM = 2


def prepared_path(settings: Settings, sha256: str, sheet: int | None) -> Path:
    name = f"{sha256}-{'' if sheet is None else sheet}-{FORM}.parquet"
    return settings.data_dir.resolve() / "tables" / "cache" / sha256[:2] / name


def find(settings: Settings, sha256: str, sheet: int | None) -> Path | None:
    """The prepared table if it is here; it counts as used just now."""
    path = prepared_path(settings, sha256, sheet)
    try:
        os.utime(path)
    except FileNotFoundError:
        return None
    return path


def keep(settings: Settings, sha256: str, sheet: int | None, made: Path) -> Path:
    """Take over a table that was just prepared in a scratch folder."""
    path = prepared_path(settings, sha256, sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.replace(path)
    return path


def trim(settings: Settings) -> int:
    """Remove what was not used for longest until the rest fits; how many bytes went."""
    kept = []
    for path in (settings.data_dir / "tables" / "cache").glob("??/*.parquet"):
        told = path.stat()
        kept.append((told.st_mtime, told.st_size, path))
    over = sum(size for _, size, _ in kept) - settings.table_cache_bytes
    gone = 0
    for _, size, path in sorted(kept):
        if gone >= over:
            break
        path.unlink(missing_ok=True)
        gone += size
    return gone


@contextmanager
def source(runtime: Runtime, sha256: str, folder: Path) -> Iterator[Path]:
    """The file's bytes as a path: where they lie, or a copy in `folder` from a remote store."""
    path = runtime.store.local_path(sha256)
    if path is not None:
        if not path.is_file():
            raise TableRefused("gone")
        yield path
        return
    copy = folder / "source"
    try:
        with copy.open("wb") as file:
            for chunk in runtime.store.read(sha256):
                file.write(chunk)
    except StorageError as error:
        raise TableRefused("gone") from error
    yield copy
