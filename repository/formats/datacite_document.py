"""A Document in DataCite's attributes: its metadata, and what only the repository knows."""

from collections.abc import Iterator
from typing import Any

from repository.formats.datacite_attributes import attributes
from repository.records.document import Document

SCHEMA_VERSION = "http://datacite.org/schema/kernel-4"
ACCESS_RIGHTS = {
    "open": ("info:eu-repo/semantics/openAccess", "Open Access"),
    "embargoed": ("info:eu-repo/semantics/embargoedAccess", "Embargoed Access"),
    "restricted": ("info:eu-repo/semantics/restrictedAccess", "Restricted Access"),
    "metadata-only": ("info:eu-repo/semantics/closedAccess", "Closed Access"),
}
MAX_FORMATS = 100


def attributes_of(document: Document) -> dict[str, Any]:
    """The attributes of a version with its identifier, neighbours, access, sizes and formats.

    What the depositor stated is never replaced. The access statement is the one OpenAIRE asks for
    (Guidelines for Data Archives, property 16).
    """
    made = attributes(document.metadata)
    stated = made["relatedIdentifiers"]
    known = {(r["relatedIdentifier"].lower(), r["relationType"]) for r in stated}
    for relation, doi in _neighbours(document):
        if (doi.lower(), relation) not in known:
            related = {"relatedIdentifier": doi, "relatedIdentifierType": "DOI"}
            stated.append(related | {"relationType": relation})
    if not any(_is_access(right) for right in made["rightsList"]):
        address, words = ACCESS_RIGHTS[document.access.status]
        made["rightsList"].append({"rights": words, "rightsUri": address, "lang": "en"})
    if document.terms_url:
        terms = {"rights": "Terms to accept", "rightsUri": document.terms_url, "lang": "en"}
        made["rightsList"].append(terms)
    until = document.access.embargo_until
    if until is not None and not any(d["dateType"] == "Available" for d in made["dates"]):
        made["dates"].append({"date": until.isoformat(), "dateType": "Available"})
    if document.withdrawn is not None:
        when = document.withdrawn.withdrawn_at.date().isoformat()
        made["dates"].append({"date": when, "dateType": "Withdrawn"})
    if document.file_count:
        made["sizes"] = made["sizes"] or _sizes(document)
        made["formats"] = made["formats"] or _formats(document)
    return made


def _neighbours(document: Document) -> Iterator[tuple[str, str]]:
    if document.concept_doi and document.concept_doi != document.doi:
        yield "IsVersionOf", document.concept_doi
    if document.previous and document.previous.doi:
        yield "IsNewVersionOf", document.previous.doi
    if document.next and document.next.doi:
        yield "IsPreviousVersionOf", document.next.doi


def _is_access(right: dict[str, Any]) -> bool:
    return str(right.get("rightsUri", "")).startswith("info:eu-repo/semantics/")


def _sizes(document: Document) -> list[str]:
    files = "1 file" if document.file_count == 1 else f"{document.file_count} files"
    return [files, f"{document.file_bytes} bytes"]


def _formats(document: Document) -> list[str]:
    return sorted({file.media_type for file in document.files})[:MAX_FORMATS]
