"""A version as an anonymous reviewer is shown it: nothing that names its people.

What is kept is listed, so that a new field of the metadata stays out until somebody lets it in.
No identifier, publisher or collection either: each leads to a page with names.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, select

from repository.access.file_rules import is_kept
from repository.access.links import reviewed_metadata
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.core.zipping import Archive
from repository.discovery.packed import Rows
from repository.records.document import AccessStatus, Document
from repository.records.metadata import Metadata
from repository.records.models import File, Version

SHOWN = (
    *("resource_type", "titles", "descriptions", "subjects", "languages", "dates"),
    *("sizes", "formats", "locations", "rights", "version"),
)
LISTED = 1000
MAX_NAMES = 20


def blind_document(work: Work, version: Version) -> Document:
    """Stands in for what is missing in a draft; leaves out what has no shape to be shown."""
    return Document(
        id="",
        concept_id="",
        doi=None,
        concept_doi=None,
        url="",
        concept_url="",
        metadata=_blind_metadata(work, reviewed_metadata(work, version)),
        access=AccessStatus("restricted", "restricted", "restricted"),
        number=version.number,
        is_latest=True,
        revision=version.revision,
        created_at=version.created_at,
        updated_at=version.updated_at,
        published_at=None,
    )


def _blind_metadata(work: Work, told: dict[str, Any]) -> Metadata:
    kept = {name: told[name] for name in SHOWN if told.get(name)}
    stand_ins = {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": "…"}],
        "creators": [{"person_or_org": {"type": "organizational", "name": "…"}}],
        "publisher": "…",
        "publication_date": work.clock.now().date().isoformat(),
    }
    while True:
        try:
            return Metadata.model_validate(stand_ins | kept)
        except ValidationError as error:
            wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]} & kept.keys()
            kept = {name: value for name, value in kept.items() if wrong and name not in wrong}


def blind_files(work: Work, version: Version) -> Sequence[File]:
    """The first files of a version by path; all that are kept, whoever else may have them."""
    query = (
        select(File)
        .join(Version, Version.id == File.version_id)
        .where(File.version_id == version.id, _shown(work))
        .order_by(File.path)
        .limit(LISTED)
    )
    return work.session.scalars(query).all()


def blind_file(work: Work, version: Version, path: str) -> File:
    """Raises NotFound."""
    query = (
        select(File)
        .join(Version, Version.id == File.version_id)
        .where(File.version_id == version.id, File.path == path, _shown(work))
    )
    file = work.session.scalar(query)
    if file is None:
        raise NotFound
    return file


def blind_archive(runtime: Runtime, work: Work, version: Version) -> Archive:
    """The files alone: a bag would say where they are from. Raises NotFound without any."""
    rows = Rows(runtime, version, _shown(work))
    if not rows.groups:
        raise NotFound(N_("This record has no files."))
    return Archive(rows.segments(""), version.created_at)


def _shown(work: Work) -> ColumnElement[bool]:
    return File.committed & is_kept(work.clock.now().date())


def names_told(work: Work, version: Version) -> list[str]:
    """Names of its people that stand in texts or file names that a reviewer will see, for the
    depositor to take out: no program knows what else may give them away.
    """
    told = reviewed_metadata(work, version)
    texts = [_text(told.get(name)) for name in ("titles", "descriptions", "subjects")]
    texts += [file.path for file in blind_files(work, version)]
    seen = "\n".join(texts).casefold()
    return [name for name in _names(told) if name.casefold() in seen][:MAX_NAMES]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(map(_text, value.values()))
    if isinstance(value, list):
        return "\n".join(map(_text, value))
    return value if isinstance(value, str) else ""


def _names(told: dict[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for agent in (*(told.get("creators") or ()), *(told.get("contributors") or ())):
        person = agent.get("person_or_org") if isinstance(agent, dict) else None
        named = person if isinstance(person, dict) else {}
        family, given = (str(named.get(each) or "") for each in ("family_name", "given_name"))
        both = [f"{family} {given}", f"{given} {family}"] if family and given else []
        for name in (*both, str(named.get("name") or "")):
            if len(name.strip()) > 3:
                found[name.strip()] = None
    return list(found)
