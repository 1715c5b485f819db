"""Crossref's description of a work in our metadata's names (api.crossref.org, `works` v1)."""

import re
from typing import Any

# Crossref's types (api.crossref.org/types) and InvenioRDM's resource types.
TYPES = {
    "journal-article": "publication-article",
    "book": "publication-book",
    "book-chapter": "publication-section",
    "proceedings-article": "publication-conferencepaper",
    "posted-content": "publication-preprint",
    "report": "publication-report",
    "dissertation": "publication-thesis",
    "dataset": "dataset",
}
_TAGS = re.compile(r"<[^>]*>")
MAX_PEOPLE = 1000


def metadata_of(answer: dict[str, Any]) -> dict[str, Any]:
    """As much of an answer as we have a place for, for a person to look over; never raises."""
    work = answer.get("message")
    work = work if isinstance(work, dict) else {}
    made = {
        "resource_type": {"id": TYPES.get(str(work.get("type")), "publication")},
        "titles": [{"title": _text(title)} for title in _list(work, "title")[:10]],
        "creators": [_creator(a) for a in _list(work, "author")[:MAX_PEOPLE] if _is_named(a)],
        "publication_date": _date(work.get("issued")),
        "publisher": _text(work.get("publisher")),
        "descriptions": [{"description": text, "type": {"id": "abstract"}}]
        if (text := _text(work.get("abstract")))
        else [],
        "languages": [{"id": _text(work.get("language"))}] if work.get("language") else [],
    }
    return {name: value for name, value in made.items() if value}


def _list(work: dict[str, Any], name: str) -> list[Any]:
    value = work.get(name)
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Without the JATS or HTML tags that titles and abstracts carry."""
    return _TAGS.sub("", value).strip()[:50_000] if isinstance(value, str) else ""


def _is_named(author: Any) -> bool:
    return isinstance(author, dict) and any(author.get(n) for n in ("family", "given", "name"))


def _creator(author: dict[str, Any]) -> dict[str, Any]:
    orcid = _text(author.get("ORCID")).rpartition("/")[2]
    person: dict[str, Any] = (
        {"type": "organizational", "name": _text(author["name"])}
        if author.get("name")
        else {
            "type": "personal",
            "given_name": _text(author.get("given")),
            "family_name": _text(author.get("family")),
        }
    )
    if orcid:
        person["identifiers"] = [{"scheme": "orcid", "identifier": orcid}]
    told = {name: value for name, value in person.items() if value}
    homes = [_text(a.get("name")) for a in _list(author, "affiliation") if isinstance(a, dict)]
    return {"person_or_org": told, "affiliations": [{"name": name} for name in homes if name]}


def _date(issued: Any) -> str:
    """`{"date-parts": [[2024, 5, 17]]}` as 2024-05-17, as precise as it is."""
    try:
        parts = [int(part) for part in issued["date-parts"][0][:3]]
    except (KeyError, IndexError, TypeError, ValueError):
        return ""
    return "-".join(f"{part:02d}" if index else f"{part:04d}" for index, part in enumerate(parts))
