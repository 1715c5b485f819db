"""From what a source gives of one item to metadata as we keep them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from repository.formats import datacite_xml_reading, dublin_core_reading
from repository.formats.base import UnreadableMetadata
from repository.formats.reading.base import URL
from repository.formats.xml import name_of, parse
from repository.records.metadata.identifiers import bare, is_valid, url
from repository.web.markdown import to_text

# What says most comes first; DataCite's own endpoints and Dataverse call it by several names.
ENVELOPE = "oai_datacite"
ACCESS = re.compile(r"info:eu-repo/semantics/|https?://purl\.org/coar/access_right/")
PREFERRED = ("oai_datacite", "datacite", "oai_datacite4", "datacite4", "oai_dc")


@dataclass(frozen=True)
class Told:
    """`doi` bare, `url` the item's page at its source, `namespace` that of the format it came in;
    the first two empty where they are not known.
    """

    metadata: dict[str, Any]
    doi: str
    url: str
    namespace: str


def understand(data: bytes) -> Told:
    """Reads an item by its root element, whatever its prefix is called.

    Raises UnreadableMetadata.
    """
    if not data:
        raise UnreadableMetadata("There is no metadata in the record.")
    root = parse(data)
    namespace = (etree.QName(root).namespace or "")[:200]
    if name_of(root) == ENVELOPE:
        root = _payload(root)
    reader = READERS.get(name_of(root))
    if reader is None:
        raise UnreadableMetadata(f"Metadata in the namespace {namespace!r} are not read.")
    metadata, found = reader(etree.tostring(root, encoding="utf-8", with_tail=False))
    doi = bare("doi", found).lower() if found and is_valid("doi", found) else ""
    page = _page_of(metadata, doi)
    return Told(_without_access(_plain_titles(metadata)), doi, page, namespace)


def _payload(root: etree._Element) -> etree._Element:
    """What lies in the envelope of `oai_datacite`."""
    for element in root.iter(tag=etree.Element):
        if name_of(element) == "resource":
            return element
    raise UnreadableMetadata("There is no `resource` in the `payload`.")


def _datacite(data: bytes) -> tuple[dict[str, Any], str | None]:
    imported = datacite_xml_reading.read(data)
    return imported.metadata.model_dump(mode="json", exclude_none=True), imported.doi


def _dublin_core(data: bytes) -> tuple[dict[str, Any], str | None]:
    told = dublin_core_reading.read(data)
    return told.metadata, told.doi


# By the name of the root; each looks at the namespace itself.
READERS: Mapping[str, Callable[[bytes], tuple[dict[str, Any], str | None]]] = {
    "resource": _datacite,
    "dc": _dublin_core,
}


def _plain_titles(metadata: dict[str, Any]) -> dict[str, Any]:
    """Titles are shown as they are, so what is HTML in them becomes text; descriptions may be."""
    titles = metadata.get("titles", [])
    plain = [each | {"title": _plain(each["title"])} for each in titles]
    return metadata | {"titles": plain}


def _plain(title: str) -> str:
    return to_text(title, 2000) if "</" in title else title


def _without_access(metadata: dict[str, Any]) -> dict[str, Any]:
    """Whether one has the files at the source is no licence; DataCite says both in one list."""
    rights = metadata.get("rights", [])
    licences = [each for each in rights if not ACCESS.match(each.get("link") or "")]
    return metadata | {"rights": licences}


def _page_of(metadata: dict[str, Any], doi: str) -> str:
    """An address that the source names; else that to which the DOI leads."""
    for each in metadata.get("identifiers", []):
        address = url(each.get("scheme"), each["identifier"]) or ""
        if each.get("scheme", "").lower() in ("url", "handle", "purl") and URL.fullmatch(address):
            return address
    return f"https://doi.org/{doi}" if doi else ""
