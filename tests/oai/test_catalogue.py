"""The catalogue as portals harvest it: page after page, nothing twice, nothing hidden."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyshacl import validate
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

from repository.core.runtime import Runtime
from repository.formats import dcat, dcat_ap, dcat_syntax
from repository.oai import catalogue
from repository.records.models import Version
from tests.discovery.library import Depositor
from tests.formats.documents import document, full_metadata

SITE = "http://repository.test"
RESTRICTED = {"record": "restricted", "files": "restricted"}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


def read(client: FlaskClient, path: str, syntax: str = "turtle") -> Graph:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return Graph().parse(data=answer.data, format=syntax)


def test_pages_lead_to_all_that_is_public(
    client: FlaskClient, depositor: Depositor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PAGE_SIZE", 2)
    shown = {depositor.publish({"a.csv": b"a\n"}) for _ in range(3)}
    depositor.publish({"b.csv": b"b\n"}, RESTRICTED)
    found: list[str] = []
    path: str | None = "/catalog.ttl"
    while path:
        page = read(client, path)
        found += [str(each) for each in page.subjects(RDF.type, DCAT.Dataset)]
        following = next(iter(page.objects(None, catalogue.HYDRA.next)), None)
        path = str(following).removeprefix(SITE) if following else None
    assert sorted(found) == sorted(f"{SITE}/records/{each}" for each in shown)


def test_what_is_kept_ready_is_what_would_be_said_now(
    client: FlaskClient, depositor: Depositor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a record that has changed since is described as it is."""
    record = depositor.publish({"a.csv": b"a\n"})
    ready = read(client, "/catalog.ttl")
    monkeypatch.setattr(catalogue, "PREFIX", "none")
    now = read(client, "/catalog.ttl")
    assert isomorphic(ready, now)
    monkeypatch.undo()
    with depositor.runtime.work() as work:
        version = work.session.get_one(Version, record)
        changed = dict(version.metadata_json)
        changed["titles"] = [{"title": "Tên mới", "lang": "vi"}]
        version.metadata_json = changed
        work.changed(version.record_id)
    titles = read(client, "/catalog.ttl").objects(URIRef(f"{SITE}/records/{record}"), DCTERMS.title)
    assert [str(title) for title in titles] == ["Tên mới"]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader
@pytest.mark.parametrize("syntax", ["turtle", "json-ld"])
def test_each_syntax_says_what_the_graph_says(syntax: str) -> None:
    graph = dcat.graph_of(document(full_metadata()))
    node = URIRef("https://data.example.org/records/k3x9a-1mz42")
    graph.add((node, DCTERMS.description, Literal('a "b" \\ c\n\td', lang="vi")))
    described = list(dcat_ap.element(graph))
    made = (
        "".join(dcat_syntax.turtle(described))
        if syntax == "turtle"
        else json.dumps(dcat_syntax.json_ld(described))
    )
    assert isomorphic(Graph().parse(data=made, format=syntax), graph)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader
@pytest.mark.parametrize(("extension", "syntax"), [("jsonld", "json-ld"), ("rdf", "xml")])
def test_every_syntax(
    client: FlaskClient, depositor: Depositor, extension: str, syntax: str
) -> None:
    record = depositor.publish({"a.csv": b"a\n"})
    graph = read(client, f"/catalog.{extension}", syntax)
    assert (None, DCAT.dataset, URIRef(f"{SITE}/records/{record}")) in graph


def test_the_catalogue_meets_the_profiles_shapes(
    client: FlaskClient, depositor: Depositor, needs_shared: Path
) -> None:
    depositor.publish({"a.csv": b"a\n"})
    shapes = Graph().parse(needs_shared / "standards/dcat-ap/3.0.1/shapes.ttl")
    conforms, _graph, text = validate(read(client, "/catalog.ttl"), shacl_graph=shapes)
    assert conforms, text
