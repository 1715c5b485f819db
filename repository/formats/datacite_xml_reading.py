"""Reads DataCite XML of any kernel 4 into DataCite's attributes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from repository.formats.base import Imported, UnreadableMetadata
from repository.formats.datacite_attributes import metadata_from
from repository.formats.datacite_places import BOX, PLACE, POINT, POLYGON, Part
from repository.formats.xml import LANG, name_of, parse

NAMESPACE = "http://datacite.org/schema/kernel-4"

# Each list: its items' tag, the attribute their text becomes, the names of their XML attributes.
LISTS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "titles": ("title", "title", {"titleType": "titleType", LANG: "lang"}),
    "subjects": (
        "subject",
        "subject",
        {
            "subjectScheme": "subjectScheme",
            "schemeURI": "schemeUri",
            "valueURI": "valueUri",
            "classificationCode": "classificationCode",
            LANG: "lang",
        },
    ),
    "dates": ("date", "date", {"dateType": "dateType", "dateInformation": "dateInformation"}),
    "alternateIdentifiers": (
        "alternateIdentifier",
        "alternateIdentifier",
        {"alternateIdentifierType": "alternateIdentifierType"},
    ),
    "relatedIdentifiers": (
        "relatedIdentifier",
        "relatedIdentifier",
        {
            "relatedIdentifierType": "relatedIdentifierType",
            "relationType": "relationType",
            "relationTypeInformation": "relationTypeInformation",
            "resourceTypeGeneral": "resourceTypeGeneral",
            "relatedMetadataScheme": "relatedMetadataScheme",
            "schemeURI": "schemeUri",
            "schemeType": "schemeType",
        },
    ),
    "rightsList": (
        "rights",
        "rights",
        {
            "rightsURI": "rightsUri",
            "rightsIdentifier": "rightsIdentifier",
            "rightsIdentifierScheme": "rightsIdentifierScheme",
            "schemeURI": "schemeUri",
            LANG: "lang",
        },
    ),
    "descriptions": (
        "description",
        "description",
        {"descriptionType": "descriptionType", LANG: "lang"},
    ),
}
ITEM_TEXTS = (
    "publicationYear",
    "volume",
    "issue",
    "number",
    "firstPage",
    "lastPage",
    "publisher",
    "edition",
)


def read(data: bytes) -> Imported:
    """Metadata and DOI of a `resource`. Raises UnreadableMetadata with the place and the reason.

    Elements the schema does not know are passed over; so are elements without any text. The
    wrapper `geoLocationPolygons`, which only some examples have, is looked into.
    """
    root = parse(data)
    namespace = etree.QName(root).namespace or ""
    if name_of(root) != "resource" or not re.fullmatch(rf"{NAMESPACE}(\.\d+)?", namespace):
        message = f"The root is not `resource` in the namespace {NAMESPACE}, but {root.tag}."
        raise UnreadableMetadata(message)
    given = _attributes(root)
    doi = None
    for identifier in _children(root, "identifier"):
        kind, value = identifier.get("identifierType", "DOI"), _text(identifier)
        if kind.upper() == "DOI":
            doi = value or None
        elif value:
            other = {"alternateIdentifier": value, "alternateIdentifierType": kind}
            given["alternateIdentifiers"].append(other)
    return Imported(metadata_from(given), doi)


def _attributes(root: etree._Element) -> dict[str, Any]:
    given: dict[str, Any] = {wrapper: list(_entries(root, wrapper)) for wrapper in LISTS}
    for wrapper in ("creators", "contributors"):
        given[wrapper] = list(_people(root, wrapper))
    for name in ("publicationYear", "language", "version"):
        given[name] = _first_text(root, name)
    for wrapper, tag in (("sizes", "size"), ("formats", "format")):
        texts = (_text(child) for child in _grandchildren(root, wrapper, tag))
        given[wrapper] = [text for text in texts if text]
    for publisher in _children(root, "publisher"):
        given["publisher"] = {"name": _text(publisher), **_named(publisher)}
    for kind in _children(root, "resourceType"):
        given["types"] = {"resourceType": _text(kind) or None, **_named(kind)}
    given["geoLocations"] = [_place(p) for p in _grandchildren(root, "geoLocations", "geoLocation")]
    references = _grandchildren(root, "fundingReferences", "fundingReference")
    given["fundingReferences"] = [_funding(reference) for reference in references]
    given["relatedItems"] = [_item(i) for i in _grandchildren(root, "relatedItems", "relatedItem")]
    return given


def _entries(parent: etree._Element, wrapper: str) -> Iterator[dict[str, Any]]:
    tag, text, names = LISTS[wrapper]
    for child in _grandchildren(parent, wrapper, tag):
        entry = {key: child.get(xml) for xml, key in names.items() if child.get(xml)}
        value = _lines(child) if wrapper == "descriptions" else _text(child)
        if value:
            entry[text] = value
        if value or "rightsUri" in entry or "rightsIdentifier" in entry:
            yield entry


def _people(parent: etree._Element, wrapper: str) -> Iterator[dict[str, Any]]:
    tag = wrapper.removesuffix("s")
    for child in _grandchildren(parent, wrapper, tag):
        person: dict[str, Any] = dict(_named(child))
        for name in _children(child, f"{tag}Name"):
            person |= {"name": _text(name), **_named(name)}
        for part in ("givenName", "familyName"):
            person[part] = _first_text(child, part)
        person["nameIdentifiers"] = [
            {"nameIdentifier": _text(known), **_named(known)}
            for known in _children(child, "nameIdentifier")
        ]
        person["affiliation"] = [
            {"name": _text(organisation), **_named(organisation)}
            for organisation in _children(child, "affiliation")
            if _text(organisation)
        ]
        yield person


def _place(location: etree._Element) -> list[Part]:
    parts: list[Part] = []
    for child in location.iterchildren(tag=etree.Element):
        name = name_of(child)
        if name == "geoLocationPolygons":
            parts += _place(child)
        elif name == PLACE and _text(child):
            parts.append((name, _text(child)))
        elif name in (POINT, BOX):
            parts.append((name, _members(child)))
        elif name == POLYGON:
            points = child.iterchildren(tag=etree.Element)
            parts.append((name, [{name_of(point): _members(point)} for point in points]))
    return parts


def _members(parent: etree._Element) -> dict[str, str]:
    return {name_of(c): _text(c) for c in parent.iterchildren(tag=etree.Element)}


def _funding(reference: etree._Element) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for child in reference.iterchildren(tag=etree.Element):
        named = _named(child)
        if name_of(child) == "awardTitle" and "lang" in named:
            named = {"awardTitleLang": named["lang"]}
        entry |= {name_of(child): _text(child) or None, **named}
    return entry


def _item(item: etree._Element) -> dict[str, Any]:
    entry: dict[str, Any] = dict(_named(item))
    entry["titles"] = list(_entries(item, "titles"))
    for wrapper in ("creators", "contributors"):
        entry[wrapper] = list(_people(item, wrapper))
    for known in _children(item, "relatedItemIdentifier"):
        identifier = {"relatedItemIdentifier": _text(known) or None, **_named(known)}
        entry["relatedItemIdentifier"] = identifier
    for name in ITEM_TEXTS:
        for child in _children(item, name):
            entry |= {name: _text(child) or None, **_named(child)}
    return entry


def _named(element: etree._Element) -> dict[str, str]:
    """The attributes of an element under the names of DataCite's JSON."""
    named = {"lang" if k == LANG else str(k): str(v) for k, v in element.attrib.items()}
    return {key.replace("URI", "Uri"): value for key, value in named.items() if value.strip()}


def _children(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    return (c for c in parent.iterchildren(tag=etree.Element) if name_of(c) == tag)


def _grandchildren(parent: etree._Element, wrapper: str, tag: str) -> Iterator[etree._Element]:
    for inside in _children(parent, wrapper):
        yield from _children(inside, tag)


def _first_text(parent: etree._Element, tag: str) -> str | None:
    return next((_text(child) for child in _children(parent, tag)), None) or None


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


def _lines(element: etree._Element) -> str:
    """A description: `br` ends a line, a blank line stays, wrapping by a pretty-printer goes."""
    pieces = [_unwrapped(element.text)]
    for child in element.iterchildren(tag=etree.Element):
        if name_of(child) == "br":
            pieces.append("\n")
        else:
            pieces.append(_unwrapped("".join(str(part) for part in child.itertext())))
        pieces.append(_unwrapped(child.tail))
    return "".join(pieces).strip()


def _unwrapped(text: str | None) -> str:
    ends = re.sub(r"^\s*\n\s*|\s*\n\s*$", "", text or "")
    paragraphs = re.sub(r"[ \t]*\n(?:[ \t]*\n)+[ \t]*", "\n\n", ends)
    return re.sub(r"(?<!\n)\n[ \t]+", " ", paragraphs)
