"""Formats that other tools open: each is read back by one of those where it can be installed."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyshacl import validate
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF
from rocrate.rocrate import ROCrate

from repository.formats import (
    cff,
    codemeta,
    croissant,
    data_package,
    dcat,
    registry,
    ris,
    ro_crate,
    schema_org,
)
from repository.formats.base import profile_of
from repository.records.document import Document, Variable
from repository.records.metadata import parse
from repository.records.metadata.frequencies import as_subject
from tests.formats.documents import MINIMAL, document, full_metadata

COLUMNS = (
    Variable("ngay", "date", "Ngày"),
    Variable("mua", "number", "Lượng mưa", "Trong ngày", "mm", "https://example.org/def/rain"),
)
AWKWARD = parse(
    MINIMAL
    | {
        "titles": [{"title": 'Một: "hai"\n# ba <script> {bốn}'}],
        "subjects": [
            {"subject": "TY  - BOOK"},
            {"subject": "mưa", "id": "https://example.org/a b"},
            as_subject("ANNUAL"),
        ],
    }
)


def with_columns(**more: Any) -> Document:
    base = document(full_metadata(), **more)
    return dataclasses.replace(
        base, files=tuple(dataclasses.replace(f, variables=COLUMNS) for f in base.files)
    )


FULL = with_columns()
EVERY = (FULL, document(), document(AWKWARD), document(files=(), file_count=0, doi=None))


def test_ris_has_one_statement_a_line() -> None:
    text = ris.Ris().render(FULL).decode()
    lines = text.split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert "AU  - Nguyễn, Văn Thử" in lines
    assert "DO  - 10.5072/k3x9a-1mz42" in lines
    awkward = ris.Ris().render(document(AWKWARD)).decode().split("\r\n")
    assert [line for line in awkward if line.startswith("TY")] == ["TY  - DATA"]


def test_a_citation_file_is_yaml_of_the_right_members() -> None:
    for each in EVERY:
        made = yaml.safe_load(cff.Cff().render(each))
        assert {"cff-version", "message", "title", "authors"} <= made.keys()
    made = yaml.safe_load(cff.Cff().render(FULL))
    assert made["authors"][0]["orcid"] == "https://orcid.org/0000-0002-1825-0097"
    assert made["date-released"] == "2024-05-17"
    assert made["license"] == "CC-BY-4.0"
    assert yaml.safe_load(cff.Cff().render(document(AWKWARD)))["title"] == AWKWARD.titles[0].title


def test_a_data_package_describes_each_column() -> None:
    made = data_package.data_package(FULL)
    assert made["$schema"] == data_package.PROFILE
    resource = made["resources"][0]
    assert resource["name"] == "mua-1"
    assert resource["hash"] == f"sha256:{'0' * 64}"
    assert resource["schema"]["fields"][1] == {
        "name": "mua",
        "type": "number",
        "title": "Lượng mưa",
        "description": "Trong ngày",
        "unit": "mm",
        "rdfType": "https://example.org/def/rain",
    }


def test_a_crate_opens_in_ro_crate_py(tmp_path: Path) -> None:
    for number, each in enumerate(EVERY):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "ro-crate-metadata.json").write_bytes(ro_crate.RoCrate().render(each))
        crate = ROCrate(folder)
        root = crate.root_dataset
        assert root["name"] == each.metadata.title()
        assert len(crate.data_entities) >= len(each.files)
        graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
        names = [node["@id"] for node in graph]
        assert len(names) == len(set(names))
        assert not [
            v for node in graph for v in node.values() if isinstance(v, dict) and len(v) > 2
        ]


def test_croissant_names_columns_and_their_file() -> None:
    made = croissant.croissant(FULL)
    assert made["distribution"][0]["sha256"] == "0" * 64
    fields = made["recordSet"][0]["field"]
    assert [f["dataType"] for f in fields] == ["sc:Date", "sc:Float"]
    assert fields[1]["source"]["fileObject"]["@id"] == made["distribution"][0]["@id"]
    assert croissant.croissant(document())["recordSet"] == []


def test_codemeta_has_an_author_and_no_word_of_its_own() -> None:
    made = codemeta.codemeta(FULL)
    assert made["@type"] == "SoftwareSourceCode"
    assert made["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert "distribution" not in made


def test_schema_org_tells_variables_terms_and_access() -> None:
    made = schema_org.json_ld(FULL)
    assert made["variableMeasured"][1] == {
        "@type": "PropertyValue",
        "name": "Lượng mưa",
        "alternateName": "mua",
        "description": "Trong ngày",
        "unitText": "mm",
        "propertyID": "https://example.org/def/rain",
    }
    assert made["conditionsOfAccess"] == "http://purl.org/coar/access_right/c_abf2"
    assert made["distribution"][0]["contentSize"] == "1234 B"
    assert made["funder"][0]["name"] == made["funding"][0]["funder"]["name"]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader
def test_the_three_ways_of_dcat_say_the_same() -> None:
    for each in EVERY:
        graphs = []
        for entry, syntax in (
            (dcat.DcatTurtle(), "turtle"),
            (dcat.DcatXml(), "xml"),
            (dcat.DcatJsonLd(), "json-ld"),
        ):
            graphs.append(Graph().parse(data=entry.render(each), format=syntax))
        assert len(list(graphs[0].subjects(RDF.type, DCAT.Dataset))) == 1
        assert isomorphic(graphs[0], graphs[1])
        assert isomorphic(graphs[0], graphs[2])


def test_dcat_says_how_often_the_data_are_renewed() -> None:
    subjects = [{"subject": "mưa"}, as_subject("ANNUAL")]
    graph = dcat.graph_of(document(parse({**MINIMAL, "subjects": subjects})))
    (told,) = graph.objects(None, DCTERMS.accrualPeriodicity)
    assert str(told).endswith("/frequency/ANNUAL")
    assert [str(word) for word in graph.objects(None, DCAT.keyword)] == ["mưa"]


def test_dcat_meets_the_profiles_shapes(needs_shared: Path) -> None:
    shapes = Graph().parse(needs_shared / "standards/dcat-ap/3.0.1/shapes.ttl")
    for each in EVERY:
        conforms, _graph, text = validate(dcat.graph_of(each), shacl_graph=shapes)
        assert conforms, text


def test_formats_of_one_media_type_have_different_profiles() -> None:
    told = [(f.media_type.split(";")[0], profile_of(f)) for f in registry.formats()]
    assert len(told) == len(set(told))
