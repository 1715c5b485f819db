"""What a registry is told of a DOI: never more than the access rule lets the world see."""

from dataclasses import replace
from typing import Any

from repository.access.documents import public_document, visible_versions
from repository.access.files import landing_url
from repository.accounts.models import ANONYMOUS
from repository.core.work import Work
from repository.formats.datacite_json import rest_attributes
from repository.pid.models import Identifier, PidState
from repository.pid.providers.base import Target
from repository.pid.services import shown_version, wanted_for
from repository.records.document import Document

MAX_VERSIONS = 1000
# Standard values for unknown information (DataCite Metadata Schema 4.7, appendix 3).
WITHHELD = ":unav"


def target_of(work: Work, identifier: Identifier) -> Target | None:
    """What the registry should hold now; None while it should hear nothing of the identifier."""
    state = wanted_for(work, identifier)
    if state is PidState.RESERVED:
        return None
    version = shown_version(work, identifier)
    document = public_document(work, version) if version is not None else None
    page = landing_url(work, identifier.version_id or identifier.record_id)
    if document is None:
        return Target(identifier.value, state, page, _withheld(work))
    if identifier.version_id is None:
        return Target(identifier.value, state, page, _of_concept(work, document))
    return Target(identifier.value, state, page, _attributes(document))


def _attributes(document: Document) -> dict[str, Any]:
    """DataCite's attributes, less what a Target says apart from them."""
    said_apart = ("id", "doi", "url")
    attributes = rest_attributes(document)
    return {name: value for name, value in attributes.items() if name not in said_apart}


def _of_concept(work: Work, newest: Document) -> dict[str, Any]:
    """The newest public version's metadata, less what is of that version alone."""
    concept = replace(
        newest,
        id=newest.concept_id,
        doi=newest.concept_doi,
        url=newest.concept_url,
        concept_doi=None,
        previous=None,
        next=None,
        metadata=newest.metadata.model_copy(update={"version": None}),
    )
    attributes = _attributes(concept)
    versions = visible_versions(work, ANONYMOUS, newest.concept_id, MAX_VERSIONS)
    related = {"relatedIdentifierType": "DOI", "relationType": "HasVersion"}
    attributes["relatedIdentifiers"] += [
        related | {"relatedIdentifier": version.doi} for version in versions if version.doi
    ]
    return attributes


def _withheld(work: Work) -> dict[str, Any]:
    """The least DataCite asks of a registered DOI, saying nothing of the record."""
    return {
        "creators": [{"name": WITHHELD}],
        "titles": [{"title": WITHHELD}],
        "publisher": {"name": work.settings.publisher},
        "publicationYear": work.clock.now().year,
        "types": {"resourceTypeGeneral": "Other"},
    }
