"""CSL-JSON 1.0: the first item of a list, or a single one."""

from typing import Any

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.csl_json import TYPES
from repository.formats.reading.base import (
    JSON,
    MAX_TEXT,
    doi_in,
    left_over,
    listed,
    organisation,
    parsed,
    person,
    text,
    without_empty,
)
from repository.records.metadata.vocabularies import RESOURCE_TYPES


def understand(data: bytes) -> Understood:
    """Raises UnreadableMetadata."""
    sent = parsed(data)
    items = sent if isinstance(sent, list) else [sent]
    if not items or not isinstance(items[0], dict):
        raise UnreadableMetadata("This is no CSL-JSON: it is no object and no list of objects.")
    left = (f"{len(items) - 1} more items",) if items[1:] else ()
    read = item(dict(items[0]))
    return Understood(read.metadata, read.doi, (*read.left, *left))


def item(told: JSON) -> Understood:
    """One item's words. BibTeX and RIS are read by way of these."""
    general = _general(text(told.pop("type", None)))
    words = text(told.pop("keyword", None), MAX_TEXT)
    metadata: JSON = {
        "resource_type": {"id": _resource_type(general)},
        "titles": [{"title": title}] if (title := text(told.pop("title", None))) else [],
        "creators": [{"person_or_org": _name(each)} for each in listed(told.pop("author", None))],
        "contributors": [
            {"person_or_org": _name(each), "role": {"id": "editor"}}
            for each in listed(told.pop("editor", None))
        ],
        "publication_date": _date(told.pop("issued", None)),
        "publisher": text(told.pop("publisher", None)),
        "version": text(told.pop("version", None)),
        "languages": [{"id": code}] if (code := text(told.pop("language", None))) else [],
        "subjects": [{"subject": word.strip()} for word in words.split(",") if word.strip()],
    }
    if abstract := text(told.pop("abstract", None), MAX_TEXT):
        metadata["descriptions"] = [{"description": abstract, "type": {"id": "abstract"}}]
    metadata["related_items"] = _container(told, general)
    doi = doi_in(text(told.pop("DOI", None)), text(told.get("URL")))
    left = left_over(told, "id", "citation-key", "URL", "accessed")
    return Understood(without_empty(metadata), doi, left)


def _general(kind: str) -> str:
    found = next((general for general, csl in TYPES.items() if csl == kind), "Dataset")
    return found if kind else "Dataset"


def _resource_type(general: str) -> str:
    entry = RESOURCE_TYPES.find(general)
    return entry.id if entry else "dataset"


def _name(name: Any) -> JSON:
    told = name if isinstance(name, dict) else {"literal": text(name)}
    family, given = text(told.get("family")), text(told.get("given"))
    particle = text(told.get("non-dropping-particle")) or text(told.get("dropping-particle"))
    if family:
        return person(f"{particle} {family}".strip(), given, text(told.get("ORCID")))
    return organisation(text(told.get("literal")) or given)


def _date(issued: Any) -> str:
    """`{"date-parts": [[2024, 5, 17]]}`, with a second end of a period; or a text."""
    told = issued if isinstance(issued, dict) else {"raw": issued}
    ends = []
    for end in listed(told.get("date-parts"))[:2]:
        parts = [text(part) for part in listed(end)[:3]]
        if parts and all(part.isdecimal() for part in parts):
            ends.append("-".join(f"{int(p):0{4 if n == 0 else 2}d}" for n, p in enumerate(parts)))
    return "/".join(ends) or text(told.get("raw")) or text(told.get("literal"))


def _container(told: JSON, general: str) -> list[JSON]:
    title = text(told.pop("container-title", None))
    if not title:
        return []
    first, _dash, last = text(told.pop("page", None)).replace("--", "-").partition("-")
    kind = "Journal" if general in ("JournalArticle", "DataPaper") else "Other"
    made = {
        "titles": [{"title": title}],
        "resource_type": {"id": _resource_type(kind) if kind == "Journal" else "other"},
        "relation_type": {"id": "ispublishedin"},
        "volume": text(told.pop("volume", None)),
        "issue": text(told.pop("issue", None)),
        "first_page": first,
        "last_page": last,
    }
    return [without_empty(made)]
