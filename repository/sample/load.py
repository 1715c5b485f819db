"""Putting the sample records into an empty repository, through the doors that everyone uses."""

from collections.abc import Callable

from repository.accounts.models import Actor
from repository.accounts.services import create_user, find
from repository.core.runtime import Runtime
from repository.deposit.importing.base import ImportFile, ImportItem
from repository.deposit.importing.services import import_item
from repository.records.access import AccessSettings
from repository.records.file_access import FileAccess
from repository.sample.records import SampleRecord, sample_records
from repository.sample.users import DEMO_USERS


def load_samples(runtime: Runtime, progress: Callable[[str], None]) -> int:
    """Make the demo users and records that are not there yet; how many records there are.

    Runs again without making anything twice, and leaves alone what was changed since.
    """
    actors = _users(runtime)
    records = list(sample_records())
    for number, sample in enumerate(records, start=1):
        progress(f"sample {number}/{len(records)}: {sample.slug}")
        import_item(runtime, actors[sample.owner], _item(sample))
    return len(records)


def _users(runtime: Runtime) -> dict[str, Actor]:
    with runtime.work() as work:
        return {
            demo.role: Actor.of(
                find(work, demo.email)
                or create_user(
                    work, email=demo.email, password=demo.password, name=demo.name, role=demo.role
                )
            )
            for demo in DEMO_USERS
        }


def _item(sample: SampleRecord) -> ImportItem:
    return ImportItem(
        source_key=f"sample:{sample.slug}",
        metadata=sample.metadata,
        access=AccessSettings.model_validate(sample.access),
        files=[
            ImportFile(path, source, access=FileAccess.model_validate(access))
            for path, source in sample.files
            for access in [sample.file_access.get(path, {})]
        ],
    )
