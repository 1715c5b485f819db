"""DCAT-AP 3.0.1, the profile of DCAT that national and European data portals harvest.

https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from collections.abc import Sequence

from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, XSD, NamespaceManager
from rdflib.term import Node

from repository.formats.base import Oai
from repository.formats.dcat_provenance import add_provenance, add_record, iri
from repository.records.document import Document, FileEntry
from repository.records.metadata.frequencies import ADDRESS, frequency_in
from repository.records.metadata.identifiers import url
from repository.records.metadata.people import Contributor, Creator, PersonOrOrg
from repository.records.metadata.places import Geometry, Location
from repository.records.metadata.subjects import Subject

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
DOC = Namespace("http://www.w3.org/2000/10/swap/pim/doc#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
GEO = "http://www.opengis.net/ont/geosparql#wktLiteral"
AUTHORITY = "http://publications.europa.eu/resource/authority"
VERSION = URIRef("http://www.w3.org/ns/dcat#version")  # of DCAT 3, which rdflib does not list
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
PROFILE = "http://data.europa.eu/r5r/"
_ACCESS = {
    "open": f"{AUTHORITY}/access-right/PUBLIC",
    "embargoed": f"{AUTHORITY}/access-right/RESTRICTED",
    "restricted": f"{AUTHORITY}/access-right/RESTRICTED",
    "metadata-only": f"{AUTHORITY}/access-right/NON_PUBLIC",
}
_PERIODS = ("coverage", "collected")


class _Dcat:
    """One graph, three ways to write it."""

    profile = PROFILE
    oai: Oai | None = None
    _syntax = ""

    def render(self, document: Document) -> bytes:
        return graph_of(document).serialize(format=self._syntax, encoding="utf-8")


class DcatTurtle(_Dcat):
    name = "dcat-turtle"
    label = "DCAT-AP (Turtle)"
    media_type = "text/turtle"
    extension = "ttl"
    _syntax = "turtle"


class DcatXml(_Dcat):
    name = "dcat-xml"
    label = "DCAT-AP (RDF/XML)"
    media_type = "application/rdf+xml"
    extension = "rdf"
    _syntax = "xml"


class DcatJsonLd(_Dcat):
    name = "dcat-jsonld"
    label = "DCAT-AP (JSON-LD)"
    media_type = f'application/ld+json;profile="{PROFILE}"'
    extension = "jsonld"
    _syntax = "json-ld"


class _Prefixes(NamespaceManager):
    """What rdflib writes Turtle's short names by, without its search for the one that fits an
    address of a file among those of all other files, again for each mention.
    """

    def compute_qname(self, uri: str, generate: bool = True) -> tuple[str, URIRef, str]:
        """Raises KeyError where no prefix fits and none is to be made up."""
        if not generate:
            bound = tuple(str(namespace) for _, namespace in self.namespaces())
            if not str(uri).startswith(bound):
                raise KeyError(uri)
        return super().compute_qname(uri, generate)


def new_graph() -> Graph:
    """An empty graph that writes DCAT's usual prefixes."""
    graph = Graph(bind_namespaces="none")
    graph.namespace_manager = _Prefixes(graph, bind_namespaces="none")
    named = {"dcat": DCAT, "dct": DCTERMS, "foaf": FOAF, "vcard": VCARD, "spdx": SPDX}
    for prefix, namespace in (
        named | {"locn": LOCN, "adms": ADMS, "xsd": XSD, "prov": PROV, "doc": DOC}
    ).items():
        graph.bind(prefix, namespace)
    return graph


def graph_of(document: Document) -> Graph:
    graph = new_graph()
    add_dataset(graph, document)
    return graph


def add_dataset(graph: Graph, document: Document) -> URIRef:
    """Put a version into `graph`, alone or as one of a catalogue's; gives its node."""
    metadata, node = document.metadata, URIRef(document.url)
    graph.add((node, RDF.type, DCAT.Dataset))
    for title in metadata.titles:
        graph.add((node, DCTERMS.title, Literal(title.title, lang=title.lang)))
    for each in metadata.descriptions:
        graph.add((node, DCTERMS.description, Literal(each.description, lang=each.lang)))
    if not metadata.descriptions:
        graph.add((node, DCTERMS.description, Literal(metadata.title())))
    _add_subjects(graph, node, metadata.subjects)
    graph.add(
        (node, DCTERMS.identifier, Literal(document.doi_url or document.url, datatype=XSD.anyURI))
    )
    graph.add((node, VERSION, Literal(metadata.version or str(document.number))))
    graph.add((node, DCTERMS.modified, Literal(document.updated_at)))
    if document.published_at is not None:
        graph.add((node, DCTERMS.issued, Literal(document.published_at)))
    _add(
        graph, node, DCTERMS.accessRights, _ACCESS[document.access.status], DCTERMS.RightsStatement
    )
    if document.access.embargo_until is not None:
        graph.add((node, DCTERMS.available, Literal(document.access.embargo_until)))
    _add(graph, node, DCAT.landingPage, document.url + "#page", FOAF.Document)
    publisher = _agent(graph, metadata.publisher, None, organisation=True)
    graph.add((node, DCTERMS.publisher, publisher))
    for creator in metadata.creators:
        graph.add((node, DCTERMS.creator, _creator(graph, creator)))
    _add_coverage(graph, node, document)
    _add_relations(graph, node, document)
    add_provenance(graph, node, document, _creator)
    add_record(graph, node, document)
    for right in document.metadata.rights:
        if right.link:
            _add(graph, node, DCTERMS.license, right.link, DCTERMS.LicenseDocument)
    for file in document.files:
        graph.add((node, DCAT.distribution, _distribution(graph, document, file)))
    return node


