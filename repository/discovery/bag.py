"""All files of a version as a BagIt bag (RFC 8493) in a ZIP: whoever unpacks it can check it."""

import zlib
from collections.abc import Iterator
from functools import partial
from hashlib import sha256

from sqlalchemy import select

from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.zipping import Archive, Member
from repository.records.models import Content, File, Version

ROWS = 2000
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
Row = tuple[str, int, str, int | None]


def name_of(version: Version) -> str:
    return f"{version.id}.zip"


def bag_of(runtime: Runtime, version: Version) -> Archive:
    """The caller asked the access rule. Raises NotFound where there is no file.

    The rows are read anew for each pass, a page at a time, so that 100,000 files take no more
    memory than ten: the files of a published version never change.
    """
    return _Bag(runtime, version).archive()


class _Bag:
    def __init__(self, runtime: Runtime, version: Version) -> None:
        self._runtime = runtime
        self._version_id = version.id
        self._at = version.published_at or version.created_at
        self._source = (
            f"https://doi.org/{version.doi}"
            if version.doi
            else f"{runtime.settings.base_url}/records/{version.id}"
        )

    def archive(self) -> Archive:
        if next(self._rows(), None) is None:
            raise NotFound(N_("This record has no files."))
        return Archive(self._members, self._at)

    def _members(self) -> Iterator[Member]:
        """Files first: what is said of all of them is known when they have passed."""
        folder, store = self._version_id, self._runtime.store
        yield _text(f"{folder}/bagit.txt", DECLARATION)
        count = total = size = crc = 0
        marks = sha256()
        for row in self._rows():
            path, length, digest, known = row
            yield Member(
                f"{folder}/data/{path}", length, known, partial(store.read, digest), digest
            )
            line = _line(row)
            marks.update(line)
            crc = zlib.crc32(line, crc)
            size, count, total = size + len(line), count + 1, total + length
        info = (
            f"External-Identifier: {self._source}\n"
            f"Bagging-Date: {self._at.date().isoformat()}\n"
            f"Payload-Oxum: {total}.{count}\n"
        )
        yield _text(f"{folder}/bag-info.txt", info.encode())
        name = f"{folder}/manifest-sha256.txt"
        yield Member(name, size, crc, self._manifest, marks.hexdigest())

    def _manifest(self, start: int, length: int) -> Iterator[bytes]:
        position, end = 0, start + length
        for row in self._rows():
            line = _line(row)
            part = line[max(start - position, 0) : max(end - position, 0)]
            if part:
                yield part
            position += len(line)
            if position >= end:
                return

    def _rows(self) -> Iterator[Row]:
        after = ""
        while True:
            query = (
                select(File.path, File.size, File.sha256, Content.crc32)
                .join(Content, Content.sha256 == File.sha256)
                .where(
                    File.version_id == self._version_id,
                    File.committed,
                    File.path > after,
                )
                .order_by(File.path)
                .limit(ROWS)
            )
            with self._runtime.read() as work:
                rows = work.session.execute(query).all()
            for path, size, digest, crc in rows:
                yield path, size, digest or "", crc
            if len(rows) < ROWS:
                return
            after = rows[-1][0]


def _line(row: Row) -> bytes:
    """A manifest's line; a path cannot hold line breaks, the other thing to encode (2.1.3)."""
    return f"{row[2]}  data/{row[0].replace('%', '%25')}\n".encode()


def _text(name: str, content: bytes) -> Member:
    def read(start: int, length: int) -> Iterator[bytes]:
        yield content[start : start + length]

    return Member(name, len(content), zlib.crc32(content), read, sha256(content).hexdigest())
