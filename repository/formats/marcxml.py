"""MARC 21 in XML, for library systems and discovery services.

Library of Congress, MARC 21 Format for Bibliographic Data; computer files and electronic resources.
"""

from collections.abc import Iterable

from lxml import etree

from repository.formats import coar
from repository.formats.base import Oai
from repository.formats.xml import add, serialise, start
from repository.records.document import Document
from repository.records.metadata.identifiers import url
from repository.records.metadata.people import Contributor, Creator
from repository.records.metadata.subjects import Subject
from repository.records.metadata.vocabularies import RESOURCE_TYPES

NAMESPACE = "http://www.loc.gov/MARC21/slim"
SCHEMA = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
# Leader 06, type of record; what is not listed is a computer file.
_RECORD_TYPES = {"publication": "a", "image": "k", "video": "g", "audio": "i"}
Subfields = Iterable[tuple[str, str | None]]


class MarcXml:
    name = "marcxml"
    label = "MARCXML"
    media_type = "application/marcxml+xml"
    extension = "xml"
    oai: Oai | None = Oai("marcxml", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(document))


def element(document: Document) -> etree._Element:
    """A `record` with its fields in the order of their tags."""
    root = start("record", NAMESPACE, SCHEMA)
    general = document.metadata.resource_type.id.partition("-")[0]
    add(root, "leader", f"00000n{_RECORD_TYPES.get(general, 'm')}m a2200000uu 4500")
    add(root, "controlfield", document.id, {"tag": "001"})
    changed = f"{document.updated_at:%Y%m%d%H%M%S}.0"
    add(root, "controlfield", changed, {"tag": "005"})
    _identification(root, document)
    _title_and_imprint(root, document)
    _notes(root, document)
    _subjects(root, document)
    _people(root, document)
    _links(root, document)
    return root


def _field(root: etree._Element, tag: str, indicators: str, subfields: Subfields) -> None:
    told = [(code, text) for code, text in subfields if text]
    if not told:
        return
    named = {"tag": tag, "ind1": indicators[0], "ind2": indicators[1]}
    field = add(root, "datafield", None, named)
    for code, text in told:
        add(field, "subfield", text, {"code": code})


def _identification(root: etree._Element, document: Document) -> None:
    if document.doi:
        _field(root, "024", "7 ", [("a", document.doi), ("2", "doi")])
    _field(root, "041", "  ", [("a", language.id) for language in document.metadata.languages])
    first = document.metadata.creators[0]
    _field(root, _tag("1", first), _indicators(first), _name(first))


def _title_and_imprint(root: etree._Element, document: Document) -> None:
    metadata = document.metadata
    _field(root, "245", "10", [("a", metadata.titles[0].title)])
    for title in metadata.titles[1:]:
        _field(root, "246", "3 ", [("a", title.title)])
    _field(root, "250", "  ", [("a", metadata.version)])
    imprint = [("b", metadata.publisher), ("c", metadata.publication_date)]
    _field(root, "264", " 1", imprint)
    _field(root, "300", "  ", [("a", size) for size in metadata.sizes])


def _notes(root: etree._Element, document: Document) -> None:
    access, until = coar.access_right(document.access.status), document.access.embargo_until
    _field(
        root,
        "506",
        "0 " if document.access.status == "open" else "1 ",
        [
            ("a", access.label),
            ("g", until.isoformat() if until else None),
            ("u", access.uri),
        ],
    )
    for description in document.metadata.descriptions:
        indicators = "3 " if description.type.id == "abstract" else "  "
        _field(root, "520", indicators, [("a", description.description)])
    for funding in document.metadata.funding:
        award = funding.award
        _field(
            root, "536", "  ", [("a", funding.funder.name), ("c", award.number if award else None)]
        )
    for right in document.metadata.rights:
        _field(root, "540", "  ", [("a", right.title or right.id), ("u", right.link)])


def _subjects(root: etree._Element, document: Document) -> None:
    for subject in document.metadata.subjects:
        if subject.scheme:
            _field(root, "650", " 7", _controlled(subject))
        else:
            _field(root, "653", "  ", [("a", subject.subject)])
    kind = document.metadata.resource_type.id
    _field(root, "655", " 7", [("a", RESOURCE_TYPES.label(kind, "en")), ("2", "datacite")])


def _controlled(subject: Subject) -> Subfields:
    code = subject.value_uri or subject.classification_code
    return [("a", subject.subject), ("0", code), ("2", subject.scheme)]


def _people(root: etree._Element, document: Document) -> None:
    metadata = document.metadata
    others: list[Creator | Contributor] = [*metadata.creators[1:], *metadata.contributors]
    for person in others:
        _field(root, _tag("7", person), _indicators(person), _name(person))


def _tag(first_digit: str, person: Creator | Contributor) -> str:
    return first_digit + ("10" if person.person_or_org.type == "organizational" else "00")


def _indicators(person: Creator | Contributor) -> str:
    return "2 " if person.person_or_org.type == "organizational" else "1 "


def _name(person: Creator | Contributor) -> Subfields:
    named = person.person_or_org
    known = [url(i.scheme, i.identifier) or i.identifier for i in named.identifiers]
    return [
        ("a", named.name),
        ("e", person.role.id if person.role else "author"),
        *(("u", place.name) for place in person.affiliations),
        *(("1", address) for address in known),
    ]


def _links(root: etree._Element, document: Document) -> None:
    for related in document.metadata.related_identifiers:
        address = url(related.scheme, related.identifier) or related.identifier
        _field(root, "787", "08", [("i", related.relation_type.id), ("o", address)])
    _field(root, "856", "40", [("u", document.url)])
    for file in document.files:
        told = [
            ("u", file.url),
            ("f", file.path),
            ("q", file.media_type),
            ("s", f"{file.size} bytes"),
        ]
        _field(root, "856", "40", told)
