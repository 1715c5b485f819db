"""A whole version in the shapes that other programs and archives take in: files and metadata.

Each is one ZIP of known length, made while it is sent, that goes on at any byte.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from repository.accounts.models import Actor
from repository.core.errors import NotFound
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.zipping import Archive, Member, Segment, Sums
from repository.discovery.bag import bag_of
from repository.discovery.lengths import Tally, by_kind, distinct_digests, formats, licences, tally
from repository.discovery.packed import Listing, Row, Rows, text_member
from repository.formats.datacite_xml import DataCiteXml
from repository.formats.record_json import RecordJson
from repository.formats.ro_crate import format_entity, licence_entity, ro_crate
from repository.records.document import Document
from repository.records.media_types import pronom_link
from repository.records.metadata.licences import licence_link
from repository.records.models import Version
from storage.backup.ocfl import INVENTORY, SIDECAR

CRATE = "ro-crate-metadata.json"
Build = Callable[[Runtime, Actor, Version, Document], Archive]


@dataclass(frozen=True)
class Package:
    """`profile` is the URI that tells this ZIP from others (RFC 6906)."""

    name: str
    label: str
    profile: str
    build: Build


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _require_files(rows: Rows) -> None:
    if not rows.groups:
        raise NotFound(N_("This record has no files."))


def crate_of(runtime: Runtime, actor: Actor, version: Version, document: Document) -> Archive:
    """An attached RO-Crate 1.2: its metadata at the top, the files in `data/`. The metadata come
    last, so that the crate begins at once.
    """
    rows = Rows.of(runtime, actor, version)
    _require_files(rows)
    described = ro_crate(document, root="./")
    context, (descriptor, root, *others) = described["@context"], described["@graph"]
    parts = root.pop("hasPart", [])

    def lines() -> Iterator[bytes]:
        yield b'{"@context": ' + _line(context) + b',\n"@graph": [\n'
        for node in (descriptor, *others):
            yield _line(node) + b",\n"
        known = {node["@id"] for node in others}
        for row in rows():
            link = licence_link(row.license)
            if link and link not in known:
                known.add(link)
                yield _line(licence_entity(link)) + b",\n"
            if row.puid and row.puid not in known:
                known.add(row.puid)
                yield _line(format_entity(row.puid)) + b",\n"
            yield _line(_entity(row, link)) + b",\n"
        yield _line(root)[:-1] + b', "hasPart": [\n'
        yield b",\n".join(map(_line, parts)) + (b",\n" if parts else b"")
        before = b""
        for row in rows():
            yield before + _line({"@id": _place(row)})
            before = b",\n"
        yield b"]}\n]}\n"

    before = [_line(context), *map(_line, (descriptor, *others, root, *parts))]
    found = tally(runtime, rows)
    size = _size_of_crate(before, len(parts), {node["@id"] for node in others}, found)
    mark = b"\n".join([*before, *(each.encode() for each in formats(found))])
    metadata = Listing(CRATE, lines).segment(size, sha256(mark).hexdigest())
    segments = [*rows.segments("data/"), metadata]
    return Archive(segments, version.published_at or version.created_at)


def _size_of_crate(before: list[bytes], parts: int, known: set[str], found: Tally) -> int:
    """What `lines` makes of what comes `before` the files (of which `parts` are no files) and of
    them.
    """

    def one(media_type: str, licence: str, puid: str) -> int:
        row = Row("", 0, "0" * 64, media_type, None, licence, puid)
        return len(_line(_entity(row, licence_link(licence)))) - 1  # the digits are counted apart

    links = {link for each in licences(found) if (link := licence_link(each))} - known
    told = sum(len(_line(licence_entity(link))) + 2 for link in links)
    told += sum(len(_line(format_entity(puid))) + 2 for puid in formats(found))
    # Each node but the last and each part but the last has a comma and a line break behind it.
    frame = len(b'{"@context": ,\n"@graph": [\n') + len(b', "hasPart": [\n') + len(b"]}\n]}\n") - 1
    nodes = len(before) - 2 - parts
    listed = sum(map(len, before)) + 2 * nodes + 2 * parts
    entities = by_kind(found, one) + found.in_addresses + found.in_json + found.digits
    places = found.files * len(b'{"@id": "data/"}') + found.in_addresses
    return frame + listed + told + entities + 2 * found.files + places + 2 * (found.files - 1)


def _place(row: Row) -> str:
    return f"data/{quote(row.path)}"


def _entity(row: Row, licence: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@id": _place(row),
        "@type": "File",
        "name": row.path,
        "contentSize": str(row.size),
        "encodingFormat": row.media_type,
        "sha256": row.sha256,
    }
    if row.puid:
        made["encodingFormat"] = [row.media_type, {"@id": pronom_link(row.puid)}]
    return made | ({"license": {"@id": licence}} if licence else {})


def bag_with_metadata(
    runtime: Runtime, actor: Actor, version: Version, document: Document
) -> Archive:
    return bag_of(runtime, actor, version, _described(f"{version.id}/metadata", document))


def _described(folder: str, document: Document) -> list[Member]:
    return [
        text_member(f"{folder}/datacite.xml", DataCiteXml().render(document)),
        text_member(f"{folder}/record.json", RecordJson().render(document)),
    ]


def ocfl_of(runtime: Runtime, actor: Actor, version: Version, document: Document) -> Archive:
    """An OCFL 1.1 object of one version, laid out inside as the repository's backups are. Its
    inventories come last, so that it begins at once.
    """
    rows = Rows.of(runtime, actor, version)
    _require_files(rows)
    folder = version.id
    told = _described("metadata", document)
    said = {
        "created": version.updated_at.isoformat(timespec="seconds"),
        "message": f"revision {version.revision}",
        "user": {
            "name": runtime.settings.site_name,
            "address": f"mailto:{runtime.settings.admin_email}",
        },
    }
    head = {
        "id": document.url,
        "type": "https://ocfl.io/1.1/spec/#inventory",
        "digestAlgorithm": "sha256",
        "head": "v1",
    }

    def paths(prefix: str) -> Iterator[bytes]:
        """An object of digests and their paths, those of equal files together."""
        small = [(each.digest, f"{prefix}{each.name}") for each in told]
        listed = rows(by_digest=True)
        files = ((row.sha256, f"{prefix}data/{row.path}") for row in listed)
        yield from _grouped(small, files)

    def lines() -> Iterator[bytes]:
        yield _line(head)[:-1] + b',\n"manifest": {'
        yield from paths("v1/content/")
        yield b'},\n"versions": {"v1": ' + _line(said)[:-1] + b', "state": {'
        yield from paths("")
        yield b"}}}}\n"

    listing = Listing(INVENTORY, lines)

    def inventories(inventory: Member) -> Iterator[Member]:
        sidecar = f"{inventory.digest} {INVENTORY}\n".encode()
        for place in (folder, f"{folder}/v1"):
            yield _renamed(inventory, f"{place}/{INVENTORY}")
            yield text_member(f"{place}/{SIDECAR}", sidecar)

    frame = _line([head, said])
    size = len(b',\n"manifest": {},\n"versions": {"v1": , "state": {}}}}\n') + len(frame) - 6
    size += _size_of_state(runtime, rows, told)
    reckoned = inventories(Member(INVENTORY, size, 0, text_member("", b"").read, "0" * 64))
    first = Segment.of(
        text_member(f"{folder}/0=ocfl_object_1.1", b"ocfl_object_1.1\n"),
        *(_renamed(each, f"{folder}/v1/content/{each.name}") for each in told),
    )
    last = Segment(
        Sums.of(reckoned), lambda: list(inventories(listing.member)), sha256(frame).hexdigest()
    )
    segments = [first, *rows.segments(f"{folder}/v1/content/data/"), last]
    return Archive(segments, version.published_at or version.created_at)


def _size_of_state(runtime: Runtime, rows: Rows, told: list[Member]) -> int:
    """What `paths` makes in an inventory's manifest and its state together."""
    found = tally(runtime, rows)
    digests = distinct_digests(runtime, rows, {each.digest for each in told})
    count = found.files + len(told)
    names = found.in_json + found.files * len("data/") + sum(len(each.name) for each in told)
    # A comma and a line break before each digest but the first, ", " before each path but the first
    # of its digest: `, "` and `"` around each of them.
    lists = digests * len(b',\n"": []') + 64 * digests - 1 + 2 * count + 2 * (count - digests)
    return 2 * (lists + names) + count * len("v1/content/")


