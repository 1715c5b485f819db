"""RIS (Research Information Systems, 2012), which every reference manager imports."""

from collections.abc import Iterator

from repository.formats.base import Oai
from repository.formats.csl_json import container_of
from repository.formats.people import in_role, persons
from repository.records.document import Document
from repository.records.metadata.languages import bcp_47
from repository.records.metadata.text import clean
from repository.records.metadata.vocabularies import RESOURCE_TYPES

TYPES = {
    "Dataset": "DATA",
    "Software": "COMP",
    "ComputationalNotebook": "COMP",
    "JournalArticle": "JOUR",
    "DataPaper": "JOUR",
    "Preprint": "UNPB",
    "Book": "BOOK",
    "BookChapter": "CHAP",
    "ConferencePaper": "CPAPER",
    "ConferenceProceeding": "CONF",
    "Dissertation": "THES",
    "Report": "RPRT",
    "Standard": "STAND",
    "Image": "FIGURE",
    "Audiovisual": "VIDEO",
    "Sound": "SOUND",
    "Presentation": "SLIDE",
}


class Ris:
    name = "ris"
    label = "RIS"
    media_type = "application/x-research-info-systems"
    extension = "ris"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        lines = (f"{tag}  - {' '.join(clean(value).split())}" for tag, value in _tags(document))
        return "".join(f"{line}\r\n" for line in lines).encode()


def _tags(document: Document) -> Iterator[tuple[str, str]]:
    """Tag and value of each line: `TY` first, as readers insist, and `ER` last."""
    metadata = document.metadata
    yield "TY", TYPES.get(RESOURCE_TYPES.datacite(metadata.resource_type.id), "GEN")
    for person in persons(metadata.creators):
        yield "AU", person.name
    for person in persons(in_role(metadata.contributors, "editor")):
        yield "ED", person.name
    stated = {
        "TI": metadata.title(),
        "PY": metadata.year,
        "DA": metadata.publication_date.partition("/")[0].replace("-", "/"),
        "PB": metadata.publisher,
        "ET": metadata.version,
        "AB": metadata.description(),
        "LA": bcp_47(metadata.languages[0].id) if metadata.languages else None,
        "DO": document.doi,
        "UR": document.doi_url or document.url,
        **_container(document),
    }
    yield from ((tag, value) for tag, value in stated.items() if value)
    for subject in metadata.subjects:
        yield "KW", subject.subject
    yield "ER", ""


def _container(document: Document) -> dict[str, str | None]:
    found = container_of(document.metadata)
    if found is None:
        return {}
    return {
        "T2": found.titles[0].title,
        "VL": found.volume,
        "IS": found.issue,
        "SP": found.first_page,
        "EP": found.last_page,
    }
