"""DataCite XML: written as kernel 4.7, read from any kernel 4."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

from repository.formats.base import Imported, Oai
from repository.formats.datacite_attributes import attributes
from repository.formats.datacite_document import attributes_of
from repository.formats.datacite_places import PLACE, POLYGON, Part
from repository.formats.datacite_xml_reading import ITEM_TEXTS, LISTS, NAMESPACE, read
from repository.formats.xml import LANG, add, serialise, start
from repository.records.document import Document
from repository.records.metadata import Metadata
from repository.records.metadata.text import clean

SCHEMA = "https://schema.datacite.org/meta/kernel-4.7/metadata.xsd"

__all__ = ["DataCiteXml", "read", "write"]


class DataCiteXml:
    name = "datacite-xml"
    label = "DataCite XML"
    media_type = "application/vnd.datacite.datacite+xml"
    profile = "http://datacite.org/schema/kernel-4"
    extension = "xml"
    oai: Oai | None = Oai("datacite", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(document))

    def read(self, data: bytes) -> Imported:
        return read(data)


def element(document: Document) -> etree._Element:
    """The `resource` element of a version, as harvesting puts it into an envelope.

    Without a DOI the landing page's address is the identifier, which the schema allows.
    """
    kind, identifier = ("DOI", document.doi) if document.doi else ("URL", document.url)
    return _resource(attributes_of(document), kind, identifier)


def write(metadata: Metadata, doi: str) -> bytes:
    """Metadata alone, with nothing of the repository's added."""
    return serialise(_resource(attributes(metadata), "DOI", doi))


def _resource(made: dict[str, Any], kind: str, identifier: str) -> etree._Element:
    root = start("resource", NAMESPACE, SCHEMA)
    add(root, "identifier", identifier, {"identifierType": kind})
    _people(root, "creators", made["creators"])
    _list(root, "titles", made)
    _publisher(root, made["publisher"])
    add(root, "publicationYear", f"{made['publicationYear']:04d}")
    types = made["types"]
    general = {"resourceTypeGeneral": types["resourceTypeGeneral"]}
    add(root, "resourceType", types.get("resourceType"), general)
    _list(root, "subjects", made)
    _people(root, "contributors", made["contributors"])
    _list(root, "dates", made)
    if "language" in made:
        add(root, "language", made["language"])
    _list(root, "alternateIdentifiers", made)
    _list(root, "relatedIdentifiers", made)
    _texts(root, "sizes", "size", made["sizes"])
    _texts(root, "formats", "format", made["formats"])
    if "version" in made:
        add(root, "version", made["version"])
    _list(root, "rightsList", made)
    _list(root, "descriptions", made)
    _places(root, made["geoLocations"])
    _funding(root, made["fundingReferences"])
    _items(root, made["relatedItems"])
    return root


def _list(parent: etree._Element, wrapper: str, made: Mapping[str, Any]) -> None:
    tag, text, names = LISTS[wrapper]
    entries = made[wrapper]
    if not entries:
        return
    inside = add(parent, wrapper)
    for entry in entries:
        child = add(inside, tag, None, {xml: entry.get(key) for xml, key in names.items()})
        if wrapper == "descriptions":
            _lines(child, entry[text])
        elif text in entry:
            child.text = clean(entry[text])


def _lines(parent: etree._Element, text: str) -> None:
    """Lines of a text with a `br` between them, the only mark-up a description may have."""
    first, *others = clean(text).split("\n")
    parent.text = first
    for line in others:
        add(parent, "br").tail = line


def _texts(parent: etree._Element, wrapper: str, tag: str, texts: Iterable[str]) -> None:
    listed = list(texts)
    inside = add(parent, wrapper) if listed else parent
    for text in listed:
        add(inside, tag, text)