def _renamed(member: Member, name: str) -> Member:
    return Member(name, member.size, member.crc, member.read, member.digest)


def _grouped(small: list[tuple[str, str]], rest: Iterator[tuple[str, str]]) -> Iterator[bytes]:
    """`"digest": ["path", …]`, each digest once; `rest` comes in the order of its digests."""
    waiting: dict[str, list[str]] = {}
    for digest, path in small:
        waiting.setdefault(digest, []).append(path)
    before, current, held = b"\n", "", list[str]()
    for digest, path in rest:
        if digest != current and held:
            yield before + _line(current) + b": " + _line(held)
            before, held = b",\n", []
        if digest != current:
            current, held = digest, waiting.pop(digest, [])
        held.append(path)
    for digest, paths in (*([(current, held)] if held else []), *waiting.items()):
        yield before + _line(digest) + b": " + _line(paths)
        before = b",\n"


PACKAGES: Mapping[str, Package] = {
    each.name: each
    for each in (
        Package("ro-crate", "RO-Crate", "https://w3id.org/ro/crate", crate_of),
        Package("bagit", "BagIt", "https://www.rfc-editor.org/rfc/rfc8493", bag_with_metadata),
        Package("ocfl", "OCFL", "https://ocfl.io/1.1/spec/", ocfl_of),
    )
}
