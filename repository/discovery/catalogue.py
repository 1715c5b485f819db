"""The whole catalogue as DCAT-AP, in pages (Hydra), for portals that harvest RDF."""

from urllib.parse import quote

from flask import make_response, request
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, XSD
from sqlalchemy import ColumnElement, func, select
from werkzeug.wrappers import Response

from repository.access.documents import public_document
from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.discovery.blueprint import blueprint
from repository.formats import dcat
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
SYNTAXES = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
    "rdf": ("xml", "application/rdf+xml"),
}


@blueprint.get("/catalog.<any(ttl, jsonld, rdf):extension>")
def catalogue(extension: str) -> Response:
    """One page of the catalogue: what anyone may see, 100 versions at a time."""
    return _answer(reading(), extension)


@blueprint.get("/collections/<slug>/catalog.<any(ttl, jsonld, rdf):extension>")
def collection_catalogue(slug: str, extension: str) -> Response:
    """The same of one collection and those within it."""
    work = reading()
    found = work.session.scalar(select(Collection).where(Collection.slug == slug))
    if found is None:
        raise NotFound
    return _answer(work, extension, found)


def _answer(work: Work, extension: str, collection: Collection | None = None) -> Response:
    syntax, media_type = SYNTAXES[extension]
    after = request.args.get("after", "")[:MAX_ID]
    graph = _graph(work, extension, after, collection)
    response = make_response(graph.serialize(format=syntax))
    response.content_type = f"{media_type}; charset=utf-8"
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


def _graph(work: Work, extension: str, after: str, collection: Collection | None) -> Graph:
    """The datasets whose ids follow `after`: a page far in costs no more than the first."""
    listed = _listed(work, collection)
    count = work.session.scalar(select(func.count()).select_from(Version).where(*listed)) or 0
    query = select(Version).where(*listed, Version.id > after).order_by(Version.id)
    found = work.session.scalars(query.limit(PAGE_SIZE + 1)).all()
    graph = dcat.new_graph()
    graph.bind("hydra", HYDRA)
    node = _describe(graph, work)
    if collection is not None:
        node = _describe_part(graph, node, collection)
    for version in found[:PAGE_SIZE]:
        document = public_document(work, version)
        if document is not None:
            graph.add((node, DCAT.dataset, dcat.add_dataset(graph, document)))
    named = {"extension": extension} | ({"slug": collection.slug} if collection else {})
    endpoint = "discovery.collection_catalogue" if collection else "discovery.catalogue"
    whole = URIRef(absolute_url(endpoint, **named))
    view = URIRef(f"{whole}?after={quote(after)}")
    graph.add((whole, RDF.type, HYDRA.Collection))
    graph.add((whole, HYDRA.totalItems, Literal(count, datatype=XSD.integer)))
    graph.add((whole, HYDRA.view, view))
    graph.add((view, RDF.type, HYDRA.PartialCollectionView))
    graph.add((view, HYDRA.first, URIRef(f"{whole}?after=")))
    if len(found) > PAGE_SIZE:
        graph.add((view, HYDRA.next, URIRef(f"{whole}?after={found[PAGE_SIZE - 1].id}")))
    return graph


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
