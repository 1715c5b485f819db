"""Making backups, reading them back, and letting old ones go."""

import hashlib
import json
import secrets
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, make_url, select, text

from repository import __version__
from repository.core.errors import RepositoryError
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.preservation import manifest as manifests
from repository.preservation.dumps import dumped, table_digests
from repository.preservation.manifest import Contents, DatabaseDump, Manifest, Part
from repository.preservation.models import Copy
from repository.preservation.places import place_of, target_for_writing
from repository.preservation.policies import current
from repository.preservation.replication import Progress, replicate
from repository.preservation.rules import Terms
from repository.preservation.runs import BACKUP, exclusive, recorded
from storage.backup import ocfl_check
from storage.backup.retention import kept
from storage.backup.targets import FolderTarget, Target, hash_of, read_file
from storage.base import NotStored

ROWS = 500
Tell = Callable[[int], None]


@dataclass
class Made:
    manifest: Manifest
    progress: Progress


@dataclass
class Verified:
    """What reading a backup back found; `problems` name what is not as it should be."""

    contents: int = 0
    bytes: int = 0
    objects: int = 0
    problems: list[str] = field(default_factory=list)


def run(runtime: Runtime, tell: Tell = lambda _size: None) -> Made:
    """Make a backup. Killed at any moment, the next run goes on with what is copied already.

    Raises InsufficientStorage, Unavailable, Conflict (one is running), ValidationFailed.
    """
    with exclusive(runtime.settings), recorded(runtime, BACKUP) as row:
        target = target_for_writing(runtime.settings)
        progress = replicate(runtime, target, tell=tell)
        made = _written(runtime, target, tell)
        row.backup_id = made.id
        row.figures = {
            "contents": made.contents.count,
            "bytes": made.contents.bytes,
            "missing": made.contents.missing,
            "copied_bytes": progress.bytes,
        }
    return Made(made, progress)


def _written(runtime: Runtime, target: FolderTarget, tell: Tell) -> Manifest:
    created = runtime.clock.now()
    backup_id = f"{created:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    kind = "sqlite" if runtime.database.is_sqlite else "postgresql"
    with tempfile.TemporaryDirectory(dir=runtime.settings.data_dir, prefix="backup-") as folder:
        dump, listed = Path(folder) / "database", Path(folder) / "contents"
        with dumped(runtime.database, runtime.settings, dump) as connection:
            tables = table_digests(connection)
            _list_contents(connection, listed)
        replicate(runtime, target, tell=tell)  # what arrived since the last look
        totals = _with_places(runtime, target, listed, listed.with_suffix(".jsonl"))
        database = _put_file(target, manifests.key_of(backup_id, f"database.{kind}"), dump)
        key = manifests.key_of(backup_id, "contents.jsonl")
        contents = _put_file(target, key, listed.with_suffix(".jsonl"))
    data = configuration(runtime.settings)
    key = manifests.key_of(backup_id, "configuration.json")
    stored = target.put(key, lambda: iter([data]), sha256=hashlib.sha256(data).hexdigest())
    with runtime.read() as work:
        policy = current(work).label
    manifest = Manifest(
        id=backup_id,
        created_at=created,
        finished_at=runtime.clock.now(),
        release=__version__,
        policy=policy,
        database=DatabaseDump(**database.model_dump(), kind=kind, tables=tables),
        configuration=Part(key=key, size=stored.size, sha256=stored.sha256),
        contents=Contents(**contents.model_dump(), **totals),
    )
    manifests.write(target, manifest)
    return manifest


def _list_contents(connection: Connection, path: Path) -> None:
    query = text("SELECT sha256, size FROM contents")
    with path.open("w") as file:
        for sha256, size in connection.execute(query, execution_options={"stream_results": True}):
            file.write(f"{sha256} {size}\n")


def _with_places(runtime: Runtime, target: Target, listed: Path, path: Path) -> dict[str, int]:
    """Say of each content where it lies; only what is there, in its size, is said to be."""
    totals = {"count": 0, "bytes": 0, "missing": 0}
    with listed.open() as lines, path.open("w") as file:
        for batch in _batches(lines):
            places = _places(runtime, target, [sha256 for sha256, _size in batch])
            for sha256, size in batch:
                there = places.get(sha256)
                there = there if there is not None and _has(target, there, size) else None
                line = {"sha256": sha256, "size": size, "path": there}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                totals["count"] += 1
                totals["bytes"] += size
                totals["missing"] += there is None
    return totals


