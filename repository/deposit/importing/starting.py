"""A draft begun from a file: metadata in a format that can be read, or an archive with the data."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from repository.accounts.models import Actor
from repository.audit.services import log
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit.drafts import create_draft
from repository.deposit.files import put_file, receive
from repository.deposit.importing import archive as archives
from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.reading.base import MAX_BYTES
from repository.formats.reading.registry import Reading, understand
from repository.records.models import Draft
from storage.base import Stored

ZIP_TYPES = frozenset({"application/zip", "application/x-zip-compressed"})
_NOT_READ = N_("It cannot be read: %(reason)s")


@dataclass(frozen=True)
class Beginning:
    """What a file gives a draft: `label` says what it was taken for, `left` what is not kept."""

    label: str
    metadata: Mapping[str, Any]
    doi: str | None = None
    left: tuple[str, ...] = ()
    files: Mapping[str, Stored] = field(default_factory=dict)


def read_file(runtime: Runtime, stream: BinaryIO, name: str, media_type: str) -> Beginning:
    """Read what came; the bytes of an archive's files go to the store. `stream` can be rewound.

    Raises ValidationFailed, TooLarge, InsufficientStorage.
    """
    start = stream.read(4)
    stream.seek(0)
    if start == b"PK\x03\x04" or media_type in ZIP_TYPES:
        return _from_archive(runtime, stream)
    data = stream.read(MAX_BYTES + 1)
    found = _read(name, media_type, data)
    return Beginning(found.label, found.told.metadata, found.told.doi, found.told.left)


def _read(name: str, media_type: str, data: bytes) -> Reading:
    try:
        return understand(name, media_type, data)
    except UnreadableMetadata as error:
        wrong = FieldError("/file", _NOT_READ, {"reason": str(error)[:500]})
        raise ValidationFailed(errors=[wrong]) from error


def _from_archive(runtime: Runtime, stream: BinaryIO) -> Beginning:
    try:
        opened = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        wrong = FieldError("/file", _NOT_READ, {"reason": "ZIP"})
        raise ValidationFailed(errors=[wrong]) from error
    with opened as archive:
        found = archives.look_into(archive)
        label, told = "ZIP", Understood({})
        if found.member is not None:
            reading = _read(found.description, "", archives.small(archive, found.member))
            label, told = f"ZIP, {reading.label}", reading.told
        files: dict[str, Stored] = {}
        for path, info in found.files.items():
            with archives.opened(archive, info) as member:
                checked = archives.Checking(member, path, found.digests.get(path, {}))
                files[path] = receive(runtime, cast("BinaryIO", checked))
    return Beginning(label, told.metadata, told.doi, (*told.left, *found.left), files)


def begin(
    work: Work,
    actor: Actor,
    beginning: Beginning,
    defaults: Mapping[str, Any],
    *,
    keep_doi: bool = False,
) -> Draft:
    """A draft with all of it; `defaults` fill in what the file does not say. `keep_doi` says that
    it is the same work: the DOI in the file is the record's, and none is made.

    Raises Unauthenticated, Forbidden, ValidationFailed.
    """
    metadata = {**defaults, **beginning.metadata}
    draft = create_draft(work, actor, metadata)
    draft.external_doi = beginning.doi if keep_doi else None
    for path, stored in beginning.files.items():
        put_file(work, actor, draft.version_id, path, stored)
    log(work, actor.user_id, "draft.from-file", "version", draft.version_id, kind=beginning.label)
    return draft
