"""OAI-ORE: a version as an aggregation of its files, in Atom.

ORE User Guide, Resource Map Implementation in Atom (http://www.openarchives.org/ore/1.0/atom):
an `entry` for the aggregation, with a link for each resource in it.
"""

from lxml import etree

from repository.formats.base import Oai
from repository.formats.xml import add, serialise, start
from repository.records.document import Document

NAMESPACE = "http://www.w3.org/2005/Atom"
SCHEMA = "http://www.kbcafe.com/rss/atom.xsd.xml"
TERMS = "http://www.openarchives.org/ore/terms/"
_ENTRY = "application/atom+xml;type=entry"


class Ore:
    name = "ore"
    label = "OAI-ORE"
    media_type = _ENTRY
    extension = "atom"
    oai: Oai | None = Oai("ore", SCHEMA, NAMESPACE)

    def render(self, document: Document) -> bytes:
        return serialise(element(document))


def element(document: Document) -> etree._Element:
    root = start("entry", NAMESPACE, SCHEMA)
    aggregation = f"{document.url}#aggregation"
    add(root, "id", aggregation)
    add(root, "link", None, {"rel": "self", "type": _ENTRY, "href": f"{document.url}/export/ore"})
    add(root, "link", None, {"rel": "alternate", "type": "text/html", "href": document.url})
    add(root, "link", None, {"rel": f"{TERMS}describes", "href": aggregation})
    add(root, "title", document.metadata.title())
    for creator in document.metadata.creators:
        add(add(root, "author"), "name", creator.person_or_org.name)
    if document.published_at:
        add(root, "published", document.published_at.isoformat())
    add(root, "updated", document.updated_at.isoformat())
    kind = {"term": f"{TERMS}Aggregation", "label": "Aggregation", "scheme": TERMS}
    add(root, "category", None, kind)
    stated = [right.title or right.link or right.id or "" for right in document.metadata.rights]
    if stated:
        add(root, "rights", "; ".join(stated))
    summary = document.metadata.description()
    if summary:
        add(root, "summary", summary)
    if document.doi:
        similar = {"rel": f"{TERMS}similarTo", "href": f"https://doi.org/{document.doi}"}
        add(root, "link", None, similar)
    for file in document.files:
        told = {
            "rel": f"{TERMS}aggregates",
            "href": file.url,
            "title": file.path,
            "type": file.media_type,
            "length": str(file.size),
        }
        add(root, "link", None, told)
    return root
