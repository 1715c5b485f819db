"""What archives of a whole version are made of: its files row by row, texts, and long lists that
are written anew each time they are read, so that 100,000 files take no more memory than ten.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    case,
    cast,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from repository.access.file_rules import files_given_to
from repository.accounts.models import Actor
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.core.zipping import LIMIT_32, Member, Segment, Sums
from repository.records.models import Content, File, Version

ROWS = 500
GROUP = 5000  # files of a segment: what a download that goes on skips without reading them


@dataclass(frozen=True)
class Row:
    """One file; `crc` is None until a job has computed it, `license` an id where it has its own,
    `puid` its format in the PRONOM registry where that is known.
    """

    path: str
    size: int
    sha256: str
    media_type: str
    crc: int | None
    license: str
    puid: str = ""


@dataclass(frozen=True)
class Group:
    """Files that follow each other by path, past `after`: what the database says of them together.

    `percents` counts the sign in their paths, which some lists have to write in another way.
    """

    after: str
    sums: Sums
    percents: int
    mark: str


class Rows:
    """Files of a version: the same each time they are asked for, whatever happens while an
    archive is sent. `allowed` is a condition on `File` and `Version`.
    """

    def __init__(self, runtime: Runtime, version: Version, allowed: ColumnElement[bool]) -> None:
        self._runtime = runtime
        self._version_id = version.id
        self._allowed = allowed

    @classmethod
    def of(cls, runtime: Runtime, actor: Actor, version: Version) -> "Rows":
        """Those of a published version that `actor` may have now."""
        return cls(runtime, version, files_given_to(actor, runtime.clock.now()))

    @cached_property
    def puid(self) -> ColumnElement[str]:
        """The formats of files: none are told before all are known, since an archive's length must
        not change while it is sent.
        """
        waiting = self.chosen(File.id).where(File.puid.is_(None)).limit(1)
        with self._runtime.read() as work:
            known = work.session.scalar(waiting) is None
        return func.coalesce(File.puid, "") if known else literal("")

    @cached_property
    def groups(self) -> list[Group]:
        """All files, GROUP by GROUP; none where there is no file."""
        with self._runtime.read() as work:
            found = work.session.execute(self._grouped(work)).all()
        ends = ["", *(row.last for row in found)]
        return [
            Group(
                after,
                Sums(row.files, int(row.names), int(row.size), row.large, row.descriptors),
                int(row.percents),
                f"{row.files} {row.names} {row.size} {row.descriptors} {row.ids} {row.changed}",
            )
            for after, row in zip(ends, found, strict=False)
        ]

    @property
    def sums(self) -> Sums:
        return sum((group.sums for group in self.groups), Sums())

    def segments(self, prefix: str) -> list[Segment]:
        """Of an archive in which the paths begin with `prefix`."""
        longer = len(prefix.encode())

        def members(group: Group) -> Iterator[Member]:
            for row in self(after=group.after, limit=group.sums.count):
                yield content_member(self._runtime, f"{prefix}{row.path}", row)

        return [
            Segment(
                group.sums + Sums(names=longer * group.sums.count),
                partial(members, group),
                f"{prefix} {group.mark}",
            )
            for group in self.groups
        ]

    def __call__(
        self, *, by_digest: bool = False, after: str = "", limit: int | None = None
    ) -> Iterator[Row]:
        """By path from the first past `after`, or by digest and path, a page at a time."""
        order = (File.sha256, File.path) if by_digest else (File.path,)
        last: tuple[str, ...] = ("", "") if by_digest else (after,)
        while limit is None or limit > 0:
            size = ROWS if limit is None else min(ROWS, limit)
            told = (File.size, File.sha256, File.media_type, Content.crc32, File.license, self.puid)
            query = (
                self.chosen(File.path, *told)
                .join(Content, Content.sha256 == File.sha256)
                .where(tuple_(*order) > last)
                .order_by(*order)
                .limit(size)
            )
            with self._runtime.read() as work:
                found = work.session.execute(query).all()
            for path, length, digest, media_type, crc, licence, puid in found:
                yield Row(path, length, digest or "", media_type, crc, licence, puid)
            if len(found) < size:
                return
            limit = None if limit is None else limit - size
            last = (found[-1].sha256 or "",) * by_digest + (found[-1].path,)

    def chosen(self, *columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
        """These columns of all the files, in no order."""
        return (
            select(*columns)
            .join_from(File, Version, Version.id == File.version_id)
            .where(File.version_id == self._version_id, File.committed, self._allowed)
        )

    def _grouped(self, work: Work) -> Select[Any]:
        number = func.row_number().over(order_by=File.path) - 1
        rows = self.chosen(
            *(File.path, File.size, File.id, File.updated_at),
            cast(number, BigInteger).op("/")(GROUP).label("part"),
        )
        descriptor: ColumnElement[int] = literal(0)
        unknown = select(Content.sha256).where(Content.crc32.is_(None)).limit(1)
        if work.session.scalar(unknown) is not None:
            rows = rows.join(Content, Content.sha256 == File.sha256)
            descriptor = case(
                (Content.crc32.is_not(None), 0), (File.size >= LIMIT_32, 24), else_=16
            )
        one = rows.add_columns(descriptor.label("descriptor")).subquery()
        percents = func.length(one.c.path) - func.length(func.replace(one.c.path, "%", ""))
        return (
            select(
                func.count().label("files"),
                func.sum(_octets(work, one.c.path)).label("names"),
                func.sum(one.c.size).label("size"),
                func.sum(case((one.c.size >= LIMIT_32, 1), else_=0)).label("large"),
                func.sum(one.c.descriptor).label("descriptors"),
                func.sum(percents).label("percents"),
                func.max(one.c.path).label("last"),
                func.sum(one.c.id).label("ids"),
                func.max(one.c.updated_at).label("changed"),
            )
            .group_by(one.c.part)
            .order_by(one.c.part)
        )


def _octets(work: Work, text: ColumnElement[str]) -> ColumnElement[int]:
    """Bytes of UTF-8; SQLite has a name for it since 3.43 only."""
    if work.session.get_bind().dialect.name == "sqlite":
        return func.length(cast(text, LargeBinary))
    return func.octet_length(text)


def content_member(runtime: Runtime, name: str, row: Row) -> Member:
    """A file's bytes under a name in the archive."""
    return Member(name, row.size, row.crc, partial(runtime.store.read, row.sha256), row.sha256)


