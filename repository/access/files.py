"""The files of a version that a reader may have, or know of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import case, func, select

from repository.access.file_rules import files_downloadable_by, files_listed_for
from repository.access.rules import Action, can
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.records.document import FileEntry, Variable
from repository.records.models import File, TableProfile, Version

MAX_FILES = 1000


@dataclass(frozen=True)
class Counted:
    """How many files a reader may have, their bytes, and how many more are only listed."""

    files: int
    size: int
    locked: int = 0


def count_files(work: Work, actor: Actor, version: Version) -> Counted:
    """Without reading the files where all of them are alike."""
    if not version.own_file_access:
        if not can(actor, Action.DOWNLOAD, version, work.clock.now()):
            return Counted(0, 0)
        return Counted(version.file_count, version.file_bytes)
    now = work.clock.now()
    opened = files_downloadable_by(actor, now)
    query = (
        select(
            func.coalesce(func.sum(case((opened, 1), else_=0)), 0),
            func.coalesce(func.sum(case((opened, File.size), else_=0)), 0),
            func.count(),
        )
        .join(Version, Version.id == File.version_id)
        .where(File.version_id == version.id, File.committed, files_listed_for(actor, now))
    )
    files, size, listed = work.session.execute(query).one()
    return Counted(int(files), int(size), listed - int(files))


def file_entries(
    work: Work,
    actor: Actor,
    version: Version,
    *,
    after: str = "",
    limit: int = MAX_FILES,
    locked: bool = False,
) -> Sequence[FileEntry]:
    """Files that `actor` may have, in the order of their paths, from the first past `after`;
    with `locked` those too of which they may only know that they are there.
    """
    if limit == 0:
        return []
    now = work.clock.now()
    opened = files_downloadable_by(actor, now)
    query = (
        select(File, opened.label("open"))
        .join(Version, Version.id == File.version_id)
        .where(
            File.version_id == version.id,
            File.committed,
            File.path > after,
            files_listed_for(actor, now) if locked else opened,
        )
        .order_by(File.path)
        .limit(limit)
    )
    rows = work.session.execute(query).tuples().all()
    found = _columns(work, [file for file, is_open in rows if is_open])
    return [
        file_entry(work, file, found.get(file.sha256 or "", ()), locked=not is_open)
        for file, is_open in rows
    ]


def addresses_in_batches(
    work: Work, actor: Actor, version: Version, size: int = MAX_FILES
) -> Iterator[list[tuple[str, str]]]:
    """Address and media type of every file that `actor` may have, `size` at a time, by path."""
    query = (
        select(File.path, File.media_type)
        .join(Version, Version.id == File.version_id)
        .where(
            File.version_id == version.id,
            File.committed,
            files_downloadable_by(actor, work.clock.now()),
        )
        .order_by(File.path)
        .limit(size)
    )
    after = ""
    while found := work.session.execute(query.where(File.path > after)).all():
        yield [(file_url(work, version.id, path), media_type) for path, media_type in found]
        after = found[-1].path


def file_entry(
    work: Work, file: File, columns: Sequence[Any] = (), *, locked: bool = False
) -> FileEntry:
    """The caller asked the rule. Nothing tells of a locked file's inside, a digest neither."""
    return FileEntry(
        path=file.path,
        size=file.size,
        media_type=file.media_type,
        sha256="" if locked else file.sha256 or "",
        url=file_url(work, file.version_id, file.path),
        variables=() if locked else variables_of(file, columns),
        license=file.license,
        puid="" if locked else file.puid or "",
        locked=locked,
        opens_on=file.embargo_until if locked else None,
    )


def _columns(work: Work, files: Sequence[File]) -> dict[str, list[Any]]:
    """The columns that were found in tables, by content."""
    digests = {file.sha256 for file in files if file.sha256}
    query = select(TableProfile.sha256, TableProfile.variables).where(
        TableProfile.sha256.in_(digests)
    )
    return {row.sha256: row.variables for row in work.session.execute(query)}


def variables_of(file: File, found: Sequence[Any]) -> tuple[Variable, ...]:
    """The columns found in a table with what its depositor says of them; else those described.

    Other words in a description are left. A type that was stated goes before one that was found.
    """
    names = Variable.__dataclass_fields__
    told = {
        str(each["name"]): {key: str(text) for key, text in each.items() if key in names}
        for each in file.description.get("variables") or []
        if isinstance(each, dict) and each.get("name")
    }
    if not found:
        return tuple(Variable(**each) for each in told.values())
    return tuple(Variable(**(each | told.get(each["name"], {}))) for each in found)


def landing_url(work: Work, version_id: str) -> str:
    return f"{work.settings.base_url}/records/{version_id}"


def file_url(work: Work, version_id: str, path: str) -> str:
    return f"{landing_url(work, version_id)}/files/{quote(path)}"