def _add_subjects(graph: Graph, node: Node, subjects: Sequence[Subject]) -> None:
    """Keywords; and how often the data are renewed, which the profile has once."""
    frequency = ""
    for subject in subjects:
        if code := frequency_in(subject.model_dump()):
            frequency = frequency or code
        else:
            graph.add((node, DCAT.keyword, Literal(subject.subject, lang=subject.lang)))
    if frequency:
        _add(graph, node, DCTERMS.accrualPeriodicity, ADDRESS + frequency, DCTERMS.Frequency)


def _add(graph: Graph, node: Node, predicate: URIRef, address: str, kind: URIRef) -> None:
    """State a relation to something elsewhere, and what that is, as the shapes ask."""
    graph.add((node, predicate, URIRef(iri(address))))
    graph.add((URIRef(iri(address)), RDF.type, kind))


def _creator(graph: Graph, creator: Creator | Contributor) -> Node:
    person: PersonOrOrg = creator.person_or_org
    known = (url(i.scheme, i.identifier) for i in person.identifiers)
    address = next(filter(None, known), None)
    return _agent(graph, person.name, address, organisation=person.type == "organizational")


def _agent(graph: Graph, name: str, address: str | None, *, organisation: bool) -> Node:
    node: Node = URIRef(iri(address)) if address else BNode()
    graph.add((node, RDF.type, FOAF.Agent))
    graph.add((node, RDF.type, FOAF.Organization if organisation else FOAF.Person))
    graph.add((node, FOAF.name, Literal(name)))
    return node


def _add_coverage(graph: Graph, node: URIRef, document: Document) -> None:
    metadata = document.metadata
    for language in metadata.languages:
        if len(language.id) == 3:  # the authority's codes are those of ISO 639-3
            address = f"{AUTHORITY}/language/{language.id.upper()}"
            _add(graph, node, DCTERMS.language, address, DCTERMS.LinguisticSystem)
    for date in metadata.dates:
        start, _slash, end = date.date.partition("/")
        if date.type.id in _PERIODS and (len(start) == 10 or len(end) == 10):
            period = BNode()
            graph.add((node, DCTERMS.temporal, period))
            graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
            for predicate, day in ((DCAT.startDate, start), (DCAT.endDate, end or start)):
                if len(day) == 10:
                    graph.add((period, predicate, Literal(day, datatype=XSD.date)))
    for place in metadata.locations.features:
        _add_place(graph, node, place)


def _add_place(graph: Graph, node: URIRef, place: Location) -> None:
    """A location for each point or polygon, for the profile allows one shape in each."""
    parts: list[Geometry | None] = [*place.geometry.parts()] if place.geometry else [None]
    for part in parts:
        where = BNode()
        graph.add((node, DCTERMS.spatial, where))
        graph.add((where, RDF.type, DCTERMS.Location))
        if place.place:
            graph.add((where, RDFS.label, Literal(place.place)))
        if part is not None:
            points = part.coordinates or []
            is_point = part.type == "Point"
            shape = _position(points) if is_point else f"({', '.join(map(_position, points[0]))})"
            text = Literal(f"{part.type.upper()}({shape})", datatype=URIRef(GEO))
            graph.add((where, DCAT.centroid if is_point else LOCN.geometry, text))


def _position(point: list[float]) -> str:
    """Longitude and latitude as well-known text writes them."""
    return f"{point[0]} {point[1]}"


def _add_relations(graph: Graph, node: URIRef, document: Document) -> None:
    if document.concept_doi_url:
        graph.add((node, DCTERMS.isVersionOf, URIRef(document.concept_doi_url)))
    for related in document.metadata.related_identifiers:
        found = url(related.scheme, related.identifier)
        if found:
            _add(graph, node, DCTERMS.relation, found, RDFS.Resource)


def _distribution(graph: Graph, document: Document, file: FileEntry) -> URIRef:
    node = URIRef(file.url + "#distribution")
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.title, Literal(file.path)))
    for predicate in (DCAT.accessURL, DCAT.downloadURL):
        _add(graph, node, predicate, file.url, RDFS.Resource)
    media_type = MEDIA_TYPES + file.media_type.split(";")[0]
    _add(graph, node, DCAT.mediaType, media_type, DCTERMS.MediaType)
    size = Literal(str(file.size), datatype=XSD.nonNegativeInteger)
    graph.add((node, DCAT.byteSize, size))
    stated = (right.link for right in document.metadata.rights[:1])
    licence = file.license_url or next(stated, None)
    if licence:
        _add(graph, node, DCTERMS.license, licence, DCTERMS.LicenseDocument)
    if document.terms_url:
        _add(graph, node, DCTERMS.rights, document.terms_url, DCTERMS.RightsStatement)
    checksum = BNode()
    graph.add((node, SPDX.checksum, checksum))
    graph.add((checksum, RDF.type, SPDX.Checksum))
    graph.add((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    graph.add((SPDX.checksumAlgorithm_sha256, RDF.type, SPDX.ChecksumAlgorithm))
    graph.add((checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary)))
    return node
