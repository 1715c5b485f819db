"""What keeps a draft from being published: for the form, while it is typed, and for `publish`."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.access import AccessSettings
from repository.records.metadata import Metadata, Problem, Stage, accept, problems
from repository.records.models import Draft, File, State
from repository.vocabularies import subjects

MAX_NAMED = 20


def find_problems(work: Work, draft: Draft, stage: Stage = "publish") -> list[Problem]:
    """Everything worth telling of a draft; pointers start at `/metadata`, `/access`, `/files`.

    Those of severity `error` keep it from being published.
    """
    found = metadata_problems(work, draft.metadata_json, stage)
    others = [*access_of(draft.access)[1], *_file_problems(work, draft)]
    return found + [Problem(e.pointer, e.message, dict(e.params), "error") for e in others]


def metadata_problems(
    work: Work, metadata: dict[str, Any], stage: Stage, lookup: subjects.Lookup | None = None
) -> list[Problem]:
    """What there is to tell of metadata alone; pointers start at `/metadata`."""
    found = [
        Problem(f"/metadata{p.pointer}", p.message, dict(p.params), p.severity)
        for p in problems(completed(work, metadata), stage)
    ]
    return found + list(_subject_problems(work, metadata, stage, lookup))


def completed(work: Work, metadata: dict[str, Any]) -> dict[str, Any]:
    """With what the repository itself knows, where the depositor said nothing."""
    return metadata | {"publisher": metadata.get("publisher") or work.settings.publisher}


def checked(
    work: Work, draft: Draft, stage: Stage = "publish"
) -> tuple[dict[str, Any], AccessSettings]:
    """The draft's metadata and access as a published version has them. Raises ValidationFailed."""
    errors = [
        FieldError(p.pointer, p.message, p.params)
        for p in find_problems(work, draft, stage)
        if p.severity == "error"
    ]
    if errors:
        raise ValidationFailed(N_("The record cannot be published yet."), errors=errors)
    return as_published(work, draft.metadata_json), access_of(draft.access)[0]


def as_published(
    work: Work, metadata: dict[str, Any], lookup: subjects.Lookup | None = None
) -> dict[str, Any]:
    """Valid metadata as a published version keeps them, with terms as their lists have them."""
    whole = Metadata.model_validate(completed(work, metadata))
    return subjects.completed(work, whole.model_dump(mode="json", exclude_none=True), lookup)


def _subject_problems(
    work: Work, metadata: dict[str, Any], stage: Stage, lookup: subjects.Lookup | None
) -> Iterator[Problem]:
    """What was published elsewhere is kept as it was, codes we do not know too."""
    for found in subjects.problems_of(work, accept(metadata), lookup):
        severity = found.severity if stage == "publish" else "warning"
        yield Problem(f"/metadata{found.pointer}", found.message, found.params, severity)


def access_of(raw: dict[str, Any]) -> tuple[AccessSettings, list[FieldError]]:
    """Access settings as typed, and what is wrong with them; restricted where unreadable."""
    try:
        settings = AccessSettings.model_validate(raw)
    except ValidationError as error:
        unreadable = [
            FieldError(
                "/".join(["/access", *map(str, wrong["loc"])]),
                N_("Write a date such as 2027-01-31.")
                if "until" in wrong["loc"]
                else N_("This value is not understood."),
            )
            for wrong in error.errors(include_url=False, include_input=False)
        ]
        return AccessSettings(record="restricted", files="restricted"), unreadable
    return settings, [*settings.problems(), *settings.obstacles()]


def _file_problems(work: Work, draft: Draft) -> Iterator[FieldError]:
    files = select(func.count()).select_from(File).where(File.version_id == draft.version_id)
    total = work.session.scalar(files) or 0
    if draft.files_enabled and not total:
        message = N_("Add at least one file, or say that the record has metadata only.")
        yield FieldError("/files", message)
    if not draft.files_enabled and total:
        yield FieldError("/files", N_("Remove the files, or say that the record has files."))
    waiting = (
        files.with_only_columns(File.path)
        .where(~File.committed, File.deleted_at.is_(None))
        .limit(MAX_NAMED)
    )
    infected = files.with_only_columns(File.path).where(File.quarantined)
    if draft.version.state == State.DRAFT:
        for path in work.session.scalars(infected.limit(MAX_NAMED)):
            message = N_("Malware seems to be in the file %(path)s; remove it.")
            yield FieldError("/files", message, {"path": path})
    for path in work.session.scalars(waiting.limit(MAX_NAMED)):
        message = N_("The file %(path)s has not arrived whole; send it again or remove it.")
        yield FieldError("/files", message, {"path": path})
