"""The sets that every repository has: by type, language, access, institution, subject, and the
names that aggregators' guidelines reserve.
"""

from collections.abc import Iterator

from repository.core.slugs import slug
from repository.core.work import Work
from repository.oai.sets import SetEntry
from repository.records.document import Document
from repository.records.metadata.languages import bcp_47
from repository.records.metadata.people import Affiliation, Contributor, Creator
from repository.records.metadata.vocabularies import RESOURCE_TYPES

MAX_PEOPLE = 200
ACCESS = {
    "open": "Open access",
    "embargoed": "Embargoed access",
    "restricted": "Restricted access",
    "metadata-only": "Metadata only access",
}


def by_type(_work: Work, document: Document) -> Iterator[SetEntry]:
    kind = document.metadata.resource_type.id
    yield SetEntry(f"type-{slug(kind)}", f"Type: {RESOURCE_TYPES.label(kind, 'en')}")


def by_language(_work: Work, document: Document) -> Iterator[SetEntry]:
    for language in document.metadata.languages:
        code = bcp_47(language.id)
        yield SetEntry(f"language-{slug(code)}", f"Language: {code}")


def by_access(_work: Work, document: Document) -> Iterator[SetEntry]:
    status = document.access.status
    yield SetEntry(f"access-{status}", ACCESS.get(status, status))


def reserved_by_guidelines(_work: Work, document: Document) -> Iterator[SetEntry]:
    """OpenAIRE: the set `openaire_data` (guidelines for data archives, section on OAI-PMH), and
    `openaire` (guidelines for literature repositories v4, section on sets).
    """
    if document.metadata.resource_type.id.startswith("publication"):
        yield SetEntry("openaire", "OpenAIRE", "Publications for OpenAIRE")
    else:
        yield SetEntry("openaire_data", "OpenAIRE data", "Research data for OpenAIRE")


def by_institution(_work: Work, document: Document) -> Iterator[SetEntry]:
    """Organisations with a ROR id; a name alone is written in too many ways to be a set."""
    described = document.metadata
    people: list[Creator | Contributor] = [*described.creators, *described.contributors]
    for person in people[:MAX_PEOPLE]:
        yield from _organisations(person)


def _organisations(person: Creator | Contributor) -> Iterator[SetEntry]:
    named = person.person_or_org
    known = [(named.name, named.known_as("ror"))]
    known += [(place.name, _ror(place)) for place in person.affiliations]
    for name, ror in known:
        if ror:
            yield SetEntry(f"institution-{slug(ror)}", name)


def _ror(place: Affiliation) -> str | None:
    found = (known for known in place.identifiers if known.scheme == "ror")
    return next((known.identifier.rstrip("/").rpartition("/")[2] for known in found), None)


def by_collection(_work: Work, document: Document) -> Iterator[SetEntry]:
    """Collections and institutions that have a page here; the specs are InvenioRDM's. Changes of
    membership tell the change feed (`curation.placing`).
    """
    for each in document.collections:
        yield SetEntry(f"community-{each.slug}", each.title_vi, each.title_en)


def by_subject(_work: Work, document: Document) -> Iterator[SetEntry]:
    """Terms of a vocabulary; a depositor's own keywords are for searching."""
    for term in document.metadata.subjects:
        if term.scheme and (term.classification_code or term.value_uri):
            code = term.classification_code or (term.value_uri or "").rstrip("/").rpartition("/")[2]
            spec = f"subject-{slug(term.scheme)[:40]}-{slug(code)}"
            yield SetEntry(spec, f"{term.scheme}: {term.subject}")
