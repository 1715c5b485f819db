"""What archives of a whole version are made of: its files row by row, texts, and long lists that
are written anew each time they are read, so that 100,000 files take no more memory than ten.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from sqlalchemy import ColumnElement, select, tuple_

from repository.access.file_rules import files_downloadable_by
from repository.accounts.models import Actor
from repository.core.runtime import Runtime
from repository.core.zipping import Member
from repository.records.models import Content, File, Version

ROWS = 500


@dataclass(frozen=True)
class Row:
    """One file; `crc` is None until a job has computed it."""

    path: str
    size: int
    sha256: str
    media_type: str
    crc: int | None


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
        return cls(runtime, version, files_downloadable_by(actor, runtime.clock.now()))

    def __call__(self, *, by_digest: bool = False) -> Iterator[Row]:
        """By path or by digest and path, a page at a time."""
        order = (File.sha256, File.path) if by_digest else (File.path,)
        after: tuple[str, ...] = ("",) * len(order)
        while True:
            query = (
                select(File.path, File.size, File.sha256, File.media_type, Content.crc32)
                .join(Content, Content.sha256 == File.sha256)
                .join(Version, Version.id == File.version_id)
                .where(
                    File.version_id == self._version_id,
                    File.committed,
                    self._allowed,
                    tuple_(*order) > after,
                )
                .order_by(*order)
                .limit(ROWS)
            )
            with self._runtime.read() as work:
                found = work.session.execute(query).all()
            for path, size, digest, media_type, crc in found:
                yield Row(path, size, digest or "", media_type, crc)
            if len(found) < ROWS:
                return
            last = found[-1]
            after = (last.sha256 or "", last.path) if by_digest else (last.path,)


def content_member(runtime: Runtime, name: str, row: Row) -> Member:
    """A file's bytes under a name in the archive."""
    return Member(name, row.size, row.crc, partial(runtime.store.read, row.sha256), row.sha256)


def text_member(name: str, content: bytes) -> Member:
    def read(start: int, length: int) -> Iterator[bytes]:
        yield content[start : start + length]

    return Member(name, len(content), zlib.crc32(content), read, sha256(content).hexdigest())


class Listing:
    """A member whose bytes `lines` gives, the same each time; measured once and never held."""

    def __init__(self, name: str, lines: Callable[[], Iterator[bytes]]) -> None:
        self._lines = lines
        size = crc = 0
        marks = sha256()
        for line in lines():
            size, crc = size + len(line), zlib.crc32(line, crc)
            marks.update(line)
        self.member = Member(name, size, crc, self._read, marks.hexdigest())

    def _read(self, start: int, length: int) -> Iterator[bytes]:
        position, end = 0, start + length
        for line in self._lines():
            part = line[max(start - position, 0) : max(end - position, 0)]
            if part:
                yield part
            position += len(line)
            if position >= end:
                return
