"""XML read without danger and written without characters that XML forbids."""

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from repository.formats.base import UnreadableMetadata
from repository.records.metadata.text import clean

MAX_BYTES: Final = 10 * 1024 * 1024
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def parse(data: bytes, most: int = MAX_BYTES) -> etree._Element:
    """The root of an XML document of at most `most` bytes.

    No DTD, no entity and nothing from the network is ever loaded; a document that declares a
    doctype is refused, because metadata has no use for one. Raises UnreadableMetadata.
    """
    if len(data) > most:
        raise UnreadableMetadata(f"The XML is larger than {most} bytes.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableMetadata(f"This is not well-formed XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMetadata("Remove the DOCTYPE: metadata may not declare entities.")
    return root


def start(
    tag: str, namespace: str, schema: str, prefixes: Mapping[str, str] | None = None
) -> etree._Element:
    """A root element that names its schema; `prefixes` maps prefixes to further namespaces.

    Its own namespace is the default one unless `prefixes` names it too.
    """
    named: dict[Any, str] = {"xsi": _XSI, **(prefixes or {})}
    if namespace not in named.values():
        named[None] = namespace
    root = etree.Element(f"{{{namespace}}}{tag}", nsmap=named)
    root.set(f"{{{_XSI}}}schemaLocation", f"{namespace} {schema}")
    return root


def serialise(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def add(
    parent: etree._Element,
    tag: str,
    text: str | None = None,
    attributes: Mapping[str, str | None] | None = None,
) -> etree._Element:
    """Append an element in the namespace of `parent`; attributes that are None are left out."""
    namespace = etree.QName(parent).namespace
    child = etree.SubElement(parent, tag if tag.startswith("{") else f"{{{namespace}}}{tag}")
    if text is not None:
        child.text = clean(text)
    for name, value in (attributes or {}).items():
        if value is not None:
            child.set(name, clean(value))
    return child


def name_of(element: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(element).localname
