"""MODS 3.7, the Library of Congress's Metadata Object Description Schema."""

from lxml import etree

from repository.formats import coar
from repository.formats.base import Oai
from repository.formats.people import name_parts
from repository.formats.places import places
from repository.formats.xml import LANG, add, serialise, start
from repository.records.document import Document
from repository.records.metadata.identifiers import url
from repository.records.metadata.people import Contributor, Creator
from repository.records.metadata.relations import RelatedIdentifier

NAMESPACE = "http://www.loc.gov/mods/v3"
SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd"
XLINK = "http://www.w3.org/1999/xlink"
_HREF = f"{{{XLINK}}}href"
_TYPES = {
    "publication": "text",
    "poster": "text",
    "image": "still image",
    "video": "moving image",
    "audio": "sound recording",
    "physicalobject": "three dimensional object",
}
# relatedItem's types, by our relation types; what is not listed has none.
_RELATIONS = {
    "isnewversionof": "preceding",
    "ispreviousversionof": "succeeding",
    "ispartof": "host",
    "haspart": "constituent",
    "isversionof": "otherVersion",
    "hasversion": "otherVersion",
    "isvariantformof": "otherFormat",
    "isoriginalformof": "original",
    "isreferencedby": "isReferencedBy",
    "references": "references",
    "isreviewedby": "reviewOf",
}


class Mods:
    name = "mods"
    label = "MODS"
    media_type = "application/mods+xml"
    extension = "xml"
    oai: Oai | None = Oai("mods", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(document))


def element(document: Document) -> etree._Element:
    root = start("mods", NAMESPACE, SCHEMA, {"xlink": XLINK})
    root.set("version", "3.7")
    _titles(root, document)
    for creator in document.metadata.creators:
        _name(root, creator, "creator")
    for contributor in document.metadata.contributors:
        _name(root, contributor, contributor.role.id)
    _kind(root, document)
    _origin(root, document)
    _contents(root, document)
    for related in document.metadata.related_identifiers:
        _related(root, related)
    _places_to_find_it(root, document)
    return root


def _titles(root: etree._Element, document: Document) -> None:
    for number, title in enumerate(document.metadata.titles):
        kind = "alternative" if number and title.type is not None else None
        translated = "translated" if number and title.type is None else kind
        info = add(root, "titleInfo", None, {"type": translated, LANG: title.lang})
        add(info, "title", title.title)


def _name(root: etree._Element, person: Creator | Contributor, role: str) -> None:
    named = person.person_or_org
    kind = "corporate" if named.type == "organizational" else "personal"
    name = add(root, "name", None, {"type": kind})
    parts = name_parts(named)
    if parts is None:
        add(name, "namePart", named.name)
    else:
        add(name, "namePart", parts[0], {"type": "family"})
        if parts[1]:
            add(name, "namePart", parts[1], {"type": "given"})
    add(add(name, "role"), "roleTerm", role, {"type": "text"})
    for known in named.identifiers:
        address = url(known.scheme, known.identifier) or known.identifier
        add(name, "nameIdentifier", address, {"type": known.scheme})
    for place in person.affiliations:
        add(name, "affiliation", place.name)


def _kind(root: etree._Element, document: Document) -> None:
    kind = document.metadata.resource_type.id
    add(root, "typeOfResource", _TYPES.get(kind.partition("-")[0], "software, multimedia"))
    concept = coar.resource_type(kind)
    add(root, "genre", concept.label, {"authority": "coar", "valueURI": concept.uri})


def _origin(root: etree._Element, document: Document) -> None:
    metadata = document.metadata
    origin = add(root, "originInfo")
    add(origin, "publisher", metadata.publisher)
    add(origin, "dateIssued", metadata.publication_date, {"encoding": "w3cdtf", "keyDate": "yes"})
    if document.access.embargo_until:
        embargo = {"type": "available", "encoding": "w3cdtf"}
        add(origin, "dateOther", document.access.embargo_until.isoformat(), embargo)
    if metadata.version:
        add(origin, "edition", metadata.version)
    for language in metadata.languages:
        told = {"type": "code", "authority": "iso639-3"}
        add(add(root, "language"), "languageTerm", language.id, told)
    media_types = sorted({file.media_type for file in document.files})
    if media_types or metadata.sizes:
        physical = add(root, "physicalDescription")
        for media_type in media_types:
            add(physical, "internetMediaType", media_type)
        for size in metadata.sizes:
            add(physical, "extent", size)


def _contents(root: etree._Element, document: Document) -> None:
    for description in document.metadata.descriptions:
        tag = "abstract" if description.type.id == "abstract" else "note"
        add(root, tag, description.description, {LANG: description.lang})
    for subject in document.metadata.subjects:
        told = {"authority": subject.scheme, "valueURI": subject.value_uri, LANG: subject.lang}
        add(add(root, "subject", None, told), "topic", subject.subject)
    for place in places(document.metadata):
        add(add(root, "subject"), "geographic", place)


def _related(root: etree._Element, related: RelatedIdentifier) -> None:
    kind = _RELATIONS.get(related.relation_type.id)
    item = add(root, "relatedItem", None, {"type": kind})
    address = url(related.scheme, related.identifier) or related.identifier
    add(item, "identifier", address, {"type": related.scheme})


def _places_to_find_it(root: etree._Element, document: Document) -> None:
    if document.doi:
        add(root, "identifier", document.doi, {"type": "doi"})
    location = add(root, "location")
    add(location, "url", document.url, {"usage": "primary display"})
    for file in document.files:
        add(location, "url", file.url, {"access": "raw object", "displayLabel": file.path})
    access = coar.access_right(document.access.status)
    restriction = {"type": "restriction on access", _HREF: access.uri}
    add(root, "accessCondition", access.label, restriction)
    for right in document.metadata.rights:
        use = {"type": "use and reproduction", _HREF: right.link}
        add(root, "accessCondition", right.title or right.id or right.link, use)
    record = add(root, "recordInfo")
    add(record, "recordIdentifier", document.id)
    add(record, "recordContentSource", document.repository_name)
    add(record, "recordChangeDate", document.updated_at.isoformat(), {"encoding": "w3cdtf"})
