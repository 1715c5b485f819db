"""What `dcat_ap` writes in RDF/XML, in Turtle and JSON-LD.

Understood is only what it writes: descriptions of named nodes, whose statements have a literal, an
address or the description of a blank node inside. For a page of a hundred datasets rdflib would
build, sort and look up a graph of ten thousand statements anew; here each is written as it comes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from repository.formats import dcat
from repository.formats.dcat_provenance import iri
from repository.formats.xml import LANG, name_of

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ABOUT, _RESOURCE, _DATATYPE = (f"{{{RDF}}}{name}" for name in ("about", "resource", "datatype"))
_TYPE = f"{RDF}type"
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
PREFIXES = {str(prefix): str(name) for prefix, name in dcat.new_graph().namespaces()}
PREFIXES["hydra"] = "http://www.w3.org/ns/hydra/core#"
_SHORT = {namespace: prefix for prefix, namespace in PREFIXES.items()}
Element = etree._Element  # noqa: SLF001 - lxml names its element type so


def turtle(described: Iterable[Element]) -> Iterator[str]:
    """https://www.w3.org/TR/turtle/, whose escapes in strings are JSON's."""
    for prefix, namespace in PREFIXES.items():
        yield f"@prefix {prefix}: <{namespace}> .\n"
    for node in described:
        yield f"\n<{iri(node.get(_ABOUT, ''))}> {_statements(node, '    ')} .\n"


def _statements(node: Element, indent: str) -> str:
    return f" ;\n{indent}".join(
        f"{_predicate(statement)} {_object(statement, indent)}" for statement in node
    )


def _predicate(statement: Element) -> str:
    name = etree.QName(statement)
    address = f"{name.namespace}{name.localname}"
    return "a" if address == _TYPE else _named(address)


def _named(address: str) -> str:
    """`dct:title` where the prefix is known, else the whole address."""
    at = max(address.rfind("#"), address.rfind("/")) + 1
    prefix, local = _SHORT.get(address[:at]), address[at:]
    return f"{prefix}:{local}" if prefix and _LOCAL.fullmatch(local) else f"<{iri(address)}>"


def _object(statement: Element, indent: str) -> str:
    if len(statement):
        deeper = indent + "    "
        return f"[\n{deeper}{_statements(statement[0], deeper)}\n{indent}]"
    address = statement.get(_RESOURCE)
    if address is not None:
        return _named(address)
    text = json.dumps(statement.text or "", ensure_ascii=False)
    language, datatype = statement.get(LANG), statement.get(_DATATYPE)
    if language:
        return f"{text}@{language}"
    return f"{text}^^{_named(datatype)}" if datatype else text


def json_ld(described: Iterable[Element]) -> dict[str, Any]:
    """https://www.w3.org/TR/json-ld11/, a graph of nodes."""
    return {"@context": PREFIXES, "@graph": [_node(node) for node in described]}


def _node(node: Element) -> dict[str, Any]:
    about = node.get(_ABOUT)
    made: dict[str, Any] = {} if about is None else {"@id": about}
    for statement in node:
        if name_of(statement) == "type":
            address = statement.get(_RESOURCE)
            made.setdefault("@type", []).append(address)
        else:
            made.setdefault(_key(statement), []).append(_value(statement))
    return made


def _key(statement: Element) -> str:
    name = etree.QName(statement)
    return _named(f"{name.namespace}{name.localname}").strip("<>")


def _value(statement: Element) -> dict[str, Any]:
    if len(statement):
        return _node(statement[0])
    address = statement.get(_RESOURCE)
    if address is not None:
        return {"@id": address}
    stated = {
        "@value": statement.text or "",
        "@language": statement.get(LANG),
        "@type": statement.get(_DATATYPE),
    }
    return {key: value for key, value in stated.items() if value is not None}
