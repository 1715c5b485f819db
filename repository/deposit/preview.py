"""A draft as its landing page will show it."""

from typing import Any

from pydantic import ValidationError

from repository.access.files import file_entry, landing_url
from repository.access.rules import status
from repository.core.work import Work
from repository.deposit.checks import access_of, completed
from repository.deposit.listing import count_files, draft_files
from repository.records.document import AccessStatus, Document, FileEntry
from repository.records.doi import trial_prefix
from repository.records.metadata import Metadata
from repository.records.models import Draft, Version

MAX_FILES = 1000


def preview_document(work: Work, draft: Draft, untitled: str) -> Document | None:
    """What publishing now would say; a word stands in where something is still missing.

    None when what was typed has no shape that could be shown. Only for those whose draft it is.
    """
    try:
        metadata = Metadata.model_validate(_filled(work, draft, untitled))
    except ValidationError:
        return None
    version, proposed = draft.version, _proposed(draft)
    count, size = count_files(work, version.id)
    return Document(
        id=version.id,
        concept_id=version.record_id,
        doi=version.doi,
        concept_doi=version.record.doi,
        url=landing_url(work, version.id),
        concept_url=landing_url(work, version.record_id),
        metadata=metadata,
        access=_access(work, proposed),
        number=version.number,
        is_latest=True,
        revision=version.revision,
        created_at=version.created_at,
        updated_at=draft.updated_at,
        published_at=version.published_at or work.clock.now(),
        files=tuple(_files(work, version)),
        file_count=count,
        file_bytes=size,
        repository_name=work.settings.site_name,
        test_prefix=trial_prefix(work.settings),
        terms=proposed.terms,
        data_class=proposed.data_class,
        personal_data_ground=proposed.personal_data_ground,
    )


def _filled(work: Work, draft: Draft, untitled: str) -> dict[str, Any]:
    told = completed(work, draft.metadata_json)
    missing = {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": untitled}],
        "creators": [{"person_or_org": {"name": untitled}}],
        "publication_date": work.clock.now().date().isoformat(),
    }
    has_title = told.get("titles") or told.get("title")
    return told | {
        key: value
        for key, value in missing.items()
        if not (has_title if key == "titles" else told.get(key))
    }


def _proposed(draft: Draft) -> Version:
    """A version, of no session, with the access that the draft would give it."""
    settings, _wrong = access_of(draft.access)
    proposed = Version(files_enabled=draft.files_enabled)
    settings.apply_to(proposed)
    return proposed


def _access(work: Work, proposed: Version) -> AccessStatus:
    return AccessStatus(
        status=status(proposed, work.clock.now().date()),
        record=proposed.record_access,
        files=proposed.files_access,
        embargo_until=proposed.embargo_until,
        embargo_reason=proposed.embargo_reason,
    )


def _files(work: Work, version: Version) -> list[FileEntry]:
    return [
        file_entry(work, file)
        for file in draft_files(work, version.id, limit=MAX_FILES)
        if file.deleted_at is None
    ]
