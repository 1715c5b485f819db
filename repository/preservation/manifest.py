"""What a backup says it holds. It is written last: without it there is no backup."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, ValidationError

from repository.core.errors import NotFound, RepositoryError
from repository.core.messages import N_
from repository.preservation.dumps import TableDigest
from storage.backup.targets import Target, hash_of
from storage.base import NotStored

FOLDER = "backups"
MANIFEST, SIDECAR = "manifest.json", "manifest.json.sha256"
NOT_WHOLE = N_("The backup %(id)s is damaged: %(part)s.")
NONE_THERE = N_("There is no complete backup of that time in this place.")


class Part(BaseModel, frozen=True):
    """A file of the backup: key in the target, size in bytes, SHA-256."""

    key: str
    size: int
    sha256: str


class Contents(Part, frozen=True):
    """A file of JSON lines `{"sha256", "size", "path"}`: how many, how many bytes in all.

    `missing` of them had no good original any more when the backup was made (`path` is null).
    """

    count: int
    bytes: int
    missing: int = 0


class DatabaseDump(Part, frozen=True):
    """`kind` is `sqlite` (a database file) or `postgresql` (pg_dump's custom format)."""

    kind: str
    tables: dict[str, TableDigest]


class Manifest(BaseModel, frozen=True):
    """`created_at` is the moment that the database is of; `finished_at` that of writing this.

    Without a database it holds some files alone, and no repository comes back from it.
    """

    format: int = 1
    id: str
    created_at: datetime
    finished_at: datetime
    release: str
    policy: str
    database: DatabaseDump | None = None
    configuration: Part | None = None
    audit_log: Part | None = None
    contents: Contents

    @property
    def dump(self) -> DatabaseDump:
        """Raises NotFound where there is none."""
        if self.database is None:
            raise NotFound(NONE_THERE)
        return self.database

    @property
    def parts(self) -> list[Part]:
        found = (self.database, self.configuration, self.audit_log, self.contents)
        return [part for part in found if part is not None]


def key_of(backup_id: str, name: str) -> str:
    return f"{FOLDER}/{backup_id}/{name}"


def policy_of(manifest: Manifest) -> str:
    """The name of its policy, which is told with a version."""
    return manifest.policy.rpartition(" v")[0]


def write(target: Target, manifest: Manifest) -> None:
    """Its digest first, then itself: its presence is the proof that all else is there."""
    data = manifest.model_dump_json(indent=1).encode()
    digest = hashlib.sha256(data).hexdigest()
    sidecar = f"{digest}  {MANIFEST}\n".encode()
    target.replace(key_of(manifest.id, SIDECAR), sidecar)
    target.put(key_of(manifest.id, MANIFEST), lambda: iter([data]), sha256=digest)


def read(target: Target, backup_id: str) -> Manifest:
    """Raises NotFound where there is none, RepositoryError where it is damaged."""
    try:
        data = b"".join(target.read(key_of(backup_id, MANIFEST)))
        sidecar = b"".join(target.read(key_of(backup_id, SIDECAR)))
    except NotStored as error:
        raise NotFound(NONE_THERE) from error
    if sidecar.split(maxsplit=1)[:1] != [hashlib.sha256(data).hexdigest().encode()]:
        raise RepositoryError(NOT_WHOLE, id=backup_id, part=MANIFEST)
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        raise RepositoryError(NOT_WHOLE, id=backup_id, part=MANIFEST) from error


def backups(target: Target) -> list[Manifest]:
    """Every complete backup, newest first; one whose manifest is damaged is left out."""
    ids = {key.split("/")[1] for key in target.keys(FOLDER) if key.endswith(f"/{MANIFEST}")}
    found = []
    for backup_id in ids:
        try:
            found.append(read(target, backup_id))
        except RepositoryError:
            continue
    return sorted(found, key=lambda manifest: manifest.created_at, reverse=True)


def newest(
    target: Target, at: datetime | None = None, *, policy: str = "", whole: bool = False
) -> Manifest:
    """The newest complete backup, or the newest not after `at`; of a policy, if one is named;
    with the database, if it has to be `whole`. Raises NotFound.
    """
    for manifest in backups(target):
        if policy and policy_of(manifest) != policy:
            continue
        if whole and manifest.database is None:
            continue
        if at is None or manifest.created_at <= at:
            return manifest
    raise NotFound(NONE_THERE)


def check_part(target: Target, manifest: Manifest, part: Part) -> None:
    """Read a part back. Raises RepositoryError where it is not what the manifest says."""
    try:
        found = hash_of(target.read(part.key))
    except NotStored as error:
        raise RepositoryError(NOT_WHOLE, id=manifest.id, part=part.key) from error
    if (found.sha256, found.size) != (part.sha256, part.size):
        raise RepositoryError(NOT_WHOLE, id=manifest.id, part=part.key)


class ContentLine(BaseModel, frozen=True):
    sha256: str
    size: int
    path: str | None


def content_lines(target: Target, manifest: Manifest) -> Iterator[ContentLine]:
    """The backup's contents, line by line; its digest was checked before."""
    left = b""
    for chunk in target.read(manifest.contents.key):
        *whole, left = (left + chunk).split(b"\n")
        for line in whole:
            yield ContentLine.model_validate(json.loads(line))
