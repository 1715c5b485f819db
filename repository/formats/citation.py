"""One formatted citation after APA (7th edition, 10.9 Data sets), in Vietnamese or English."""

from typing import NamedTuple

from repository.formats.people import name_parts, persons
from repository.records.document import Document
from repository.records.metadata.people import PersonOrOrg
from repository.records.metadata.vocabularies import RESOURCE_TYPES

MAX_AUTHORS = 20


class _Words(NamedTuple):
    version: str
    last: str


_WORDS = {"vi": _Words("Phiên bản", " và "), "en": _Words("Version", ", & ")}


def citation(document: Document, language: str = "vi") -> str:
    """The citation as plain text, ending in the DOI or the landing page's address."""
    metadata = document.metadata
    words = _WORDS["vi" if language.startswith("vi") else "en"]
    kind = RESOURCE_TYPES.label(metadata.resource_type.id, language)
    version = f" ({words.version} {metadata.version})" if metadata.version else ""
    address = f"https://doi.org/{document.doi}" if document.doi else document.url
    authors = _authors(persons(metadata.creators), language, words)
    title = metadata.title(language)
    return (
        f"{authors} ({metadata.year}). {title}{version} [{kind}]. {metadata.publisher}. {address}"
    )


def _authors(people: list[PersonOrOrg], language: str, words: _Words) -> str:
    names = [_name(person, language) for person in people]
    if len(names) > MAX_AUTHORS:
        return f"{', '.join(names[: MAX_AUTHORS - 1])}, … {names[-1]}"
    return words.last.join([", ".join(names[:-1]), names[-1]]) if names[1:] else names[0]


def _name(person: PersonOrOrg, language: str) -> str:
    """In Vietnamese the whole name in its order, for family names tell few people apart."""
    parts = name_parts(person)
    if parts is None:
        return person.name
    family, given = parts
    if language.startswith("vi"):
        return f"{family} {given}".strip()
    initials = " ".join(f"{word[0]}." for word in given.split())
    return f"{family}, {initials}" if initials else family