def text_member(name: str, content: bytes) -> Member:
    def read(start: int, length: int) -> Iterator[bytes]:
        yield content[start : start + length]

    return Member(name, len(content), zlib.crc32(content), read, sha256(content).hexdigest())


class Listing:
    """A member whose bytes `lines` gives, the same each time; gone through once and never held.

    That is done when it is asked for, which has time until the archive comes to it where the
    `size` is known without.
    """

    def __init__(self, name: str, lines: Callable[[], Iterator[bytes]]) -> None:
        self._name, self._lines = name, lines

    @cached_property
    def member(self) -> Member:
        size = crc = 0
        marks = sha256()
        for line in self._lines():
            size, crc = size + len(line), zlib.crc32(line, crc)
            marks.update(line)
        return Member(self._name, size, crc, self._read, marks.hexdigest())

    def segment(self, size: int, mark: str = "") -> Segment:
        """Of a list that follows from other members of the archive, and from what `mark` tells."""
        known = Member(self._name, size, 0, self._read, "")
        return Segment(Sums.of([known]), lambda: [self.member], mark)

    def _read(self, start: int, length: int) -> Iterator[bytes]:
        position, end = 0, start + length
        for line in self._lines():
            part = line[max(start - position, 0) : max(end - position, 0)]
            if part:
                yield part
            position += len(line)
            if position >= end:
                return