def _publisher(root: etree._Element, publisher: Mapping[str, str]) -> None:
    named = {
        "publisherIdentifier": publisher.get("publisherIdentifier"),
        "publisherIdentifierScheme": publisher.get("publisherIdentifierScheme"),
        "schemeURI": publisher.get("schemeUri"),
        LANG: publisher.get("lang"),
    }
    add(root, "publisher", publisher["name"], named)


def _people(parent: etree._Element, wrapper: str, people: list[dict[str, Any]]) -> None:
    inside = add(parent, wrapper) if people else parent
    tag = wrapper.removesuffix("s")
    for person in people:
        child = add(inside, tag, None, {"contributorType": person.get("contributorType")})
        named = {"nameType": person.get("nameType"), LANG: person.get("lang")}
        add(child, f"{tag}Name", person["name"], named)
        for part in ("givenName", "familyName"):
            if part in person:
                add(child, part, person[part])
        for known in person["nameIdentifiers"]:
            scheme = {
                "nameIdentifierScheme": known["nameIdentifierScheme"],
                "schemeURI": known.get("schemeUri"),
            }
            add(child, "nameIdentifier", known["nameIdentifier"], scheme)
        for organisation in person["affiliation"]:
            _affiliation(child, organisation)


def _affiliation(parent: etree._Element, organisation: Mapping[str, str]) -> None:
    named = {
        "affiliationIdentifier": organisation.get("affiliationIdentifier"),
        "affiliationIdentifierScheme": organisation.get("affiliationIdentifierScheme"),
        "schemeURI": organisation.get("schemeUri"),
    }
    add(parent, "affiliation", organisation["name"], named)


def _places(root: etree._Element, places: list[list[Part]]) -> None:
    inside = add(root, "geoLocations") if places else root
    for parts in places:
        place = add(inside, "geoLocation")
        for name, value in parts:
            if name == PLACE:
                add(place, name, value)
                continue
            shape = add(place, name)
            if name == POLYGON:
                for point in value:
                    for kind, position in point.items():
                        _numbers(add(shape, kind), position)
            else:
                _numbers(shape, value)


def _numbers(parent: etree._Element, members: Mapping[str, float]) -> None:
    for name, number in members.items():
        add(parent, name, format(Decimal(repr(number)), "f"))


def _funding(root: etree._Element, references: list[dict[str, Any]]) -> None:
    inside = add(root, "fundingReferences") if references else root
    for entry in references:
        child = add(inside, "fundingReference")
        add(child, "funderName", entry["funderName"])
        if "funderIdentifier" in entry:
            kind = {
                "funderIdentifierType": entry["funderIdentifierType"],
                "schemeURI": entry.get("schemeUri"),
            }
            add(child, "funderIdentifier", entry["funderIdentifier"], kind)
        if "awardNumber" in entry or "awardUri" in entry:
            address = {"awardURI": entry.get("awardUri")}
            add(child, "awardNumber", entry.get("awardNumber"), address)
        if "awardTitle" in entry:
            add(child, "awardTitle", entry["awardTitle"], {LANG: entry.get("awardTitleLang")})


def _items(root: etree._Element, items: list[dict[str, Any]]) -> None:
    inside = add(root, "relatedItems") if items else root
    for item in items:
        names = ("relatedItemType", "relationType", "relationTypeInformation")
        child = add(inside, "relatedItem", None, {name: item.get(name) for name in names})
        known = item.get("relatedItemIdentifier")
        if known:
            described = {
                "relatedItemIdentifierType": known.get("relatedItemIdentifierType"),
                "relatedMetadataScheme": known.get("relatedMetadataScheme"),
                "schemeURI": known.get("schemeUri"),
                "schemeType": known.get("schemeType"),
            }
            add(child, "relatedItemIdentifier", known.get("relatedItemIdentifier"), described)
        _people(child, "creators", item["creators"])
        _list(child, "titles", item)
        for name in ITEM_TEXTS:
            if name in item:
                kind = {"numberType": item.get("numberType")} if name == "number" else None
                add(child, name, item[name], kind)
        _people(child, "contributors", item["contributors"])
