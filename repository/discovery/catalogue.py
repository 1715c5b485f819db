"""The whole catalogue as DCAT-AP, in pages (Hydra), for portals that harvest RDF."""

from urllib.parse import quote

from flask import make_response, request
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, XSD
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from repository.access.documents import public_document
from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS
from repository.core.work import Work
from repository.discovery.blueprint import blueprint
from repository.formats import dcat
from repository.records.models import State, Version
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
    work, after = reading(), request.args.get("after", "")[:MAX_ID]
    syntax, media_type = SYNTAXES[extension]
    response = make_response(_graph(work, extension, after).serialize(format=syntax))
    response.content_type = f"{media_type}; charset=utf-8"
    return readable_elsewhere(public(response, max_age=3600))


def _graph(work: Work, extension: str, after: str) -> Graph:
    """The datasets whose ids follow `after`: a page far in costs no more than the first."""
    listed = (Version.state == State.PUBLISHED.value, visible_to(ANONYMOUS, work.clock.now()))
    count = work.session.scalar(select(func.count()).select_from(Version).where(*listed)) or 0
    query = select(Version).where(*listed, Version.id > after).order_by(Version.id)
    found = work.session.scalars(query.limit(PAGE_SIZE + 1)).all()
    graph = dcat.new_graph()
    graph.bind("hydra", HYDRA)
    node = _describe(graph, work)
    for version in found[:PAGE_SIZE]:
        document = public_document(work, version)
        if document is not None:
            graph.add((node, DCAT.dataset, dcat.add_dataset(graph, document)))
    whole = URIRef(absolute_url("discovery.catalogue", extension=extension))
    view = URIRef(f"{whole}?after={quote(after)}")
    graph.add((whole, RDF.type, HYDRA.Collection))
    graph.add((whole, HYDRA.totalItems, Literal(count, datatype=XSD.integer)))
    graph.add((whole, HYDRA.view, view))
    graph.add((view, RDF.type, HYDRA.PartialCollectionView))
    graph.add((view, HYDRA.first, URIRef(f"{whole}?after=")))
    if len(found) > PAGE_SIZE:
        graph.add((view, HYDRA.next, URIRef(f"{whole}?after={found[PAGE_SIZE - 1].id}")))
    return graph


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
