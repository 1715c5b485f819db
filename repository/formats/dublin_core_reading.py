"""Reads simple Dublin Core, as DSpace, OJS and others give it by OAI-PMH (`oai_dc`).

It says little and in many ways: what can be told for sure is taken, the rest is left.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.dublin_core import DC, NAMESPACE
from repository.formats.reading.base import (
    MAX_LIST,
    URL,
    doi_in,
    licence,
    named,
    without_empty,
)
from repository.formats.xml import LANG, parse
from repository.records.metadata.dates import is_moment
from repository.records.metadata.identifiers import bare, is_valid
from repository.records.metadata.languages import is_language, iso_639_3
from repository.records.metadata.vocabularies import RESOURCE_TYPES

_INFO = "info:eu-repo/"
_YEAR = re.compile(r"(1[0-9]|20)\d\d")
# The words of DCMI, COAR and the European repositories for what DataCite calls otherwise.
KINDS = {
    "article": "publication-article",
    "journal article": "publication-article",
    "review": "publication-article",
    "bachelorthesis": "publication-thesis",
    "masterthesis": "publication-thesis",
    "thesis": "publication-thesis",
    "doctoralthesis": "publication-dissertation",
    "book": "publication-book",
    "bookpart": "publication-section",
    "conferenceobject": "publication-conferencepaper",
    "conferencepaper": "publication-conferencepaper",
    "report": "publication-report",
    "technical report": "publication-report",
    "workingpaper": "publication-workingpaper",
    "preprint": "publication-preprint",
    "text": "publication",
    "still image": "image",
    "stillimage": "image",
    "moving image": "video",
    "movingimage": "video",
}


def read(data: bytes) -> Understood:
    """Metadata and DOI of an `oai_dc:dc`. Raises UnreadableMetadata."""
    root = parse(data)
    if root.tag != f"{{{NAMESPACE}}}dc":
        raise UnreadableMetadata(f"The root is not `dc` in the namespace {NAMESPACE}.")
    told: dict[str, list[tuple[str, str]]] = {}
    for name, text, language in _statements(root):
        if len(told.setdefault(name, [])) < MAX_LIST:
            told[name].append((text, language))
    texts = {name: [text for text, _language in each] for name, each in told.items()}
    identifiers = texts.get("identifier", [])
    metadata: dict[str, Any] = {
        "resource_type": {"id": _kind(texts.get("type", []))},
        "titles": [_said("title", *each) for each in told.get("title", [])],
        "creators": [{"person_or_org": named(text)} for text in texts.get("creator", [])],
        "contributors": [
            {"person_or_org": named(text), "role": {"id": "other"}}
            for text in texts.get("contributor", [])
        ],
        "subjects": [_said("subject", *each) for each in told.get("subject", [])],
        "descriptions": [_said("description", *each) for each in told.get("description", [])],
        "publisher": next(iter(texts.get("publisher", [])), ""),
        "publication_date": _date(texts.get("date", [])),
        "languages": [{"id": code} for code in _languages(texts.get("language", []))],
        "rights": [r for r in map(licence, _plain(texts.get("rights", []))) if r is not None],
        "identifiers": list(_identifiers(identifiers)),
        "formats": texts.get("format", []),
        "locations": {"features": [{"place": text} for text in texts.get("coverage", [])]},
    }
    return Understood(without_empty(metadata), doi_in(*identifiers))


def _statements(root: etree._Element) -> Iterator[tuple[str, str, str]]:
    for child in root.iterchildren(tag=etree.Element):
        name = etree.QName(child)
        text = _text(child)
        if name.namespace == DC and text:
            yield name.localname, text, str(child.get(LANG) or "")


def _text(element: etree._Element) -> str:
    told = "".join(str(part) for part in element.itertext())
    return "\n".join(line.strip() for line in told.splitlines()).strip()


def _said(key: str, text: str, language: str) -> dict[str, str]:
    code = language.partition("_")[0]
    return {key: text} | ({"lang": code} if code and is_language(code) else {})


def _plain(texts: list[str]) -> list[str]:
    return [text for text in texts if not text.startswith(_INFO)]


def _kind(texts: list[str]) -> str:
    for text in texts:
        word = text.removeprefix(f"{_INFO}semantics/").strip()
        entry = RESOURCE_TYPES.find(word)
        if entry is not None:
            return entry.id
        if word.lower() in KINDS:
            return KINDS[word.lower()]
    return "other"


def _date(texts: list[str]) -> str:
    """The earliest: a repository's own dates (`accessioned`, `available`) come after the work's."""
    days = (text.partition("T")[0] for text in _plain(texts))
    return min((day for day in days if is_moment(day) and _YEAR.match(day)), default="")


def _languages(texts: list[str]) -> list[str]:
    codes = (text.partition("_")[0] for text in texts)
    return [iso_639_3(code) for code in codes if len(code) < 10 and is_language(code)]


def _identifiers(texts: list[str]) -> Iterator[dict[str, str]]:
    for text in texts:
        if is_valid("doi", text):
            continue
        if URL.fullmatch(text):
            yield {"scheme": "url", "identifier": text}
        elif is_valid("issn", text) or is_valid("isbn", text):
            scheme = "issn" if is_valid("issn", text) else "isbn"
            yield {"scheme": scheme, "identifier": bare(scheme, text)}
        else:
            yield {"scheme": "local", "identifier": text[:1000]}
