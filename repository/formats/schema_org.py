"""JSON-LD in schema.org's words, as dataset search engines read it from a landing page.

After Google's dataset guidelines and ESIP's science-on-schema.org (Dataset guide 1.3).
"""

import json
from collections.abc import Iterator
from typing import Any

from repository.formats.base import Oai
from repository.records.document import Document, FileEntry
from repository.records.metadata import Metadata
from repository.records.metadata.funding import Funding
from repository.records.metadata.identifiers import url
from repository.records.metadata.languages import bcp_47
from repository.records.metadata.people import Contributor, Creator, PersonOrOrg
from repository.records.metadata.places import Geometry, Location
from repository.records.metadata.subjects import Subject
from repository.records.metadata.vocabularies import RESOURCE_TYPES

TYPES = {
    "Dataset": "Dataset",
    "Collection": "Collection",
    "Software": "SoftwareSourceCode",
    "ComputationalNotebook": "SoftwareSourceCode",
    "JournalArticle": "ScholarlyArticle",
    "DataPaper": "ScholarlyArticle",
    "Preprint": "ScholarlyArticle",
    "ConferencePaper": "ScholarlyArticle",
    "Text": "ScholarlyArticle",
    "Book": "Book",
    "BookChapter": "Chapter",
    "Dissertation": "Thesis",
    "Report": "Report",
    "PeerReview": "Review",
    "Journal": "Periodical",
    "Image": "ImageObject",
    "Audiovisual": "VideoObject",
    "Sound": "AudioObject",
    "Poster": "Poster",
    "Presentation": "PresentationDigitalDocument",
    "Event": "Event",
    "Service": "Service",
    "Project": "Project",
    "Award": "Grant",
}
RELATIONS = {
    "cites": "citation",
    "references": "citation",
    "isderivedfrom": "isBasedOn",
    "ispartof": "isPartOf",
    "ispublishedin": "isPartOf",
    "haspart": "hasPart",
    "isidenticalto": "sameAs",
    "isdescribedby": "subjectOf",
    "isdocumentedby": "subjectOf",
    "iscitedby": "subjectOf",
}
# COAR Access Rights vocabulary 1.0.
COAR_ACCESS = {
    "open": "http://purl.org/coar/access_right/c_abf2",
    "embargoed": "http://purl.org/coar/access_right/c_f1cf",
    "restricted": "http://purl.org/coar/access_right/c_16ec",
    "metadata-only": "http://purl.org/coar/access_right/c_14cb",
}
MAX_VARIABLES = 500
# https://developers.google.com/search/docs/appearance/structured-data/dataset, `description`
SHORTEST_DESCRIPTION, LONGEST_DESCRIPTION = 50, 5000
_PERIODS = ("coverage", "collected")


class SchemaOrg:
    name = "json-ld"
    label = "JSON-LD (schema.org)"
    media_type = "application/ld+json"
    profile = "https://schema.org/Dataset"
    extension = "jsonld"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return json.dumps(json_ld(document), ensure_ascii=False, indent=2).encode()


def for_search_engines(document: Document) -> dict[str, Any]:
    """The same with a description of the length that Google Dataset Search takes: a short one goes
    on with what else is known, a long one ends at a word and stands whole as `abstract`.
    """
    made = json_ld(document)
    told = str(made["description"])
    if len(told) > LONGEST_DESCRIPTION:
        made["abstract"] = [told, *made.get("abstract", [])]
        head = told[: LONGEST_DESCRIPTION - 2]
        word = max(head.rfind(" "), head.rfind("\n"))
        made["description"] = head[: word if word > SHORTEST_DESCRIPTION else None].rstrip() + " …"
    elif len(told) < SHORTEST_DESCRIPTION:
        made["description"] = ". ".join([told.rstrip(". "), *_known_otherwise(document, told)])
    return made


def _known_otherwise(document: Document, told: str) -> Iterator[str]:
    """What a reader would ask next, in the language of the title: what it is, whose, and where."""
    metadata = document.metadata
    title = metadata.titles[0]
    if title.title != told:
        yield title.title
    language = "en" if title.lang == "en" else "vi"
    yield RESOURCE_TYPES.label(metadata.resource_type.id, language)
    yield "; ".join(creator.person_or_org.name for creator in metadata.creators[:3])
    yield f"{metadata.publisher}, {metadata.publication_date}"
    yield document.doi_url or document.url


