"""One item in, once: a record, a revision, a new version, or nothing."""

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import RepositoryError
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit.classes import class_of
from repository.deposit.drafts import (
    create_draft,
    edit_published,
    new_version,
    save_draft,
)
from repository.deposit.files import put_file, receive
from repository.deposit.importing.base import CannotImport, ImportFile, ImportItem
from repository.deposit.models import ImportedItem
from repository.deposit.publish import publish
from repository.records.access import AccessSettings
from repository.records.models import State, Version
from storage.base import Stored


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


LATER = ("terms", "data_class", "personal_data")  # settings that came after the first imports
Arrived = Sequence[tuple[ImportFile, Stored]]


def import_item(runtime: Runtime, actor: Actor, item: ImportItem) -> tuple[Outcome, str]:
    """Take one item in and publish it; the outcome and the version's id.

    The bytes go to the store first; then one transaction makes record, files, publication and
    ledger entry, so that nothing is there half. Other metadata than last time make a revision,
    other files a new version. Raises CannotImport.
    """
    try:
        arrived = [(file, _stored(runtime, file)) for file in item.files]
        with runtime.work() as work:
            return _import(work, actor, item, arrived)
    except RepositoryError as error:
        raise CannotImport(_explained(error)) from error


def _stored(runtime: Runtime, file: ImportFile) -> Stored:
    try:
        with file.source.open("rb") as stream:
            return receive(runtime, stream)
    except OSError as error:
        raise CannotImport(f"{file.path} cannot be read: {error.strerror}") from error


def _import(work: Work, actor: Actor, item: ImportItem, arrived: Arrived) -> tuple[Outcome, str]:
    work.lock(f"import:{item.source_key}")
    fingerprint, files_fingerprint = _fingerprints(item, arrived)
    known = work.session.get(ImportedItem, item.source_key)
    if known is not None and known.fingerprint == fingerprint:
        return Outcome.UNCHANGED, known.version_id
    if known is None:
        version = _create(work, actor, item, arrived)
    else:
        same_files = known.files_fingerprint == files_fingerprint
        version = _update(work, actor, item, arrived, known.version_id, same_files=same_files)
    work.session.merge(
        ImportedItem(
            source_key=item.source_key,
            version_id=version.id,
            fingerprint=fingerprint,
            files_fingerprint=files_fingerprint,
            imported_at=work.clock.now(),
        )
    )
    log(work, actor.user_id, "version.import", "version", version.id, source=item.source_key)
    return Outcome.CREATED if known is None else Outcome.UPDATED, version.id


def _create(work: Work, actor: Actor, item: ImportItem, arrived: Arrived) -> Version:
    metadata = _dated(item, work.clock.now().date().isoformat())
    draft = create_draft(work, actor, metadata, item.access, files_enabled=bool(arrived))
    draft.external_doi = item.external_doi
    _put_files(work, actor, draft.version_id, arrived)
    return publish(work, actor, draft.version_id, stage="import")


def _update(
    work: Work,
    actor: Actor,
    item: ImportItem,
    arrived: Arrived,
    version_id: str,
    *,
    same_files: bool,
) -> Version:
    version = work.session.get_one(Version, version_id)
    if version.state != State.PUBLISHED:
        raise CannotImport(f"it was imported before as {version_id}, which was withdrawn")
    date = work.clock.now().date().isoformat()
    if same_files:
        date = version.metadata_json["publication_date"]
        draft = edit_published(work, actor, version_id)
    else:
        draft = new_version(work, actor, version_id, carry_files=False)
        _put_files(work, actor, draft.version_id, arrived)
    highest = max(item.access.data_class, class_of(draft), key=lambda each: each.rank)
    save_draft(
        work,
        actor,
        draft.version_id,
        metadata=_dated(item, date),
        access=item.access.model_copy(update={"data_class": highest}),
        files_enabled=bool(arrived),
    )
    return publish(work, actor, draft.version_id, stage="import")


def _dated(item: ImportItem, date: str) -> dict[str, Any]:
    """With a date of publication where the source names none: when it came to be here."""
    return {"publication_date": date} | item.metadata


def _put_files(work: Work, actor: Actor, version_id: str, arrived: Arrived) -> None:
    for file, stored in arrived:
        row = put_file(work, actor, version_id, file.path, stored)
        row.description = dict(file.description)
        file.access.apply_to(row)


def _fingerprints(item: ImportItem, arrived: Arrived) -> tuple[str, str]:
    files = [
        (file.path, stored.sha256, dict(file.description))
        + (() if file.access.is_default else (file.access.told(),))
        for file, stored in arrived
    ]
    access = item.access.model_dump(mode="json")
    for name in LATER:
        if getattr(item.access, name) == AccessSettings.model_fields[name].default:
            del access[name]
    return digest([item.metadata, access, files]), digest(files)


def digest(value: Any) -> str:
    """The SHA-256 of a JSON value, whatever the order of its members."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _explained(error: RepositoryError) -> str:
    wrong = [f"{e.pointer}: {e.message % dict(e.params)}" for e in error.errors]
    return "; ".join([str(error), *wrong[:5]])
