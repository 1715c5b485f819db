"""All files of a version as a BagIt bag (RFC 8493) in a ZIP: whoever unpacks it can check it."""

from collections.abc import Sequence

from repository.accounts.models import Actor
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.zipping import Archive, Member, Segment, Sums
from repository.discovery.packed import Listing, Row, Rows, text_member
from repository.records.models import Version

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def name_of(version: Version) -> str:
    return f"{version.id}.zip"


def bag_of(
    runtime: Runtime, actor: Actor, version: Version, tags: Sequence[Member] = ()
) -> Archive:
    """The bag of the files that `actor` may have, with `tags` beside its payload.

    Raises NotFound where there is no file. Its manifest comes last, so that the bag begins at once.
    The rows are read anew for each pass: the files of a published version never change.
    """
    folder, rows = version.id, Rows.of(runtime, actor, version)
    if not rows.groups:
        raise NotFound(N_("This record has no files."))
    manifest = Listing(f"{folder}/manifest-sha256.txt", lambda: map(_line, rows()))
    segments = [
        Segment.of(
            text_member(f"{folder}/bagit.txt", DECLARATION),
            text_member(f"{folder}/bag-info.txt", _info(runtime, version, rows.sums)),
            *tags,
        ),
        *rows.segments(f"{folder}/data/"),
        manifest.segment(_size_of_lines(rows)),
    ]
    return Archive(segments, version.published_at or version.created_at)


def _info(runtime: Runtime, version: Version, sums: Sums) -> bytes:
    source = (
        f"https://doi.org/{version.doi}"
        if version.doi
        else f"{runtime.settings.base_url}/records/{version.id}"
    )
    at = version.published_at or version.created_at
    return (
        f"External-Identifier: {source}\n"
        f"Bagging-Date: {at.date().isoformat()}\n"
        f"Payload-Oxum: {sums.content}.{sums.count}\n"
    ).encode()


def _line(row: Row) -> bytes:
    """A manifest's line; a path cannot hold line breaks, the other thing to encode (2.1.3)."""
    return f"{row.sha256}  data/{row.path.replace('%', '%25')}\n".encode()


def _size_of_lines(rows: Rows) -> int:
    """What `_line` makes of all rows, without reading them."""
    longer = 2 * sum(group.percents for group in rows.groups)
    return (64 + len("  data/\n")) * rows.sums.count + rows.sums.names + longer
