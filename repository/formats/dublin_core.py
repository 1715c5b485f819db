"""Simple Dublin Core as OAI-PMH requires it, after DataCite's and OpenAIRE's mappings.

DataCite to Dublin Core Mapping (schema 4.4); OpenAIRE Guidelines for Literature Repositories 3.0
for the access statement and the end of an embargo.
"""

from collections.abc import Iterator

from lxml import etree

from repository.formats.base import Oai
from repository.formats.datacite_document import ACCESS_RIGHTS
from repository.formats.xml import LANG, add, serialise, start
from repository.records.document import Document
from repository.records.metadata import Metadata
from repository.records.metadata.identifiers import url
from repository.records.metadata.vocabularies import RESOURCE_TYPES

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
DC = "http://purl.org/dc/elements/1.1/"

# An element's name, its text, and the language of the text where one is known.
Statement = tuple[str, str, str | None]


class DublinCore:
    name = "dublin-core"
    label = "Dublin Core"
    media_type = "application/x-dc+xml"
    extension = "xml"
    oai: Oai | None = Oai("oai_dc", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(document))


def element(document: Document) -> etree._Element:
    """The `oai_dc:dc` element of a version; no statement is made twice."""
    root = start("dc", NAMESPACE, SCHEMA, {"oai_dc": NAMESPACE, "dc": DC})
    for name, text, language in dict.fromkeys(_statements(document)):
        add(root, f"{{{DC}}}{name}", text, {LANG: language})
    return root


def _statements(document: Document) -> Iterator[Statement]:
    metadata = document.metadata
    for title in metadata.titles:
        yield "title", title.title, title.lang
    for creator in metadata.creators:
        yield "creator", creator.person_or_org.name, creator.person_or_org.lang
    for subject in metadata.subjects:
        yield "subject", subject.subject, subject.lang
    for description in metadata.descriptions:
        yield "description", description.description, description.lang
    yield "publisher", metadata.publisher, None
    for contributor in metadata.contributors:
        yield "contributor", contributor.person_or_org.name, contributor.person_or_org.lang
    yield from _dates(document)
    yield from _type_and_format(document)
    yield from _identifiers(document)
    for language in metadata.languages:
        yield "language", language.id, None
    yield from _relations(document)
    for place in metadata.locations.features:
        if place.place:
            yield "coverage", place.place, None
    yield from _rights(document)


def _dates(document: Document) -> Iterator[Statement]:
    yield "date", document.metadata.publication_date, None
    until = document.access.embargo_until
    if until is not None:
        yield "date", f"info:eu-repo/date/embargoEnd/{until.isoformat()}", None


def _type_and_format(document: Document) -> Iterator[Statement]:
    kind = document.metadata.resource_type
    yield "type", RESOURCE_TYPES.datacite(kind.id), None
    yield "type", kind.description or RESOURCE_TYPES.label(kind.id, "en"), None
    stated = document.metadata.formats
    for media_type in stated or sorted({file.media_type for file in document.files}):
        yield "format", media_type, None


def _identifiers(document: Document) -> Iterator[Statement]:
    if document.doi:
        yield "identifier", f"https://doi.org/{document.doi}", None
    yield "identifier", document.url, None
    for other in document.metadata.identifiers:
        yield "identifier", url(other.scheme, other.identifier) or other.identifier, None


def _relations(document: Document) -> Iterator[Statement]:
    for related in document.metadata.related_identifiers:
        written = url(related.scheme, related.identifier) or related.identifier
        kind = "source" if related.relation_type.id == "isderivedfrom" else "relation"
        yield kind, written, None
    if document.concept_doi and document.concept_doi != document.doi:
        yield "relation", f"https://doi.org/{document.concept_doi}", None


def _rights(document: Document) -> Iterator[Statement]:
    yield "rights", ACCESS_RIGHTS[document.access.status][0], None
    yield from _licences(document.metadata)


def _licences(metadata: Metadata) -> Iterator[Statement]:
    for right in metadata.rights:
        if right.title:
            yield "rights", right.title, right.lang
        if right.link:
            yield "rights", right.link, None
        if not right.title and not right.link and right.id:
            yield "rights", right.id, None
