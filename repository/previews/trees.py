"""JSON and XML as a tree to open branch by branch."""

import json
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from repository.core.messages import N_
from repository.core.settings import MIB
from repository.formats.base import UnreadableMetadata
from repository.formats.xml import parse
from repository.previews.base import CannotShow, Preview, Source
from repository.previews.text import shown_as_text

MAX_BYTES = 4 * MIB
MAX_NODES = 3000
MAX_DEPTH = 40
MAX_TEXT = 500
AS_TEXT = N_("It could not be read as what its name says, and is shown as text.")
PRUNED = N_("Only a part of the tree is shown.")


@dataclass
class Node:
    """`value` of a leaf, as text; `count` of branches, of which `children` may be fewer."""

    label: str
    value: str = ""
    kind: str = ""
    count: int = 0
    children: list["Node"] = field(default_factory=list)


class _Pruner:
    """Counts what was made, so that a wide or deep document stays a small page."""

    def __init__(self) -> None:
        self.left = MAX_NODES
        self.pruned = False

    def may_grow(self, depth: int) -> bool:
        if depth < MAX_DEPTH and self.left > 0:
            self.left -= 1
            return True
        self.pruned = True
        return False


class Json:
    name = "json"

    def knows(self, source: Source) -> bool:
        kind = source.media_type
        return kind in ("application/json", "application/ld+json") or (
            kind.endswith("+json") and source.ending != "ipynb"
        )

    def show(self, source: Source) -> Preview:
        try:
            found = json.loads(source.whole(MAX_BYTES))
        except (CannotShow, ValueError, RecursionError):
            return shown_as_text(source, AS_TEXT)
        pruner = _Pruner()
        root = _json_node("", found, pruner, 0)
        return Preview("tree", {"root": root}, (PRUNED,) if pruner.pruned else ())


def _json_node(label: str, value: Any, pruner: _Pruner, depth: int) -> Node:
    if isinstance(value, dict | list):
        pairs = (
            value.items()
            if isinstance(value, dict)
            else ((str(number), each) for number, each in enumerate(value))
        )
        node = Node(label, kind="{}" if isinstance(value, dict) else "[]", count=len(value))
        for name, each in pairs:
            if not pruner.may_grow(depth):
                break
            node.children.append(_json_node(name[:MAX_TEXT], each, pruner, depth + 1))
        return node
    text = value if isinstance(value, str) else json.dumps(value)
    return Node(label, text[:MAX_TEXT], "string" if isinstance(value, str) else "")


class Xml:
    """No DTD, no entities: a document that declares them is shown as text."""

    name = "xml"

    def knows(self, source: Source) -> bool:
        kind = source.media_type
        return kind in ("application/xml", "text/xml") or (
            kind.endswith("+xml") and kind != "image/svg+xml"
        )

    def show(self, source: Source) -> Preview:
        try:
            root = parse(source.whole(MAX_BYTES))
        except (CannotShow, UnreadableMetadata):
            return shown_as_text(source, AS_TEXT)
        pruner = _Pruner()
        node = _xml_node(root, pruner, 0)
        return Preview("tree", {"root": node}, (PRUNED,) if pruner.pruned else ())


def _xml_node(element: etree._Element, pruner: _Pruner, depth: int) -> Node:
    node = Node(_name(element.tag), (element.text or "").strip()[:MAX_TEXT], "string")
    node.count = len(element) + len(element.attrib)
    for label, value in element.attrib.items():
        if not pruner.may_grow(depth):
            return node
        node.children.append(Node(f"@{_name(label)}", str(value)[:MAX_TEXT], "string"))
    for child in element:
        if not pruner.may_grow(depth):
            break
        node.children.append(_xml_node(child, pruner, depth + 1))
    if node.count:
        node.kind = "<>"
    return node


def _name(tag: str | bytes) -> str:
    return str(tag).rpartition("}")[2][:MAX_TEXT]