def json_ld(document: Document) -> dict[str, Any]:
    """The JSON-LD object of a version; members without a value are left out.

    A page that embeds it must escape `<`, for it is made of what depositors typed.
    """
    made: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": type_of(document.metadata),
        "@id": document.doi_url or document.url,
        "url": document.url,
        "identifier": _identifiers(document),
        **_described(document.metadata),
        "dateModified": document.updated_at.date().isoformat(),
        "version": document.metadata.version or str(document.number),
        "isAccessibleForFree": document.access.status == "open",
        "conditionsOfAccess": COAR_ACCESS[document.access.status],
        "usageInfo": document.terms_url,
        "variableMeasured": _variables(document),
        "distribution": [_download(file) for file in document.files],
        "includedInDataCatalog": _catalogue(document),
        **_related(document),
    }
    return {key: value for key, value in made.items() if value not in (None, "", [])}


def type_of(metadata: Metadata) -> str:
    return TYPES.get(RESOURCE_TYPES.datacite(metadata.resource_type.id), "CreativeWork")


def _described(metadata: Metadata) -> dict[str, Any]:
    main, abstract = metadata.title(), metadata.description()
    told = [d for d in metadata.descriptions if d.type.id == "abstract"]
    return {
        "name": main,
        "alternateName": [_text(t.title, t.lang) for t in metadata.titles if t.title != main],
        "description": abstract or main,
        "abstract": [_text(d.description, d.lang) for d in told if d.description != abstract],
        "measurementTechnique": [
            _text(d.description, d.lang) for d in metadata.descriptions if d.type.id == "methods"
        ],
        "additionalType": metadata.resource_type.description,
        "creator": [_agent(c) for c in metadata.creators],
        "contributor": [_agent(c) for c in metadata.contributors],
        "publisher": _publisher(metadata),
        "dateCreated": next((d.date for d in metadata.dates if d.type.id == "created"), None),
        "datePublished": metadata.publication_date.partition("/")[0],
        "inLanguage": [bcp_47(language.id) for language in metadata.languages],
        "keywords": [_keyword(subject) for subject in metadata.subjects],
        "license": [right.link for right in metadata.rights if right.link],
        "funding": [_grant(entry) for entry in metadata.funding],
        "funder": [_funder(entry) for entry in metadata.funding],
        "temporalCoverage": [d.date for d in metadata.dates if d.type.id in _PERIODS],
        "spatialCoverage": [_place(feature) for feature in metadata.locations.features],
    }


def _publisher(metadata: Metadata) -> dict[str, str]:
    made, known = {"@type": "Organization", "name": metadata.publisher}, metadata.publisher_details
    if known is None or known.identifier is None:
        return made
    return made | _id_of([(known.scheme, known.identifier)])


def _identifiers(document: Document) -> list[Any]:
    told = [_property("doi", f"doi:{document.doi}", document.doi_url)]
    others = [
        _property(i.scheme, i.identifier, url(i.scheme, i.identifier))
        for i in document.metadata.identifiers
    ]
    return (told if document.doi else []) + others


def _property(scheme: str, value: str, address: str | None) -> dict[str, Any]:
    made = {"@type": "PropertyValue", "propertyID": scheme, "value": value}
    if scheme == "doi":
        made["propertyID"] = "https://registry.identifiers.org/registry/doi"
    return made | ({"url": address} if address else {})


def _text(text: str, language: str | None) -> str | dict[str, str]:
    return {"@language": language, "@value": text} if language else text


def _keyword(subject: Subject) -> str | dict[str, str]:
    """A word of the depositor's own as text, a term of a vocabulary with its address."""
    if not subject.value_uri:
        return subject.subject
    made = {"@type": "DefinedTerm", "@id": subject.value_uri, "name": subject.subject}
    scheme = subject.scheme_uri or subject.scheme
    return made | ({"inDefinedTermSet": scheme} if scheme else {})


