"""SKOS concepts out of Turtle, RDF/XML or JSON-LD; nothing is fetched, no entity expanded."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree
from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.vocabularies.rows import TermRow

FORMATS = {"ttl": "turtle", "rdf": "xml", "xml": "xml", "jsonld": "json-ld", "json": "json-ld"}
MAX_DEPTH = 100


class Scheme(NamedTuple):
    """What the file says of the list itself."""

    uri: str
    title_vi: str
    title_en: str
    version: str


def read(data: bytes, ending: str) -> tuple[Scheme, Iterator[TermRow]]:
    """The list and its concepts, in the order of their codes. Raises ValidationFailed."""
    graph = _graph(data, FORMATS[ending])
    return _scheme(graph), _rows(graph)


def _graph(data: bytes, syntax: str) -> Graph:
    if syntax == "xml":
        _refuse_entities(data)
    if syntax == "json-ld":
        _refuse_remote(data)
    graph = Graph()
    try:
        graph.parse(data=data, format=syntax, publicID="urn:vocabulary:")
    except Exception as error:  # each of rdflib's parsers raises errors of its own
        message = N_("The file cannot be read: %(reason)s")
        wrong = FieldError("/file", message, {"reason": str(error)[:300]})
        raise ValidationFailed(errors=[wrong]) from error
    return graph


def _refuse_entities(data: bytes) -> None:
    """A DOCTYPE is where entities are declared; lxml finds it in whatever encoding."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        message = N_("The file cannot be read: %(reason)s")
        wrong = FieldError("/file", message, {"reason": str(error)[:300]})
        raise ValidationFailed(errors=[wrong]) from error
    if root.getroottree().docinfo.internalDTD is not None:
        message = N_("XML with a DOCTYPE is not taken; save the list as Turtle.")
        raise ValidationFailed(errors=[FieldError("/file", message)])


def _refuse_remote(data: bytes) -> None:
    """A context by its address would be fetched; it has to stand in the file."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValidationFailed(errors=[FieldError("/file", N_("This is not JSON."))]) from error
    if any(_is_remote(context) for context in _contexts(told)):
        message = N_("Write the JSON-LD context into the file; addresses are not followed.")
        raise ValidationFailed(errors=[FieldError("/file", message)])


def _contexts(value: Any, depth: int = 0) -> Iterator[Any]:
    if depth > MAX_DEPTH:
        raise ValidationFailed(errors=[FieldError("/file", N_("The JSON is nested too deeply."))])
    if isinstance(value, dict):
        yield from (item for key, item in value.items() if key in ("@context", "@import"))
    children = value.values() if isinstance(value, dict) else value
    for child in children if isinstance(value, dict | list) else ():
        yield from _contexts(child, depth + 1)


def _is_remote(context: Any) -> bool:
    if isinstance(context, list):
        return any(map(_is_remote, context))
    return isinstance(context, str)


def _scheme(graph: Graph) -> Scheme:
    node = next(graph.subjects(RDF.type, SKOS.ConceptScheme), None)
    if node is None:
        return Scheme("", "", "", "")
    vi, en, _others = _labels(graph, node, (SKOS.prefLabel, DCTERMS.title))
    told = graph.value(node, OWL.versionInfo) or graph.value(node, DCTERMS.hasVersion)
    return Scheme(str(node) if isinstance(node, URIRef) else "", vi, en, str(told or ""))


def _rows(graph: Graph) -> Iterator[TermRow]:
    concepts = [c for c in set(graph.subjects(RDF.type, SKOS.Concept)) if isinstance(c, URIRef)]
    codes = _codes(graph, concepts)
    for concept in sorted(concepts, key=lambda each: codes[each]):
        vi, en, others = _labels(graph, concept, (SKOS.prefLabel,))
        broader = graph.value(concept, SKOS.broader, any=True)
        newer = graph.value(concept, DCTERMS.isReplacedBy, any=True)
        names = (str(each) for each in graph.objects(concept, SKOS.altLabel))
        yield TermRow(
            code=codes[concept],
            uri=str(concept),
            label_vi=vi,
            label_en=en or ("" if vi else next(iter(others), "")),
            parent=codes.get(broader, "") if broader else "",
            replaced_by=codes.get(newer, "") if newer else "",
            retired=str(graph.value(concept, OWL.deprecated, any=True)).lower() in ("true", "1"),
            names=(*names, *others),
        )


def _codes(graph: Graph, concepts: list[URIRef]) -> dict[Node, str]:
    """The notation of each, where no other has the same; else the end of its address."""
    notations = {c: str(graph.value(c, SKOS.notation, any=True) or "") for c in concepts}
    told = list(notations.values())
    unique = {code for code in told if code} if len(set(told)) == len(told) else set()
    return {
        c: n if n in unique else str(c).rstrip("/#").replace("#", "/").rpartition("/")[2]
        for c, n in notations.items()
    }


def _labels(graph: Graph, node: Node, names: tuple[URIRef, ...]) -> tuple[str, str, list[str]]:
    """In Vietnamese, in English (or no language), and in others."""
    vi = en = ""
    others = []
    for text in (t for name in names for t in graph.objects(node, name)):
        language = (text.language or "").lower() if isinstance(text, Literal) else ""
        if language.startswith("vi"):
            vi = vi or str(text)
        elif not language or language.startswith("en"):
            en = en or str(text)
        else:
            others.append(str(text))
    return vi, en, sorted(others)
