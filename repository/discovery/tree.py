"""A version's files as folders, one folder at a time, so that 100,000 files open as fast as ten."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, select

from repository.access.file_rules import files_downloadable_by, files_listed_for
from repository.access.rules import Action, can
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.discovery.models import FolderSum
from repository.records.models import File, Version

PAGE = 100
LARGE = 1000
DEPTH = 8
BATCH = 1000


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
    license: str = ""
    puid: str = ""


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
    """What `actor` may have or know of. A folder that is not there is empty.

    Where all files of a version are alike, a large folder's were counted when it was published.
    """
    path = path.strip("/")
    counted = work.session.get(FolderSum, (version.id, path))
    alike = not version.own_file_access and path.count("/") < DEPTH - 1
    if counted is None or counted.files <= LARGE or not alike:
        return _by_grouping(work, actor, version, path, page)
    if not can(actor, Action.DOWNLOAD, version, work.clock.now()):
        return Folder(path, [], 0, page)
    return _as_counted(work, version, counted, page)


def count_folders(work: Work, version: Version) -> None:
    """Keep what lies in the large folders of a version; for when its files do not change any more.

    Of folders more than DEPTH down, files are put together when they are opened.
    """
    if version.file_count <= LARGE:
        return
    sums: dict[str, list[int]] = {}
    rows = select(File.path, File.size).where(File.version_id == version.id, File.committed)
    for path, size in work.session.execute(rows.execution_options(yield_per=5000)):
        parts = path.split("/")[:-1][:DEPTH]
        for depth in range(len(parts) + 1):
            found = sums.setdefault("/".join(parts[:depth]), [0, 0])
            found[0] += 1
            found[1] += size
    kept: list[dict[str, Any]] = []
    for path, (files, size) in sums.items():
        parent = path.rpartition("/")[0] if path else None
        if parent is None or sums[parent][0] > LARGE:
            kept.append({"path": path, "parent": parent, "files": files, "size": size})
    for begin in range(0, len(kept), BATCH):
        values = [{"version_id": version.id} | row for row in kept[begin : begin + BATCH]]
        work.session.execute(insert(FolderSum), values)


def _as_counted(work: Work, version: Version, folder: FolderSum, page: int) -> Folder:
    """Folders from their sums, then files by path, of which none is gone through but these."""
    prefix = f"{folder.path}/" if folder.path else ""
    inside = (FolderSum.version_id == version.id, FolderSum.parent == folder.path)
    counts = select(func.count(), func.coalesce(func.sum(FolderSum.files), 0)).where(*inside)
    folders, below = work.session.execute(counts).tuples().one()
    first = (page - 1) * PAGE
    found = work.session.scalars(
        select(FolderSum).where(*inside).order_by(FolderSum.path).offset(first).limit(PAGE)
    ).all()
    entries = [Entry(x.path[len(prefix) :], x.path, True, x.files, x.size) for x in found]
    direct = folder.files - int(below)
    if direct and len(entries) < PAGE:
        rest = func.substr(File.path, len(prefix) + 1)
        files = (
            select(File)
            .where(_below(work, version, prefix), _position(work, rest) == 0, File.committed)
            .order_by(File.path)
            .offset(max(first - folders, 0))
            .limit(PAGE - len(entries))
        )
        entries += [
            Entry(
                file.path[len(prefix) :],
                *(file.path, False, 1, file.size, file.media_type, file.sha256 or ""),
                puid=file.puid or "",
            )
            for file in work.session.scalars(files)
        ]
    return Folder(folder.path, entries, folders + direct, page)


def _by_grouping(work: Work, actor: Actor, version: Version, path: str, page: int) -> Folder:
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
            media_type="" if row.is_folder else row.media_type,
            sha256="" if row.locked or row.is_folder else row.sha256 or "",
            locked=bool(row.locked),
            opens_on=row.opens_on if row.locked and not row.is_folder else None,
            license="" if row.is_folder else row.license,
            puid="" if row.locked or row.is_folder else row.puid or "",
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
            File.license,
            File.puid,
            case((files_downloadable_by(actor, now), 0), else_=1).label("locked"),
        )
        .join(Version, Version.id == File.version_id)
        .where(
            _below(work, version, prefix),
            File.committed,
            files_listed_for(actor, now),
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
        func.min(below.c.license).label("license"),
        func.min(below.c.puid).label("puid"),
    ).group_by(below.c.name, below.c.is_folder)


def _below(work: Work, version: Version, prefix: str) -> ColumnElement[bool]:
    """Paths that begin with `prefix`. As a range it follows SQLite's index, which orders by bytes;
    PostgreSQL may order as a language does.
    """
    begins = and_(File.version_id == version.id, func.substr(File.path, 1, len(prefix)) == prefix)
    if not prefix or not _is_sqlite(work):
        return begins
    after = f"{prefix[:-1]}{chr(ord('/') + 1)}"
    return and_(begins, File.path >= prefix, File.path < after)


def _is_sqlite(work: Work) -> bool:
    return work.session.get_bind().dialect.name == "sqlite"


def _position(work: Work, text: ColumnElement[str]) -> ColumnElement[int]:
    """Where the first slash is, from 1; 0 where there is none. The two databases name it apart."""
    function = func.instr if _is_sqlite(work) else func.strpos
    return function(text, "/")
