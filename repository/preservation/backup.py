"""Making backups, and reading them back."""

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
from repository.core.copies import Copy
from repository.core.errors import RepositoryError
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.preservation import manifest as manifests
from repository.preservation.dumps import dumped, table_digests
from repository.preservation.manifest import Contents, DatabaseDump, Manifest, Part
from repository.preservation.places import open_for_writing, place_of
from repository.preservation.policies import DEFAULT, Duty, wanted
from repository.preservation.replication import Progress, replicate, wanted_versions
from repository.preservation.runs import BACKUP, exclusive, recorded
from repository.records.models import Content, File, Version
from storage.backup import ocfl_check
from storage.backup.targets import Target, hash_of, read_file
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


def run(runtime: Runtime, tell: Tell = lambda _size: None, duty: Duty | None = None) -> Made:
    """Make a backup, of the default policy at its first site where no duty is named.

    Killed at any moment, the next run goes on with what is copied already. Raises
    InsufficientStorage, Unavailable, Conflict (one is running), ValidationFailed.
    """
    if duty is None:
        with runtime.read() as work:
            [duty, *_] = wanted(work, DEFAULT)
    with exclusive(runtime.settings), recorded(runtime, BACKUP, duty) as row:
        target = open_for_writing(runtime, duty)
        progress = replicate(
            runtime, target, terms=duty.policy.terms, abroad=duty.abroad, tell=tell
        )
        made = _written(runtime, target, duty, tell)
        row.backup_id = made.id
        row.figures = {
            "contents": made.contents.count,
            "bytes": made.contents.bytes,
            "missing": made.contents.missing,
            "copied_bytes": progress.bytes,
        }
    return Made(made, progress)


def _written(runtime: Runtime, target: Target, duty: Duty, tell: Tell) -> Manifest:
    created, terms = runtime.clock.now(), duty.policy.terms
    backup_id = f"{created:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    database = audit = stored = None
    with tempfile.TemporaryDirectory(dir=runtime.settings.data_dir, prefix="backup-") as folder:
        listed = Path(folder) / "contents"
        if terms.database:
            dump = Path(folder) / "database"
            with dumped(runtime.database, runtime.settings, dump) as connection:
                tables = table_digests(connection)
                _list_contents(connection, listed)
                if terms.audit_log:
                    _write_audit_log(connection, dump.with_suffix(".audit"))
            kind = "sqlite" if runtime.database.is_sqlite else "postgresql"
            part = _put_file(target, manifests.key_of(backup_id, f"database.{kind}"), dump)
            database = DatabaseDump(**part.model_dump(), kind=kind, tables=tables)
            if terms.audit_log:
                key = manifests.key_of(backup_id, "audit.jsonl")
                audit = _put_file(target, key, dump.with_suffix(".audit"))
        else:
            _list_wanted(runtime, duty, listed)
        # What arrived since the last look:
        replicate(runtime, target, terms=terms, abroad=duty.abroad, tell=tell)
        totals = _with_places(runtime, target, listed, listed.with_suffix(".jsonl"))
        key = manifests.key_of(backup_id, "contents.jsonl")
        contents = _put_file(target, key, listed.with_suffix(".jsonl"))
    if terms.configuration:
        data = configuration(runtime.settings)
        key = manifests.key_of(backup_id, "configuration.json")
        found = target.put(key, lambda: iter([data]), sha256=hashlib.sha256(data).hexdigest())
        stored = Part(key=key, size=found.size, sha256=found.sha256)
    manifest = Manifest(
        id=backup_id,
        created_at=created,
        finished_at=runtime.clock.now(),
        release=__version__,
        policy=duty.policy.label,
        database=database,
        configuration=stored,
        audit_log=audit,
        contents=Contents(**contents.model_dump(), **totals),
    )
    manifests.write(target, manifest)
    return manifest


def _list_wanted(runtime: Runtime, duty: Duty, path: Path) -> None:
    """The contents of a policy for some of the files."""
    with runtime.read() as work, path.open("w") as file:
        wanted = wanted_versions(work, duty.policy.terms, abroad=duty.abroad)
        versions = select(Version.id).where(wanted)
        query = select(Content.sha256, Content.size).where(
            Content.sha256.in_(select(File.sha256).where(File.version_id.in_(versions)))
        )
        for sha256, size in work.session.execute(query):
            file.write(f"{sha256} {size}\n")


def _write_audit_log(connection: Connection, path: Path) -> None:
    """A line of JSON for each entry, which is read without this program or a database."""
    query = text("SELECT * FROM audit_events ORDER BY id")
    with path.open("w") as file:
        rows = connection.execute(query, execution_options={"stream_results": True})
        for row in rows.mappings():
            file.write(json.dumps(dict(row), ensure_ascii=False, default=str) + "\n")


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
    for part in manifest.parts:
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