def _variables(document: Document) -> list[dict[str, str]]:
    """Each column once, also where many files have it."""
    found = dict.fromkeys(v for file in document.files for v in file.variables)
    made = []
    for each in list(found)[:MAX_VARIABLES]:
        stated = {
            "name": each.label or each.name,
            "alternateName": each.name if each.label else "",
            "description": each.description,
            "unitText": each.unit,
            "propertyID": each.concept,
        }
        made.append({"@type": "PropertyValue", **{k: v for k, v in stated.items() if v}})
    return made


def _agent(one: Creator | Contributor) -> dict[str, Any]:
    made = _person(one.person_or_org)
    organisations = [
        {"@type": "Organization", "name": a.name}
        | _id_of([(i.scheme, i.identifier) for i in a.identifiers])
        for a in one.affiliations
    ]
    return made | ({"affiliation": organisations} if organisations else {})


def _person(person: PersonOrOrg) -> dict[str, Any]:
    kind = "Organization" if person.type == "organizational" else "Person"
    made: dict[str, Any] = {"@type": kind, "name": person.name}
    if person.given_name and kind == "Person":
        made["givenName"] = person.given_name
    if person.family_name and kind == "Person":
        made["familyName"] = person.family_name
    return made | _id_of([(i.scheme, i.identifier) for i in person.identifiers])


def _id_of(identifiers: list[tuple[str | None, str]]) -> dict[str, str]:
    """The address of the first identifier that has one, as the node's own."""
    addresses = (url(scheme, value) for scheme, value in identifiers)
    found = next((address for address in addresses if address), None)
    return {"@id": found} if found else {}


def _funder(entry: Funding) -> dict[str, str]:
    named = {"@type": "Organization", "name": entry.funder.name}
    return named | _id_of([(i.scheme, i.identifier) for i in entry.funder.identifiers])


def _grant(entry: Funding) -> dict[str, Any]:
    made: dict[str, Any] = {"@type": "Grant", "funder": _funder(entry)}
    if entry.award:
        stated = (("identifier", "number"), ("name", "title"), ("url", "uri"))
        award = entry.award.model_dump()
        made |= {theirs: award[ours] for theirs, ours in stated if award[ours]}
    return made


def _place(feature: Location) -> dict[str, Any]:
    made: dict[str, Any] = {"@type": "Place"}
    if feature.place:
        made["name"] = feature.place
    shapes = [_shape(part) for part in feature.geometry.parts()] if feature.geometry else []
    return made | ({"geo": shapes if shapes[1:] else shapes[0]} if shapes else {})


def _shape(geometry: Geometry) -> dict[str, Any]:
    """schema.org writes latitude before longitude."""
    coordinates = geometry.coordinates or []
    if geometry.type == "Point":
        longitude, latitude = coordinates
        return {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    if geometry.bbox is not None:
        west, south, east, north = geometry.bbox
        return {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
    ring = " ".join(f"{latitude} {longitude}" for longitude, latitude in coordinates[0])
    return {"@type": "GeoShape", "polygon": ring}


def _download(file: FileEntry) -> dict[str, Any]:
    made = {
        "@type": "DataDownload",
        "name": file.path,
        "contentUrl": file.url,
        "encodingFormat": file.media_type,
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }
    return made | ({"license": file.license_url} if file.license_url else {})


def _catalogue(document: Document) -> dict[str, str] | None:
    if not document.repository_name:
        return None
    address = document.url.rpartition("/records/")[0] + "/"
    return {"@type": "DataCatalog", "name": document.repository_name, "url": address}


def _related(document: Document) -> dict[str, list[Any]]:
    """Other works by the relations schema.org has a word for; the concept and its versions too."""
    made: dict[str, list[Any]] = {}
    for related in document.metadata.related_identifiers:
        word = RELATIONS.get(related.relation_type.id)
        address = url(related.scheme, related.identifier)
        if word and address:
            made.setdefault(word, []).append({"@type": "CreativeWork", "@id": address})
    if document.concept_doi and document.concept_doi != document.doi:
        concept = document.concept_doi_url
        made.setdefault("isPartOf", []).append({"@type": "CreativeWork", "@id": concept})
    for each in document.collections:
        if each.direct:
            part = {"@type": "Collection", "@id": each.url, "name": each.title_vi}
            made.setdefault("isPartOf", []).append(part)
    return made
