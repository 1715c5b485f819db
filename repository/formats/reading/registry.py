"""Which file can begin a draft, and how one is told from another. To add one: a line here."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from repository.formats import datacite_json, datacite_xml, registry
from repository.formats.base import Imported, Understood, UnreadableMetadata
from repository.formats.reading import bibtex, cff, csl, data_package, ris, schema_org
from repository.formats.reading.base import left_over, parsed
from repository.records.metadata import accept

Read = Callable[[bytes], Understood]
_BY_EXTENSION = {".cff": "cff", ".bib": "bibtex", ".ris": "ris", ".xml": "datacite-xml"}
_MEDIA_TYPES = registry.ALIASES | {
    "application/json": "",
    "application/vnd.datacite.datacite+xml": "datacite-xml",
}


@dataclass(frozen=True)
class Reading:
    """What a file was taken for (`label` before people), and what it says."""

    name: str
    label: str
    told: Understood


def _whole(read: Callable[[bytes], Imported]) -> Read:
    def understand(data: bytes) -> Understood:
        found = read(data)
        told = found.metadata.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return Understood(told, found.doi)

    return understand


def _record(data: bytes) -> Understood:
    """The API's own record."""
    sent = parsed(data)
    told = dict(sent) if isinstance(sent, dict) else {}
    metadata = told.pop("metadata", None)
    if not isinstance(metadata, dict):
        raise UnreadableMetadata("This is no record: it has no object called metadata.")
    doi = told.get("pids", {}).get("doi", {}) if isinstance(told.get("pids"), dict) else {}
    known = doi.get("identifier") if isinstance(doi, dict) else None
    ours = ("id", "links", "revision_id", "created", "updated", "pids", "parent", "versions")
    left = left_over(told, *ours, "is_published", "is_draft", "status", "stats", "swh", "ui")
    return Understood(accept(metadata), known if isinstance(known, str) else None, left)


READERS: Mapping[str, Read] = {
    "datacite-xml": _whole(datacite_xml.read),
    "datacite-json": _whole(datacite_json.read),
    "json": _record,
    "json-ld": schema_org.understand,
    "ro-crate": schema_org.understand,
    "croissant": schema_org.understand,
    "codemeta": schema_org.understand,
    "data-package": data_package.understand,
    "cff": cff.understand,
    "bibtex": bibtex.understand,
    "csl": csl.understand,
    "ris": ris.understand,
}


def understand(name: str, media_type: str, data: bytes) -> Reading:
    """Read a file by what its type, its name or its content says that it is.

    Raises UnreadableMetadata for what is none of them, or is broken.
    """
    kind = _by_type(media_type) or _BY_EXTENSION.get(PurePosixPath(name.lower()).suffix, "")
    kind = kind or _by_content(data)
    if kind not in READERS:
        raise UnreadableMetadata(
            "This is none of the formats that can be read: " + ", ".join(map(_label, READERS)) + "."
        )
    return Reading(kind, _label(kind), READERS[kind](data))


def _label(name: str) -> str:
    entry = registry.find(name)
    return entry.label if entry else name


def _by_type(media_type: str) -> str:
    plain = media_type.partition(";")[0].strip().lower()
    if plain in _MEDIA_TYPES:
        return _MEDIA_TYPES[plain]
    same = [f for f in registry.formats() if f.media_type.partition(";")[0] == plain]
    return same[0].name if len(same) == 1 and same[0].name in READERS else ""


def _by_content(data: bytes) -> str:
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"<"):
        return "datacite-xml"
    if start.startswith(b"@"):
        return "bibtex"
    if start.startswith(b"TY  -"):
        return "ris"
    if b"cff-version" in data[:10_000] and not start.startswith(b"{"):
        return "cff"
    try:
        return _of_json(json.loads(data))
    except (ValueError, RecursionError):
        return ""


def _of_json(sent: Any) -> str:
    told = sent[0] if isinstance(sent, list) and sent else sent
    if not isinstance(told, dict):
        return ""
    context = json.dumps(told.get("@context", ""))
    if "@graph" in told:
        return "ro-crate"
    if "codemeta" in context:
        return "codemeta"
    if "mlcommons.org/croissant" in context:
        return "croissant"
    if "@context" in told:
        return "json-ld"
    if isinstance(told.get("metadata"), dict):
        return "json"
    if "data" in told or "attributes" in told or "creators" in told:
        return "datacite-json"
    if "resources" in told:
        return "data-package"
    return "csl" if "title" in told else ""
