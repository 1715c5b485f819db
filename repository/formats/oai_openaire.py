"""OpenAIRE Guidelines for Literature, Institutional and Thematic Repositories 4.0.

https://openaire-guidelines-for-literature-repository-managers.readthedocs.io/en/v4.0.0/
Its schema takes DataCite's elements as they were in 4.1; what came later is left out.
"""

from lxml import etree

from repository.formats import coar, datacite_xml
from repository.formats.base import Oai
from repository.formats.datacite_xml_reading import NAMESPACE as DATACITE
from repository.formats.dublin_core import DC
from repository.formats.xml import LANG, add, name_of, serialise, start
from repository.records.document import Document
from repository.records.metadata.funding import Funding
from repository.records.metadata.vocabularies import FUNDER_SCHEMES

NAMESPACE = "http://namespace.openaire.eu/schema/oaire/"
SCHEMA = "https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd"
# The elements of DataCite that are taken whole, in the order of the guidelines.
TAKEN = (
    "titles",
    "creators",
    "contributors",
    "alternateIdentifiers",
    "relatedIdentifiers",
    "dates",
)
TAKEN_LAST = ("subjects", "sizes", "geoLocations")
NEWER_ATTRIBUTES = {
    "affiliation": ("affiliationIdentifier", "affiliationIdentifierScheme", "schemeURI"),
    "creatorName": (LANG,),
    "contributorName": (LANG,),
    "subject": ("classificationCode",),
    "relatedIdentifier": ("relationTypeInformation",),
}
NEWER_RELATIONS = {
    "Collects",
    "HasTranslation",
    "IsCollectedBy",
    "IsObsoletedBy",
    "IsPublishedIn",
    "IsTranslationOf",
    "Obsoletes",
    "Other",
}
NEWER_IDENTIFIERS = {"CSTR", "RAiD", "RRID", "SWHID"}
NEWER_DATES = {"Coverage", "Withdrawn"}
TYPES_THEN = {
    "Audiovisual",
    "Collection",
    "DataPaper",
    "Dataset",
    "Event",
    "Image",
    "InteractiveResource",
    "Model",
    "Other",
    "PhysicalObject",
    "Service",
    "Software",
    "Sound",
    "Text",
    "Workflow",
}
_FUNDERS = {"ISNI", "GRID", "Crossref Funder ID"}
_PRODUCTS = {"dataset": "dataset", "software": "software"}


class OaiOpenAire:
    name = "oai-openaire"
    label = "OpenAIRE 4.0"
    media_type = "application/x-openaire+xml"
    extension = "xml"
    oai: Oai | None = Oai("oai_openaire", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(document))


def element(document: Document) -> etree._Element:
    root = start("resource", NAMESPACE, SCHEMA, {"datacite": DATACITE, "dc": DC})
    taken = {name_of(child): child for child in datacite_xml.element(document)}
    for child in taken.values():
        _as_in_4_1(child)
    _dates(taken, document)
    for name in TAKEN:
        if name in taken and len(taken[name]):
            root.append(taken[name])
    _funding(root, document.metadata.funding)
    _described(root, document)
    root.append(taken["identifier"])
    access = coar.access_right(document.access.status)
    add(root, f"{{{DATACITE}}}rights", access.label, {"rightsURI": access.uri})
    for name in TAKEN_LAST:
        if name in taken and len(taken[name]):
            root.append(taken[name])
    _licences(root, document)
    if document.metadata.version:
        add(root, "version", document.metadata.version)
    _files(root, document)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["datacite", "dc"])
    return root


def _dates(taken: dict[str, etree._Element], document: Document) -> None:
    """The publication date is mandatory as a date of its own (field 14), where DataCite is content
    with the year; beside an embargo's end stands its beginning (field 11).
    """
    dates = taken.setdefault("dates", etree.Element(f"{{{DATACITE}}}dates"))
    published = document.metadata.publication_date.partition("/")[0]
    wanted = ["Issued"] + (["Accepted"] if document.access.embargo_until else [])
    for kind in wanted:
        if not any(date.get("dateType") == kind for date in dates):
            add(dates, "date", published, {"dateType": kind})


def _as_in_4_1(taken: etree._Element) -> None:
    """Take out what DataCite 4.2 and later brought."""
    for child in list(taken.iter()):
        for attribute in NEWER_ATTRIBUTES.get(name_of(child), ()):
            if attribute in child.attrib:
                del child.attrib[attribute]
        if child.get("resourceTypeGeneral", "Text") not in TYPES_THEN:
            del child.attrib["resourceTypeGeneral"]
        if child.get("contributorType") == "Translator":
            child.set("contributorType", "Other")
        newer = (
            child.get("relationType") in NEWER_RELATIONS
            or child.get("relatedIdentifierType") in NEWER_IDENTIFIERS
            or child.get("dateType") in NEWER_DATES
        )
        parent = child.getparent()
        if newer and parent is not None:
            parent.remove(child)


def _described(root: etree._Element, document: Document) -> None:
    metadata = document.metadata
    for language in metadata.languages:
        add(root, f"{{{DC}}}language", language.id)
    add(root, f"{{{DC}}}publisher", metadata.publisher)
    kind = metadata.resource_type.id
    concept = coar.resource_type(kind)
    add(
        root,
        "resourceType",
        concept.label,
        {"resourceTypeGeneral": _product(kind), "uri": concept.uri},
    )
    for description in metadata.descriptions:
        add(root, f"{{{DC}}}description", description.description, {LANG: description.lang})
    for media_type in metadata.formats or sorted({file.media_type for file in document.files}):
        add(root, f"{{{DC}}}format", media_type)


def _product(kind: str) -> str:
    general = kind.partition("-")[0]
    if general == "publication":
        return "literature"
    return _PRODUCTS.get(general, "other research product")


def _funding(root: etree._Element, funding: list[Funding]) -> None:
    if not funding:
        return
    references = add(root, "fundingReferences")
    for entry in funding:
        reference = add(references, "fundingReference")
        add(reference, "funderName", entry.funder.name)
        for known in entry.funder.identifiers[:1]:
            kind = FUNDER_SCHEMES.datacite(known.scheme)
            typed = {"funderIdentifierType": kind if kind in _FUNDERS else "Other"}
            add(reference, "funderIdentifier", known.identifier, typed)
        if entry.award and (entry.award.number or entry.award.uri):
            add(reference, "awardNumber", entry.award.number or "", {"awardURI": entry.award.uri})
        if entry.award and entry.award.title:
            add(reference, "awardTitle", entry.award.title)


def _licences(root: etree._Element, document: Document) -> None:
    for right in document.metadata.rights:
        words = right.title or right.link or right.id
        from_day = document.metadata.publication_date
        add(root, "licenseCondition", words, {"startDate": from_day, "uri": right.link})


def _files(root: etree._Element, document: Document) -> None:
    access = coar.access_right(document.access.status).uri
    kind = _product(document.metadata.resource_type.id)
    typed = {"literature": "fulltext", "other research product": "other"}.get(kind, kind)
    for file in document.files:
        told = {"accessRightsURI": access, "mimeType": file.media_type, "objectType": typed}
        add(root, "file", file.url, told)
