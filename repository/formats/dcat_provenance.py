"""Where a dataset comes from, in PROV-O's words, as DCAT-AP 3 has them; and its catalogue record.

https://www.w3.org/TR/vocab-dcat-3/, sections 14.1 (qualified attribution) and 6.7 (records).
"""

from collections.abc import Callable

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS
from rdflib.term import Node

from repository.records.document import Document
from repository.records.metadata.funding import Funding
from repository.records.metadata.identifiers import url
from repository.records.metadata.people import Contributor

# What assessments of FAIRness look for (FAIR Metrics, A2).
POLICY = URIRef("http://www.w3.org/2000/10/swap/pim/doc#persistencePolicy")
PROFILE = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/"
MAX_PEOPLE = 200
_ROLE = "http://registry.it.csiro.au/def/isotc211/CI_RoleCode/"
# DataCite's contributor types in the words of ISO 19115, which DCAT recommends.
_ROLES = {
    "contactperson": "pointOfContact",
    "datacurator": "custodian",
    "datamanager": "custodian",
    "distributor": "distributor",
    "editor": "editor",
    "projectleader": "principalInvestigator",
    "rightsholder": "rightsHolder",
    "sponsor": "sponsor",
    "supervisor": "principalInvestigator",
}
Agent = Callable[[Graph, Contributor], Node]


def add_provenance(graph: Graph, node: URIRef, document: Document, agent: Agent) -> None:
    """Who contributed and how, which funded work it is of, what it is made from."""
    for contributor in document.metadata.contributors[:MAX_PEOPLE]:
        attribution, role = BNode(), _ROLES.get(contributor.role.id, "contributor")
        graph.add((node, PROV.qualifiedAttribution, attribution))
        graph.add((attribution, RDF.type, PROV.Attribution))
        graph.add((attribution, PROV.agent, agent(graph, contributor)))
        graph.add((attribution, DCAT.hadRole, URIRef(_ROLE + role)))
        graph.add((URIRef(_ROLE + role), RDF.type, DCAT.Role))
    for entry in document.metadata.funding:
        _add_funded(graph, node, entry)
    for related in document.metadata.related_identifiers:
        address = url(related.scheme, related.identifier)
        if address and related.relation_type.id == "isderivedfrom":
            graph.add((node, PROV.wasDerivedFrom, URIRef(iri(address))))
    if document.previous is not None:
        graph.add((node, PROV.wasRevisionOf, URIRef(document.previous.url)))


def _add_funded(graph: Graph, node: URIRef, entry: Funding) -> None:
    work, funder = BNode(), BNode()
    graph.add((node, PROV.wasGeneratedBy, work))
    graph.add((work, RDF.type, PROV.Activity))
    if entry.award is not None:
        told = (entry.award.title, entry.award.number)
        graph.add((work, RDFS.label, Literal(" ".join(filter(None, told)) or entry.award.uri)))
    graph.add((work, PROV.wasAssociatedWith, funder))
    graph.add((funder, RDF.type, PROV.Agent))
    graph.add((funder, FOAF.name, Literal(entry.funder.name)))


def add_record(graph: Graph, node: URIRef, document: Document) -> None:
    """The description as a thing of its own: what it conforms to, and that it will stay."""
    site = document.url.rpartition("/records/")[0]
    record, profile = URIRef(f"{document.url}#record"), URIRef(PROFILE)
    graph.add((node, FOAF.isPrimaryTopicOf, record))
    graph.add((record, RDF.type, DCAT.CatalogRecord))
    graph.add((record, FOAF.primaryTopic, node))
    graph.add((record, DCTERMS.modified, Literal(document.updated_at)))
    graph.add((record, DCTERMS.conformsTo, profile))
    graph.add((profile, RDF.type, DCTERMS.Standard))
    graph.add((record, POLICY, URIRef(f"{site}/about/policies/preservation")))


def iri(address: str) -> str:
    """Characters that RFC 3987 forbids, and that would break every syntax, percent-encoded."""
    return "".join(c if c > " " and c not in '<>"{}|\\^`' else f"%{ord(c):02X}" for c in address)
