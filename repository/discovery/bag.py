"""All files of a version as a BagIt bag (RFC 8493) in a ZIP: whoever unpacks it can check it."""

from collections.abc import Iterator, Sequence

from repository.accounts.models import Actor
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.zipping import Archive, Member
from repository.discovery.packed import Listing, Row, Rows, content_member, text_member
from repository.records.models import Version

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def name_of(version: Version) -> str:
    return f"{version.id}.zip"


def bag_of(
    runtime: Runtime, actor: Actor, version: Version, tags: Sequence[Member] = ()
) -> Archive:
    """The bag of the files that `actor` may have, with `tags` beside its payload.

    Raises NotFound where there is no file. The rows are read anew for each pass: the files of a
    published version never change.
    """
    folder, rows = version.id, Rows.of(runtime, actor, version)

    def lines() -> Iterator[bytes]:
        return map(_line, rows())

    if next(lines(), None) is None:
        raise NotFound(N_("This record has no files."))
    manifest = Listing(f"{folder}/manifest-sha256.txt", lines).member
    info = text_member(f"{folder}/bag-info.txt", _info(runtime, version, rows))

    def members() -> Iterator[Member]:
        yield text_member(f"{folder}/bagit.txt", DECLARATION)
        yield info
        yield manifest
        yield from tags
        for row in rows():
            yield content_member(runtime, f"{folder}/data/{row.path}", row)

    return Archive(members, version.published_at or version.created_at)


def _info(runtime: Runtime, version: Version, rows: Rows) -> bytes:
    count = total = 0
    for row in rows():
        count, total = count + 1, total + row.size
    source = (
        f"https://doi.org/{version.doi}"
        if version.doi
        else f"{runtime.settings.base_url}/records/{version.id}"
    )
    at = version.published_at or version.created_at
    return (
        f"External-Identifier: {source}\n"
        f"Bagging-Date: {at.date().isoformat()}\n"
        f"Payload-Oxum: {total}.{count}\n"
    ).encode()


def _line(row: Row) -> bytes:
    """A manifest's line; a path cannot hold line breaks, the other thing to encode (2.1.3)."""
    return f"{row.sha256}  data/{row.path.replace('%', '%25')}\n".encode()
