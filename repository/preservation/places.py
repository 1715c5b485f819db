"""The two places of a copy, the store and the backup, opened as the settings say."""

import secrets
from pathlib import Path

from repository.core.errors import RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.preservation.models import STORE
from storage.backup import ocfl
from storage.backup.targets import FolderTarget, Target, hash_of, stream_of
from storage.base import NotStored, Stored

IDENTITY = "target-id"
NO_TARGET = N_("Name a folder for backups in REPOSITORY_BACKUP_TARGET.")
NOT_A_BACKUP = N_("There is no backup in %(folder)s.")
INSIDE = N_("REPOSITORY_BACKUP_TARGET lies inside the data folder; choose another disk.")


def target_for_writing(settings: Settings) -> FolderTarget:
    """The backup folder, made ready. Raises ValidationFailed, StorageError."""
    if not settings.backup_target:
        raise ValidationFailed(NO_TARGET)
    folder = Path(settings.backup_target).resolve()
    if folder.is_relative_to(settings.data_dir.resolve()):
        raise ValidationFailed(INSIDE)
    target = FolderTarget(folder)
    target.prepare()
    ocfl.prepare_root(target)
    if not _holds(target, IDENTITY):
        target.replace(IDENTITY, secrets.token_hex(6).encode())
    return target


def place_of(target: Target) -> str:
    """What rows call this target, wherever it is mounted."""
    return f"backup:{b''.join(target.read(IDENTITY)).decode()}"


def target_for_reading(folder: str) -> FolderTarget:
    """A folder that holds backups. Raises RepositoryError where it holds none."""
    if not folder:
        raise ValidationFailed(NO_TARGET)
    target = FolderTarget(Path(folder))
    if not is_ready(target):
        raise RepositoryError(NOT_A_BACKUP, folder=folder)
    return target


def ready_target(settings: Settings) -> FolderTarget | None:
    """The backup folder if there is one and it is mounted: an empty mount point is not taken
    for a backup whose every copy was lost.
    """
    if not settings.backup_target:
        return None
    target = FolderTarget(Path(settings.backup_target))
    return target if is_ready(target) else None


def is_ready(target: Target) -> bool:
    return _holds(target, IDENTITY)


def _holds(target: Target, key: str) -> bool:
    try:
        target.size(key)
    except NotStored:
        return False
    return True


def rewrite(runtime: Runtime, target: Target, place: str, path: str, sha256: str) -> Stored:
    """Put right the copy in `place` from the other one, which is read and proved good first.

    Raises StorageError when the other is not good either; the bad copy is then left as it is.
    """
    if place == STORE:
        good = _proved(hash_of(target.read(path)), sha256)
        runtime.store.delete(sha256)
        return runtime.store.write(stream_of(target.read(path)), size=good.size, sha256=sha256)
    return target.put(path, lambda: runtime.store.read(sha256), sha256=sha256)


def _proved(found: Stored, sha256: str) -> Stored:
    if found.sha256 != sha256:
        raise NotStored(f"no good copy of {sha256}")
    return found
