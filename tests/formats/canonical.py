"""XML as the multiset of what it states, so that two documents can be compared by it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

Statement = tuple[tuple[str, ...], tuple[tuple[str, str], ...], str]


def statements(data: bytes) -> Counter[Statement]:
    """Each element's path, attributes and text, white space evened and numbers as numbers."""
    parser = etree.XMLParser(remove_comments=True, resolve_entities=False)
    return Counter(_walk(etree.fromstring(data, parser), ()))


def _walk(element: etree._Element, above: tuple[str, ...]) -> Iterator[Statement]:
    path = (*above, etree.QName(element).localname)
    named = ((str(k), _even(str(v))) for k, v in element.attrib.items())
    attributes = tuple(sorted((k, v) for k, v in named if "schemaLocation" not in k))
    whole = path[-1] == "description"
    yield path, attributes, _text(path[-1], "".join(_texts(element)) if whole else element.text)
    for child in element.iterchildren(tag=etree.Element):
        yield from _walk(child, path)


def _texts(element: etree._Element) -> Iterator[str]:
    """The text inside, with a space for each `br`."""
    for part in element.itertext():
        yield str(part) + " "


def _text(name: str, text: Any) -> str:
    even = _even(str(text or ""))
    return str(float(even)) if name.endswith("itude") else even


def _even(text: str) -> str:
    return " ".join(text.split())
