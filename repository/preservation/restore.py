"""From a backup to a repository again, in an empty place, with everything compared."""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from repository.core.errors import Conflict, InsufficientStorage, RepositoryError
from repository.core.messages import N_
from repository.core.paths import UNFINISHED
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.preservation import dumps
from repository.preservation import manifest as manifests
from repository.preservation.manifest import DatabaseDump, Manifest
from storage.backup.targets import Target, hash_of, stream_of
from storage.base import DigestMismatch, NotStored, ObjectStore, SizeMismatch, StoreFull

NOT_EMPTY = N_("%(place)s is not empty. Restore into an empty place.")
OTHER_KIND = N_("The backup is of %(kind)s; REPOSITORY_DATABASE_URL names another database.")
NOT_EQUAL = N_("The restored table %(table)s is not the one that was backed up.")
BAD_CONTENT = N_("The backup's copy of %(sha256)s is damaged or missing.")
NO_SPACE = N_("There is no space left where the backup is being restored.")


@dataclass
class Restored:
    """What came back, all of it compared with the manifest; `lost` contents were lost before."""

    manifest: Manifest
    tables: int = 0
    rows: int = 0
    contents: int = 0
    bytes: int = 0
    lost: int = 0


def restore(
    target: Target,
    settings: Settings,
    *,
    at: datetime | None = None,
    tell: Callable[[int], None] = lambda _size: None,
) -> Restored:
    """Restore the newest backup, or the newest not after `at`, to where the settings point.

    Refuses a data folder or database that is not empty, but for what a restore of the same backup
    left that was broken off: then it goes on. Until all of it is there and equal, the folder holds
    the file UNFINISHED, with which no repository starts. Every digest and count of
    the manifest is compared with what came back. Raises NotFound, Conflict, RepositoryError (what
    is not equal).
    """
    manifest = manifests.newest(target, at, whole=True)
    unfinished = settings.data_dir / UNFINISHED
    goes_on = unfinished.exists() and unfinished.read_text().strip() in ("", manifest.id)
    if not goes_on:
        _refuse_what_is_there(settings, manifest.dump)
    for part in manifest.parts:
        manifests.check_part(target, manifest, part)
    restored = Restored(manifest)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(f"{manifest.id}\n")
    try:
        _database(target, settings, manifest.dump, goes_on=goes_on)
        with _connection(settings) as connection:
            _compare_tables(connection, manifest.dump, restored)
        _contents(target, settings, restored, tell)
    except StoreFull as error:
        raise InsufficientStorage(NO_SPACE) from error
    unfinished.unlink()
    return restored


def _refuse_what_is_there(settings: Settings, dump: DatabaseDump) -> None:
    folder, url = settings.data_dir, make_url(settings.resolved_database_url)
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(NOT_EMPTY, place=str(folder))
    if url.get_backend_name() != dump.kind:
        raise Conflict(OTHER_KIND, kind=dump.kind)
    if dump.kind == "sqlite":
        if Path(str(url.database)).exists():
            raise Conflict(NOT_EMPTY, place=str(url.database))
    elif not dumps.is_empty(url):
        raise Conflict(NOT_EMPTY, place=url.render_as_string(hide_password=True))


def _database(target: Target, settings: Settings, dump: DatabaseDump, *, goes_on: bool) -> None:
    """A file is put there once more; what PostgreSQL has, it took in one transaction."""
    url = make_url(settings.resolved_database_url)
    if goes_on and dump.kind == "sqlite":
        for ending in ("", "-wal", "-shm"):
            Path(f"{url.database}{ending}").unlink(missing_ok=True)
    elif goes_on and not dumps.is_empty(url):
        return
    arriving = settings.data_dir / "database.arriving"
    try:
        with arriving.open("wb") as file:
            for chunk in target.read(dump.key):
                file.write(chunk)
        if dump.kind == "sqlite":
            shutil.move(arriving, str(url.database))
        else:
            dumps.load_postgres(settings, arriving, url)
    finally:
        arriving.unlink(missing_ok=True)


def _connection(settings: Settings) -> AbstractContextManager[Connection]:
    url = make_url(settings.resolved_database_url)
    if url.get_backend_name() == "sqlite":
        return dumps.opened_file(Path(str(url.database)))
    return create_engine(url, poolclass=NullPool).connect()


def _compare_tables(connection: Connection, dump: DatabaseDump, restored: Restored) -> None:
    found, promised = dumps.table_digests(connection), dump.tables
    for name in sorted(found.keys() | promised.keys()):
        if found.get(name) != promised.get(name):
            raise RepositoryError(NOT_EQUAL, table=name)
    restored.tables = len(found)
    restored.rows = sum(table.rows for table in found.values())


def _contents(
    target: Target, settings: Settings, restored: Restored, tell: Callable[[int], None]
) -> None:
    runtime = Runtime.from_settings(settings)
    try:
        _forget_other_stores(runtime)
        for line in manifests.content_lines(target, restored.manifest):
            if line.path is None:
                restored.lost += 1
                continue
            if not _is_whole(runtime.store, line.sha256):
                try:
                    stream = stream_of(target.read(line.path))
                    runtime.store.write(stream, size=line.size, sha256=line.sha256)
                except (NotStored, DigestMismatch, SizeMismatch) as error:
                    raise RepositoryError(BAD_CONTENT, sha256=line.sha256) from error
                if not _is_whole(runtime.store, line.sha256):
                    raise RepositoryError(BAD_CONTENT, sha256=line.sha256)
            restored.contents += 1
            restored.bytes += line.size
            tell(line.size)
    finally:
        runtime.close()


def _is_whole(store: ObjectStore, sha256: str) -> bool:
    """Whether it is there and reads as it should; what reads otherwise is taken away."""
    try:
        found = hash_of(store.read(sha256))
    except NotStored:
        return False
    if found.sha256 != sha256:
        store.delete(sha256)
    return found.sha256 == sha256


def _forget_other_stores(runtime: Runtime) -> None:
    """Everything comes back into the first store; rules then place it again. In SQL, since the
    database is still of the release that made the backup.
    """
    with runtime.work() as work:
        work.session.execute(text("DELETE FROM content_copies WHERE place LIKE 'store:%'"))
