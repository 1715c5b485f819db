"""DDI Codebook 2.5, as data archives (CESSDA among them) harvest it.

https://ddialliance.org/Specification/DDI-Codebook/2.5/
"""

from itertools import islice

from lxml import etree

from repository.formats import coar
from repository.formats.base import Oai
from repository.formats.people import in_role
from repository.formats.places import places
from repository.formats.xml import LANG, add, serialise, start
from repository.records.document import Document, FileEntry
from repository.records.metadata.people import Affiliation, PersonOrOrg
from repository.records.metadata.vocabularies import RESOURCE_TYPES

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
MAX_VARIABLES = 5000  # of a study; each is an element in a harvester's page
_NUMERIC = {"number", "integer"}
_BY_PUBLICATIONS = {"iscitedby", "isreferencedby", "issupplementto", "isdescribedby"}


class Ddi:
    name = "ddi"
    label = "DDI Codebook 2.5"
    media_type = "application/x-ddi+xml"
    extension = "xml"
    oai: Oai | None = Oai("ddi", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(document))


def element(document: Document) -> etree._Element:
    """A `codeBook` of one study, its files and the variables in them."""
    root = start("codeBook", NAMESPACE, SCHEMA)
    root.set("version", "2.5")
    study = add(root, "stdyDscr")
    _citation(add(study, "citation"), document)
    _about(add(study, "stdyInfo"), document)
    _access(add(study, "dataAccs"), document)
    _other_material(study, document)
    for number, file in enumerate(document.files, 1):
        _file(root, file, f"F{number}")
    _variables(root, document)
    return root


def _file(root: etree._Element, file: FileEntry, name: str) -> None:
    described = add(root, "fileDscr", None, {"ID": name, "URI": file.url})
    text = add(described, "fileTxt")
    add(text, "fileName", file.path)
    if file.variables:
        add(add(text, "dimensns"), "varQnty", str(len(file.variables)))
    add(text, "fileType", file.media_type)


def _variables(root: etree._Element, document: Document) -> None:
    """The columns of the tables, each saying which file it is of."""
    columns = (
        (f"F{number}", f"F{number}V{position}", variable)
        for number, file in enumerate(document.files, 1)
        for position, variable in enumerate(file.variables, 1)
    )
    first = list(islice(columns, MAX_VARIABLES))
    described = add(root, "dataDscr") if first else root
    for file, name, variable in first:
        told = {"ID": name, "name": variable.name, "files": file}
        one = add(described, "var", None, told | {"measUnit": variable.unit or None})
        for tag, words in (("labl", variable.label), ("txt", variable.description)):
            if words:
                add(one, tag, words)
        if variable.concept:
            add(one, "concept", variable.concept, {"vocabURI": variable.concept})
        if variable.type:
            kind = "numeric" if variable.type in _NUMERIC else "character"
            add(one, "varFormat", variable.type, {"type": kind, "schema": "other"})


def _citation(citation: etree._Element, document: Document) -> None:
    metadata = document.metadata
    statement = add(citation, "titlStmt")
    main = metadata.titles[0]
    add(statement, "titl", main.title, {LANG: main.lang})
    for tag, typed in (("altTitl", True), ("parTitl", False)):
        for title in metadata.titles[1:]:
            if (title.type is not None) is typed:
                add(statement, tag, title.title, {LANG: title.lang})
    if document.doi:
        add(statement, "IDNo", f"https://doi.org/{document.doi}", {"agency": "DOI"})
    add(statement, "IDNo", document.id, {"agency": document.repository_name})
    _responsibility(citation, document)


def _responsibility(citation: etree._Element, document: Document) -> None:
    metadata = document.metadata
    responsible = add(citation, "rspStmt")
    for creator in metadata.creators:
        _person(responsible, "AuthEnty", creator.person_or_org, creator.affiliations)
    for contributor in metadata.contributors:
        credit = {"role": contributor.role.id}
        add(responsible, "othId", contributor.person_or_org.name, credit)
    produced = add(citation, "prodStmt")
    for producer in in_role(metadata.contributors, "producer"):
        add(produced, "producer", producer.person_or_org.name)
    stated = [right.title or right.link or right.id or "" for right in metadata.rights]
    if stated:
        add(produced, "copyright", "; ".join(stated))
    for funding in metadata.funding:
        add(produced, "fundAg", funding.funder.name)
    for funding in metadata.funding:
        if funding.award and funding.award.number:
            add(produced, "grantNo", funding.award.number, {"agency": funding.funder.name})
    distributed = add(citation, "distStmt")
    add(distributed, "distrbtr", metadata.publisher)
    published = metadata.publication_date
    add(distributed, "distDate", published, {"date": published.partition("/")[0]})
    if metadata.version:
        add(add(citation, "verStmt"), "version", metadata.version)
    add(citation, "holdings", document.url, {"URI": document.url})


def _person(
    parent: etree._Element, tag: str, person: PersonOrOrg, places: list[Affiliation]
) -> None:
    add(parent, tag, person.name, {"affiliation": places[0].name if places else None})


def _about(information: etree._Element, document: Document) -> None:
    metadata = document.metadata
    if metadata.subjects:
        subjects = add(information, "subject")
        for subject in sorted(metadata.subjects, key=lambda subject: bool(subject.scheme)):
            tag = "topcClas" if subject.scheme else "keyword"
            told = {"vocab": subject.scheme, "vocabURI": subject.scheme_uri, LANG: subject.lang}
            add(subjects, tag, subject.subject, told)
    for description in metadata.descriptions:
        if description.type.id == "abstract":
            add(information, "abstract", description.description, {LANG: description.lang})
    summary = add(information, "sumDscr")
    for kind_of_date, tag in (("coverage", "timePrd"), ("collected", "collDate")):
        for date in metadata.dates:
            if date.type.id == kind_of_date:
                add(summary, tag, date.date)
    for place in places(metadata):
        add(summary, "geogCover", place)
    kind = metadata.resource_type.id
    add(summary, "dataKind", RESOURCE_TYPES.label(kind, "en"))


def _access(access: etree._Element, document: Document) -> None:
    right = coar.access_right(document.access.status)
    availability = add(access, "setAvail")
    add(availability, "accsPlac", document.repository_name, {"URI": document.url})
    if document.access.embargo_until:
        until = document.access.embargo_until.isoformat()
        add(availability, "avlStatus", f"Under embargo until {until}")
    if document.file_count:
        add(availability, "fileQnty", str(document.file_count))
    conditions = add(access, "useStmt")
    add(conditions, "restrctn", right.label)
    stated = [right.link or right.title or right.id or "" for right in document.metadata.rights]
    if stated:
        add(conditions, "conditions", "; ".join(stated))


def _other_material(study: etree._Element, document: Document) -> None:
    if not document.metadata.related_identifiers:
        return
    other = add(study, "othrStdyMat")
    for tag, wanted in (("relMat", False), ("relPubl", True)):
        for related in document.metadata.related_identifiers:
            if (related.relation_type.id in _BY_PUBLICATIONS) is wanted:
                add(other, tag, related.identifier)
