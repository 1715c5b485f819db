"""DCAT-AP in RDF/XML as OAI-PMH sends it: the same graph is always the same bytes.

rdflib writes a graph in the order of its memory and gives blank nodes new names each time; a
harvester would be told of a change whenever a record is rendered anew.
"""

from lxml import etree
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF
from rdflib.term import Node

from repository.formats.base import Oai
from repository.formats.dcat import PROFILE, graph_of
from repository.formats.xml import LANG, add, serialise, start
from repository.records.document import Document

NAMESPACE = str(RDF)
SCHEMA = PROFILE
_ABOUT, _RESOURCE = f"{{{NAMESPACE}}}about", f"{{{NAMESPACE}}}resource"
_DATATYPE = f"{{{NAMESPACE}}}datatype"


class DcatAp:
    name = "dcat-ap"
    label = "DCAT-AP (OAI-PMH)"
    media_type = "application/x-dcat-ap+xml"
    extension = "rdf"
    oai: Oai | None = Oai("dcat_ap", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(graph_of(document)))


def element(graph: Graph) -> etree._Element:
    """A graph whose blank nodes are each the object of one statement, written inside it."""
    prefixes = {str(prefix): str(namespace) for prefix, namespace in graph.namespaces()}
    root = start("RDF", NAMESPACE, SCHEMA, prefixes | {"rdf": NAMESPACE})
    named = sorted({str(node) for node in graph.subjects() if isinstance(node, URIRef)})
    for address in named:
        _describe(root, graph, URIRef(address))
    return root


def _describe(parent: etree._Element, graph: Graph, node: Node) -> None:
    about = {_ABOUT: str(node)} if isinstance(node, URIRef) else {}
    described = add(parent, f"{{{NAMESPACE}}}Description", None, about)
    statements = [_statement(described, graph, p, o) for p, o in graph.predicate_objects(node)]
    described[:] = sorted(statements, key=etree.tostring)


def _statement(
    parent: etree._Element, graph: Graph, predicate: Node, value: Node
) -> etree._Element:
    _prefix, namespace, name = graph.compute_qname(str(predicate))
    statement = add(parent, f"{{{namespace}}}{name}")
    if isinstance(value, BNode):
        _describe(statement, graph, value)
    elif isinstance(value, Literal):
        statement.text = str(value)
        if value.language:
            statement.set(LANG, value.language)
        elif value.datatype:
            statement.set(_DATATYPE, str(value.datatype))
    else:
        statement.set(_RESOURCE, str(value))
    return statement
