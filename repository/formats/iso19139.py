"""ISO 19115 metadata in the XML of ISO 19139, for catalogues of geographic data.

Offered only for records that have a place on the map.
"""

from lxml import etree

from repository.formats.base import Oai
from repository.formats.places import boxes
from repository.formats.xml import add as add_element
from repository.formats.xml import serialise, start
from repository.records.document import Document
from repository.records.metadata.dates import is_moment
from repository.records.metadata.languages import iso_639_3

GMD = "http://www.isotc211.org/2005/gmd"
GCO = "http://www.isotc211.org/2005/gco"
SCHEMA = "http://www.isotc211.org/2005/gmd/gmd.xsd"
_CODES = "http://www.isotc211.org/2005/resources/Codelist/gmxCodelists.xml#"
_DATES = {"created": "creation", "issued": "publication", "updated": "revision"}
_RESTRICTED = {"open": "unrestricted"}


class Iso19139:
    name = "iso19139"
    label = "ISO 19139"
    media_type = "application/vnd.iso.19139+xml"
    extension = "xml"
    oai: Oai | None = Oai("iso19139", SCHEMA, GMD)

    def suits(self, document: Document) -> bool:
        return next(boxes(document.metadata), None) is not None

    def render(self, document: Document) -> bytes:
        return serialise(element(document))


def add(parent: etree._Element, path: str) -> etree._Element:
    """Append nested `gmd` elements, such as `contact/CI_ResponsibleParty`; the innermost."""
    for name in path.split("/"):
        parent = add_element(parent, f"{{{GMD}}}{name}")
    return parent


def _text(parent: etree._Element, path: str, text: str | None) -> None:
    if text:
        add_element(add(parent, path), f"{{{GCO}}}CharacterString", text)


def _code(parent: etree._Element, path: str, codelist: str, value: str) -> None:
    told = {"codeList": _CODES + codelist, "codeListValue": value}
    add_element(add(parent, path), f"{{{GMD}}}{codelist}", value, told)


def element(document: Document) -> etree._Element:
    metadata = document.metadata
    root = start("MD_Metadata", GMD, SCHEMA, {"gmd": GMD, "gco": GCO})
    _text(root, "fileIdentifier", document.id)
    language = metadata.languages[0].id if metadata.languages else "vie"
    _code(root, "language", "LanguageCode", iso_639_3(language))
    _code(root, "characterSet", "MD_CharacterSetCode", "utf8")
    _code(root, "hierarchyLevel", "MD_ScopeCode", "dataset")
    _party(add(root, "contact"), document.repository_name, "pointOfContact")
    stamp = add_element(add(root, "dateStamp"), f"{{{GCO}}}DateTime")
    stamp.text = f"{document.updated_at:%Y-%m-%dT%H:%M:%SZ}"
    _text(root, "metadataStandardName", "ISO 19115:2003/19139")
    _identification(add(root, "identificationInfo/MD_DataIdentification"), document, language)
    _distribution(add(root, "distributionInfo/MD_Distribution"), document)
    return root


def _party(parent: etree._Element, name: str, role: str, organisation: str | None = None) -> None:
    party = add(parent, "CI_ResponsibleParty")
    if organisation is not None:
        _text(party, "individualName", name)
    _text(party, "organisationName", organisation or name)
    _code(party, "role", "CI_RoleCode", role)


def _identification(part: etree._Element, document: Document, language: str) -> None:
    metadata = document.metadata
    citation = add(part, "citation/CI_Citation")
    _text(citation, "title", metadata.title())
    for title in metadata.titles[1:]:
        _text(citation, "alternateTitle", title.title)
    _date(citation, metadata.publication_date, "publication")
    for date in metadata.dates:
        if date.type.id in _DATES:
            _date(citation, date.date, _DATES[date.type.id])
    _text(citation, "edition", metadata.version)
    _text(citation, "identifier/MD_Identifier/code", document.doi or document.url)
    for creator in metadata.creators:
        places = creator.affiliations
        party = add(citation, "citedResponsibleParty")
        _party(party, creator.person_or_org.name, "author", places[0].name if places else None)
    _party(add(citation, "citedResponsibleParty"), metadata.publisher, "publisher")
    _text(part, "abstract", metadata.description() or metadata.title())
    if metadata.subjects:
        keywords = add(part, "descriptiveKeywords/MD_Keywords")
        for subject in metadata.subjects:
            _text(keywords, "keyword", subject.subject)
    _constraints(part, document)
    _code(part, "language", "LanguageCode", iso_639_3(language))
    _extent(part, document)


def _date(citation: etree._Element, day: str, kind: str) -> None:
    """A day, month or year; `gco:Date` has no room for anything else (`basicTypes.xsd`)."""
    begun = day.partition("/")[0]
    if not is_moment(begun) or begun.startswith(("-", "0000")):
        return
    date = add(citation, "date/CI_Date")
    add_element(add(date, "date"), f"{{{GCO}}}Date", begun[:10])
    _code(date, "dateType", "CI_DateTypeCode", kind)


def _constraints(part: etree._Element, document: Document) -> None:
    legal = add(part, "resourceConstraints/MD_LegalConstraints")
    for right in document.metadata.rights:
        _text(legal, "useLimitation", right.link or right.title or right.id)
    allowed = _RESTRICTED.get(document.access.status, "restricted")
    _code(legal, "accessConstraints", "MD_RestrictionCode", "otherRestrictions")
    _text(legal, "otherConstraints", allowed)
    if document.access.embargo_until:
        _text(legal, "otherConstraints", f"Under embargo until {document.access.embargo_until}")


def _extent(part: etree._Element, document: Document) -> None:
    for box in boxes(document.metadata):
        bounds = add(part, "extent/EX_Extent/geographicElement/EX_GeographicBoundingBox")
        west, south, east, north = box
        for name, number in (
            ("westBoundLongitude", west),
            ("eastBoundLongitude", east),
            ("southBoundLatitude", south),
            ("northBoundLatitude", north),
        ):
            add_element(add(bounds, name), f"{{{GCO}}}Decimal", f"{number:.6f}")


def _distribution(part: etree._Element, document: Document) -> None:
    online = add(part, "transferOptions/MD_DigitalTransferOptions")
    _resource(online, document.url, document.metadata.title(), "information")
    for file in document.files:
        _resource(online, file.url, file.path, "download")


def _resource(online: etree._Element, address: str, name: str, function: str) -> None:
    resource = add(online, "onLine/CI_OnlineResource")
    add_element(add(resource, "linkage"), f"{{{GMD}}}URL", address)
    _text(resource, "name", name)
    _code(resource, "function", "CI_OnLineFunctionCode", function)
