"""BibTeX, in UTF-8, with biblatex's `@dataset` and `@software`."""

import re
import unicodedata

from repository.formats.base import Oai
from repository.formats.csl_json import container_of
from repository.formats.people import in_role, name_parts, persons
from repository.records.document import Document
from repository.records.metadata.people import PersonOrOrg
from repository.records.metadata.text import clean
from repository.records.metadata.vocabularies import RESOURCE_TYPES

_ENTRIES = {
    "Dataset": "dataset",
    "Software": "software",
    "ComputationalNotebook": "software",
    "JournalArticle": "article",
    "DataPaper": "article",
    "Book": "book",
    "BookChapter": "incollection",
    "ConferencePaper": "inproceedings",
    "ConferenceProceeding": "proceedings",
    "Dissertation": "phdthesis",
    "Report": "techreport",
}
# What names the whole that a part of this kind appeared in, and who issued a work of its kind.
_CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
_ISSUERS = {"phdthesis": "school", "techreport": "institution"}
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: rf"\{sign}" for sign in "&%$#_"},
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


class Bibtex:
    name = "bibtex"
    label = "BibTeX"
    media_type = "application/x-bibtex"
    extension = "bib"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return entry(document).encode()


def entry(document: Document) -> str:
    """One entry, its fields aligned; ends in a newline."""
    metadata = document.metadata
    kind = _ENTRIES.get(RESOURCE_TYPES.datacite(metadata.resource_type.id), "misc")
    fields = {
        "author": " and ".join(_name(p) for p in persons(metadata.creators)),
        "editor": " and ".join(_name(p) for p in persons(in_role(metadata.contributors, "editor"))),
        "title": f"{{{escape(metadata.title())}}}",
        "year": metadata.year,
        _ISSUERS.get(kind, "publisher"): escape(metadata.publisher),
        "version": escape(metadata.version or ""),
        **_container(document, kind),
        "doi": _plain(document.doi or ""),
        "url": _plain(document.doi_url or document.url),
    }
    told = {name: f"{{{value}}}" for name, value in fields.items() if value}
    month = re.fullmatch(r"\d{4}-(\d\d).*", metadata.publication_date)
    if month and "/" not in metadata.publication_date:
        told["month"] = _MONTHS[int(month[1]) - 1]
    width = max(map(len, told))
    lines = ",\n".join(f"  {name:<{width}} = {value}" for name, value in told.items())
    return f"@{kind}{{{key(document)},\n{lines}\n}}\n"


def key(document: Document) -> str:
    """A key of ASCII letters that is unlike that of other records: `nguyen_2024_k3x9a-1mz42`."""
    first = document.metadata.creators[0].person_or_org
    parts = name_parts(first)
    word = (parts[0] if parts else first.name).split()[0]
    plain = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    ascii_word = re.sub(r"[^a-z0-9]", "", plain) or "record"
    return f"{ascii_word}_{document.metadata.year}_{document.id}"


def escape(text: str) -> str:
    """Text with the characters that TeX gives a meaning made harmless, on one line."""
    return "".join(_ESCAPES.get(sign, sign) for sign in " ".join(clean(text).split()))


def _plain(address: str) -> str:
    """An address as it is, for `doi` and `url` fields, whose braces alone could end them."""
    return clean(address).replace("{", "%7B").replace("}", "%7D")


def _name(person: PersonOrOrg) -> str:
    parts = name_parts(person)
    if parts is None:
        return f"{{{escape(person.name)}}}"
    return ", ".join(escape(part) for part in parts if part)


def _container(document: Document, kind: str) -> dict[str, str]:
    container = container_of(document.metadata)
    if container is None or kind not in _CONTAINERS:
        return {}
    pages = [page for page in (container.first_page, container.last_page) if page]
    return {
        _CONTAINERS[kind]: escape(container.titles[0].title),
        "volume": escape(container.volume or ""),
        "number": escape(container.issue or ""),
        "pages": escape("--".join(pages)),
    }
