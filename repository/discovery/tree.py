"""A version's files as folders, one folder at a time, so that 100,000 files open as fast as ten."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, case, func, select

from repository.access.file_rules import files_downloadable_by, files_listed_for
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.records.models import File, Version

PAGE = 100


@dataclass(frozen=True)
class Entry:
    """A folder with how many files and bytes lie in it, or a file with its type and digest.

    A `locked` file is listed for the reader and no more; a folder is locked when all in it is.
    """

    name: str
    path: str
    is_folder: bool
    files: int
    size: int
    media_type: str = ""
    sha256: str = ""
    locked: bool = False
    opens_on: date | None = None


@dataclass(frozen=True)
class Folder:
    """What lies in `path` ("" is the top): at most PAGE entries, folders first."""

    path: str
    entries: list[Entry]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    @property
    def parents(self) -> list[tuple[str, str]]:
        """Name and path of each folder from the top down to this one."""
        parts = self.path.split("/") if self.path else []
        return [(part, "/".join(parts[: i + 1])) for i, part in enumerate(parts)]


def open_folder(
    work: Work, actor: Actor, version: Version, path: str = "", page: int = 1
) -> Folder:
    """What `actor` may have or know of. A folder that is not there is empty."""
    path = path.strip("/")
    prefix = f"{path}/" if path else ""
    listed = _grouped(work, actor, version, prefix).subquery()
    total = work.session.scalar(select(func.count()).select_from(listed)) or 0
    rows = work.session.execute(
        select(listed)
        .order_by(listed.c.is_folder.desc(), listed.c.name)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    entries = [
        Entry(
            name=row.name,
            path=prefix + row.name,
            is_folder=bool(row.is_folder),
            files=row.files,
            size=int(row.size),
            media_type=row.media_type,
            sha256="" if row.locked else row.sha256 or "",
            locked=bool(row.locked),
            opens_on=row.opens_on if row.locked and not row.is_folder else None,
        )
        for row in rows
    ]
    return Folder(path, entries, total, page)


def _grouped(
    work: Work, actor: Actor, version: Version, prefix: str
) -> Select[tuple[str, int, int, int]]:
    """Files below `prefix`, those of one folder put together by what follows the prefix."""
    rest: ColumnElement[str] = func.substr(File.path, len(prefix) + 1)
    slash = _position(work, rest)
    now = work.clock.now()
    below = (
        select(
            case((slash > 0, func.substr(rest, 1, slash - 1)), else_=rest).label("name"),
            case((slash > 0, 1), else_=0).label("is_folder"),
            File.size,
            File.media_type,
            File.sha256,
            File.embargo_until,
            case((files_downloadable_by(actor, now), 0), else_=1).label("locked"),
        )
        .join(Version, Version.id == File.version_id)
        .where(
            File.version_id == version.id,
            File.committed,
            files_listed_for(actor, now),
            func.substr(File.path, 1, len(prefix)) == prefix,
        )
        .subquery()
    )
    return select(
        below.c.name,
        below.c.is_folder,
        func.count().label("files"),
        func.sum(below.c.size).label("size"),
        func.min(below.c.media_type).label("media_type"),
        func.min(below.c.sha256).label("sha256"),
        func.min(below.c.locked).label("locked"),
        func.min(below.c.embargo_until).label("opens_on"),
    ).group_by(below.c.name, below.c.is_folder)


def _position(work: Work, text: ColumnElement[str]) -> ColumnElement[int]:
    """Where the first slash is, from 1; 0 where there is none. The two databases name it apart."""
    function = func.instr if work.session.get_bind().dialect.name == "sqlite" else func.strpos
    return function(text, "/")