def _batches(lines: Iterable[str]) -> Iterable[list[tuple[str, int]]]:
    batch: list[tuple[str, int]] = []
    for line in lines:
        sha256, size = line.split()
        batch.append((sha256, int(size)))
        if len(batch) == ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _places(runtime: Runtime, target: Target, digests: list[str]) -> dict[str, str]:
    query = select(Copy.sha256, Copy.path)
    query = query.where(Copy.place == place_of(target), Copy.sha256.in_(digests))
    with runtime.read() as work:
        return {row.sha256: row.path for row in work.session.execute(query)}


def _has(target: Target, key: str, size: int) -> bool:
    try:
        return target.size(key) == size
    except NotStored:
        return False


def _put_file(target: Target, key: str, path: Path) -> Part:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    stored = target.put(key, lambda: read_file(path), sha256=digest)
    return Part(key=key, size=stored.size, sha256=stored.sha256)


def configuration(settings: Settings) -> bytes:
    """The settings as JSON, without any secret: those are kept elsewhere, by people."""
    plain: dict[str, Any] = {
        name: value
        for name, value in settings.model_dump().items()
        if not isinstance(value, SecretStr)
    }
    if settings.database_url:
        url = make_url(settings.database_url)
        plain["database_url"] = url.render_as_string(hide_password=True)
    return json.dumps(plain, ensure_ascii=False, indent=1, default=str).encode()


def verify(target: Target, manifest: Manifest, tell: Tell = lambda _size: None) -> Verified:
    """Read every byte of a backup and compare; every OCFL object's structure too."""
    found = Verified()
    for part in (manifest.database, manifest.configuration, manifest.contents):
        try:
            manifests.check_part(target, manifest, part)
        except RepositoryError as error:
            found.problems.append(str(error))
            if part is manifest.contents:
                return found
    for line in manifests.content_lines(target, manifest):
        found.contents += 1
        found.bytes += line.size
        found.problems += _content_problems(target, line)
        tell(line.size)
    for folder in ocfl_check.objects(target):
        found.objects += 1
        found.problems += ocfl_check.problems(target, folder, skip="data/")
    return found


def _content_problems(target: Target, line: manifests.ContentLine) -> Iterable[str]:
    if line.path is None:
        yield f"{line.sha256}: was lost before this backup"
        return
    try:
        read = hash_of(target.read(line.path))
    except NotStored:
        yield f"{line.path}: missing"
        return
    if (read.sha256, read.size) != (line.sha256, line.size):
        yield f"{line.path}: reads as {read.sha256}"


def prune(runtime: Runtime, target: FolderTarget, terms: Terms) -> tuple[list[str], int]:
    """Let backups go that the policy no longer keeps, with what only they hold of `content/`.

    Objects of published versions are never removed. Gives the ids and how many contents went.
    """
    with exclusive(runtime.settings):
        there = manifests.backups(target)
        keep = kept(
            (manifest.created_at for manifest in there),
            daily=terms.keep_daily,
            weekly=terms.keep_weekly,
            monthly=terms.keep_monthly,
            yearly=terms.keep_yearly,
        )
        gone = [manifest for manifest in there if manifest.created_at not in keep]
        for manifest in gone:
            _delete(target, manifest)
        wanted = {
            line.path
            for manifest in there
            if manifest.created_at in keep
            for line in manifests.content_lines(target, manifest)
        }
        return [manifest.id for manifest in gone], _sweep(runtime, target, wanted)


def _delete(target: Target, manifest: Manifest) -> None:
    """The manifest first: from then on it is no backup, however far this comes."""
    target.delete(manifests.key_of(manifest.id, manifests.MANIFEST))
    for key in list(target.keys(f"{manifests.FOLDER}/{manifest.id}")):
        target.delete(key)


def _sweep(runtime: Runtime, target: Target, wanted: set[str | None]) -> int:
    """Contents that no kept backup names and the database does not know either."""
    place, removed = place_of(target), 0
    for key in list(target.keys("content")):
        if key in wanted:
            continue
        with runtime.read() as work:
            known = work.session.get(Copy, (key.rsplit("/", 1)[-1], place))
        if known is None or known.path != key:
            target.delete(key)
            removed += 1
    return removed
