"""Putting the sample records into an empty repository, through the doors that everyone uses."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from repository.accounts import verification
from repository.accounts.models import Actor, User
from repository.accounts.services import create_user, find
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.curation.collections import create
from repository.curation.members import set_member
from repository.curation.placing import place
from repository.deposit.importing.base import ImportFile, ImportItem
from repository.deposit.importing.services import import_item
from repository.deposit.models import ImportedItem
from repository.records.access import AccessSettings
from repository.records.collections import Collection
from repository.records.file_access import FileAccess
from repository.records.models import Version
from repository.sample.collections import SAMPLE_COLLECTIONS, SampleCollection
from repository.sample.records import SampleRecord, sample_records
from repository.sample.users import DEMO_USERS, DemoUser


def load_samples(runtime: Runtime, progress: Callable[[str], None]) -> int:
    """Make the demo users and records that are not there yet; how many records there are.

    Runs again without making anything twice, and leaves alone what was changed since.
    """
    actors = _users(runtime)
    records = list(sample_records())
    for number, sample in enumerate(records, start=1):
        progress(f"sample {number}/{len(records)}: {sample.slug}")
        import_item(runtime, actors[sample.owner], _item(sample))
    owners = {sample.slug: actors[sample.owner] for sample in records}
    for told in SAMPLE_COLLECTIONS:
        _collection(runtime, told, actors, owners)
    return len(records)


def _collection(
    runtime: Runtime,
    told: SampleCollection,
    actors: Mapping[str, Actor],
    owners: Mapping[str, Actor],
) -> None:
    """With its members and records, where there is no such collection yet."""
    emails: dict[str, str] = {demo.role: demo.email for demo in DEMO_USERS}
    with runtime.work() as work:
        if work.session.scalar(select(Collection.id).where(Collection.slug == told.slug)):
            return
        values = {name: value for name, value in vars(told).items() if isinstance(value, str)}
        made = create(work, actors["admin"], values)
        for user, role in told.members.items():
            set_member(work, actors["admin"], made, email=emails[user], role=role)
        for slug in told.records:
            imported = work.session.get(ImportedItem, f"sample:{slug}")
            version = work.session.get(Version, imported.version_id) if imported else None
            if version is not None:
                place(work, actors["admin"], made, version.record)


def _users(runtime: Runtime) -> dict[str, Actor]:
    with runtime.work() as work:
        return {demo.role: Actor.of(_user(work, demo)) for demo in DEMO_USERS}


def _user(work: Work, demo: DemoUser) -> User:
    found = find(work, demo.email)
    if found is not None:
        return found
    made = create_user(
        work, email=demo.email, password=demo.password, name=demo.name, role=demo.role
    )
    return verification.vouch(work, None, made.id)


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
