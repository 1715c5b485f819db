"""A version's files as folders, one folder at a time, so that 100,000 files open as fast as ten."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, select

from repository.core.work import Work
from repository.records.models import File, Version

PAGE = 100


@dataclass(frozen=True)
class Entry:
    """A folder with how many files and bytes lie in it, or a file with its type and digest."""

    name: str
    path: str
    is_folder: bool
    files: int
    size: int
    media_type: str = ""
    sha256: str = ""


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


def open_folder(work: Work, version: Version, path: str = "", page: int = 1) -> Folder:
    """The caller asked the access rule. A folder that is not there is empty."""
    path = path.strip("/")
    prefix = f"{path}/" if path else ""
    listed = _grouped(work, version, prefix).subquery()
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
            sha256=row.sha256 or "",
        )
        for row in rows
    ]
    return Folder(path, entries, total, page)


def _grouped(work: Work, version: Version, prefix: str) -> Select[tuple[str, int, int, int]]:
    """Files below `prefix`, those of one folder put together by what follows the prefix."""
    rest: ColumnElement[str] = func.substr(File.path, len(prefix) + 1)
    slash = _position(work, rest)
    below = (
        select(
            case((slash > 0, func.substr(rest, 1, slash - 1)), else_=rest).label("name"),
            case((slash > 0, 1), else_=0).label("is_folder"),
            File.size,
            File.media_type,
            File.sha256,
        )
        .where(
            File.version_id == version.id,
            File.committed,
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
    ).group_by(below.c.name, below.c.is_folder)


def _position(work: Work, text: ColumnElement[str]) -> ColumnElement[int]:
    """Where the first slash is, from 1; 0 where there is none. The two databases name it apart."""
    function = func.instr if work.session.get_bind().dialect.name == "sqlite" else func.strpos
    return function(text, "/")
