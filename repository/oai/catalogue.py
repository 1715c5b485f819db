"""The whole catalogue as DCAT-AP, in pages (Hydra), for portals that harvest RDF.

A page is put together from what is kept ready for OAI-PMH's `dcat_ap`: a portal that walks a
million datasets has none of them rendered for it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

from flask import Blueprint, make_response, request
from lxml import etree
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, XSD
from sqlalchemy import ColumnElement, func, select
from werkzeug.wrappers import Response

from repository.access.documents import public_document
from repository.access.files import landing_url
from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS
from repository.core.errors import NotFound
from repository.core.feed import Change
from repository.core.work import Work
from repository.formats import dcat, dcat_ap, dcat_syntax
from repository.oai.models import OaiFragment, OaiItem
from repository.records.collections import Collection, CollectionRecord
from repository.records.models import State, Version
from repository.records.placement import below
from repository.web.caching import public
from repository.web.context import reading
from repository.web.cors import readable_elsewhere
from repository.web.urls import absolute_url

PAGE_SIZE = 100
MAX_ID = 64
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
PREFIX = "dcat_ap"  # of the format whose ready bytes are used
blueprint = Blueprint("catalogue", __name__)


@dataclass(frozen=True)
class Syntax:
    media_type: str
    write: Callable[[list[etree._Element]], str | bytes]


def _turtle(described: list[etree._Element]) -> str:
    return "".join(dcat_syntax.turtle(described))


def _json_ld(described: list[etree._Element]) -> str:
    return json.dumps(dcat_syntax.json_ld(described), ensure_ascii=False)


def _rdf_xml(described: list[etree._Element]) -> bytes:
    root = etree.Element(f"{{{RDF}}}RDF", nsmap=dcat_syntax.PREFIXES | {"rdf": str(RDF)})
    root.extend(described)
    etree.cleanup_namespaces(root, top_nsmap=dcat_syntax.PREFIXES | {"rdf": str(RDF)})
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


SYNTAXES = {
    "ttl": Syntax("text/turtle", _turtle),
    "jsonld": Syntax("application/ld+json", _json_ld),
    "rdf": Syntax("application/rdf+xml", _rdf_xml),
}


@blueprint.get("/catalog.<any(ttl, jsonld, rdf):extension>")
def whole(extension: str) -> Response:
    """One page of the catalogue: what anyone may see, 100 versions at a time."""
    return _answer(reading(), extension)


@blueprint.get("/collections/<slug>/catalog.<any(ttl, jsonld, rdf):extension>")
def of_collection(slug: str, extension: str) -> Response:
    """The same of one collection and those within it."""
    work = reading()
    found = work.session.scalar(select(Collection).where(Collection.slug == slug))
    if found is None:
        raise NotFound
    return _answer(work, extension, found)


def _answer(work: Work, extension: str, collection: Collection | None = None) -> Response:
    after = request.args.get("after", "")[:MAX_ID]
    described = _page(work, extension, after, collection)
    response = make_response(SYNTAXES[extension].write(described))
    response.content_type = f"{SYNTAXES[extension].media_type}; charset=utf-8"
    return readable_elsewhere(public(response, max_age=3600))


def _listed(work: Work, collection: Collection | None) -> list[ColumnElement[bool]]:
    """What anyone may see; of a collection, and of those within it."""
    listed = [Version.state == State.PUBLISHED.value, visible_to(ANONYMOUS, work.clock.now())]
    if collection is not None:
        inside = select(CollectionRecord.record_id).where(
            CollectionRecord.collection_id.in_(below(work.session, collection))
        )
        listed.append(Version.record_id.in_(inside))
    return listed


def _page(
    work: Work, extension: str, after: str, collection: Collection | None
) -> list[etree._Element]:
    """The datasets whose ids follow `after`: a page far in costs no more than the first."""
    listed = _listed(work, collection)
    count = work.session.scalar(select(func.count()).select_from(Version).where(*listed)) or 0
    query = select(Version.id).where(*listed, Version.id > after).order_by(Version.id)
    found = work.session.scalars(query.limit(PAGE_SIZE + 1)).all()
    shown = found[:PAGE_SIZE]
    described = _datasets(work, shown)
    graph = dcat.new_graph()
    graph.bind("hydra", HYDRA)
    node = _describe(graph, work)
    if collection is not None:
        node = _describe_part(graph, node, collection)
    for version_id in described:
        graph.add((node, DCAT.dataset, URIRef(landing_url(work, version_id))))
    following = shown[-1] if len(found) > PAGE_SIZE else None
    _add_view(graph, extension, after, following, count, collection)
    return [*dcat_ap.element(graph), *chain.from_iterable(described.values())]


def _datasets(work: Work, version_ids: Sequence[str]) -> dict[str, list[etree._Element]]:
    """What DCAT says of each: as it was last written for harvesters, unless the record has changed
    since or was not yet written; then as it is now.
    """
    changed = select(Change.seq).where(
        Change.record_id == Version.record_id, Change.seq > OaiItem.basis
    )
    query = (
        select(OaiItem.version_id, OaiFragment.body)
        .join(OaiFragment, OaiFragment.item_id == OaiItem.id)
        .join(Version, Version.id == OaiItem.version_id)
        .where(
            OaiItem.version_id.in_(version_ids),
            OaiFragment.prefix == PREFIX,
            ~OaiItem.deleted,
            ~changed.exists(),
        )
    )
    ready = {row.version_id: row.body for row in work.session.execute(query)}
    made = {}
    for version_id in version_ids:
        if version_id in ready:
            made[version_id] = list(etree.fromstring(ready[version_id])[0])
        elif described := _described_now(work, version_id):
            made[version_id] = described
    return made


def _described_now(work: Work, version_id: str) -> list[etree._Element]:
    version = work.session.get(Version, version_id)
    document = public_document(work, version) if version is not None else None
    return list(dcat_ap.element(dcat.graph_of(document))) if document is not None else []


def _add_view(
    graph: Graph,
    extension: str,
    after: str,
    following: str | None,
    count: int,
    collection: Collection | None,
) -> None:
    named = {"extension": extension} | ({"slug": collection.slug} if collection else {})
    endpoint = "catalogue.of_collection" if collection else "catalogue.whole"
    whole = URIRef(absolute_url(endpoint, **named))
    view = URIRef(f"{whole}?after={quote(after)}")
    graph.add((whole, RDF.type, HYDRA.Collection))
    graph.add((whole, HYDRA.totalItems, Literal(count, datatype=XSD.integer)))
    graph.add((whole, HYDRA.view, view))
    graph.add((view, RDF.type, HYDRA.PartialCollectionView))
    graph.add((view, HYDRA.first, URIRef(f"{whole}?after=")))
    if following is not None:
        graph.add((view, HYDRA.next, URIRef(f"{whole}?after={following}")))


def _describe_part(graph: Graph, whole: URIRef, collection: Collection) -> URIRef:
    """A catalogue within the repository's (DCAT 3, dcat:catalog)."""
    page = URIRef(absolute_url("curation.show", slug=collection.slug))
    node = URIRef(f"{page}#catalog")
    graph.add((whole, DCAT.catalog, node))
    graph.add((node, RDF.type, DCAT.Catalog))
    for language in ("vi", "en"):
        title = collection.title(language)
        text = collection.description(language) or title
        graph.add((node, DCTERMS.title, Literal(title, lang=language)))
        graph.add((node, DCTERMS.description, Literal(text, lang=language)))
    for publisher in graph.objects(whole, DCTERMS.publisher):
        graph.add((node, DCTERMS.publisher, publisher))
    graph.add((node, FOAF.homepage, page))
    graph.add((page, RDF.type, FOAF.Document))
    return node


def _describe(graph: Graph, work: Work) -> URIRef:
    settings = work.settings
    node = URIRef(f"{settings.base_url}/#catalog")
    publisher = URIRef(f"{settings.base_url}/#publisher")
    graph.add((node, RDF.type, DCAT.Catalog))
    for name, language in ((settings.site_name, "vi"), (settings.site_name_en, "en")):
        graph.add((node, DCTERMS.title, Literal(name, lang=language)))
        graph.add((node, DCTERMS.description, Literal(name, lang=language)))
    graph.add((node, DCTERMS.publisher, publisher))
    graph.add((publisher, RDF.type, FOAF.Agent))
    graph.add((publisher, FOAF.name, Literal(settings.publisher)))
    graph.add((node, RDFS.seeAlso, URIRef(f"{settings.base_url}/dumps/")))
    home = URIRef(f"{settings.base_url}/")
    graph.add((node, FOAF.homepage, home))
    graph.add((home, RDF.type, FOAF.Document))
    return node
