"""The formats that harvesters ask for beside Dublin Core and DataCite."""

import json
import os
import subprocess
import sys
from datetime import date
from hashlib import sha256

import pytest
from lxml import etree
from rdflib import Graph
from rdflib.compare import isomorphic

from repository.formats import (
    coar,
    dcat,
    dcat_ap,
    ddi,
    iso19139,
    marcxml,
    mods,
    oai_openaire,
    ore,
    registry,
)
from repository.formats.base import Format, Oai, Selective
from repository.formats.datacite_xml_reading import NAMESPACE as DATACITE
from repository.records.document import AccessStatus
from repository.records.metadata import parse
from tests.architecture.tracked import ROOT
from tests.formats.documents import MINIMAL, document, full_metadata

FULL = document(full_metadata())
LEAST = document(parse(MINIMAL), doi=None, files=(), file_count=0)
EMBARGOED = AccessStatus("embargoed", "public", "restricted", date(2030, 1, 1), "Đang công bố")
HARVESTED = [served for served in registry.harvestable() if served.oai is not None]


@pytest.mark.parametrize("served", HARVESTED, ids=lambda served: served.name)
@pytest.mark.parametrize("given", [FULL, LEAST], ids=["full", "least"])
def test_root_is_in_the_announced_namespace(served: Format, given: object) -> None:
    announced = served.oai or Oai("", "", "")
    assert isinstance(given, type(FULL))
    root = etree.fromstring(served.render(given))
    assert etree.QName(root).namespace == announced.namespace
    location = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    assert location == f"{announced.namespace} {announced.schema}"
    assert all(etree.QName(e).namespace for e in root.iter())


def digests() -> dict[str, str]:
    return {served.name: sha256(served.render(FULL)).hexdigest() for served in HARVESTED}


def test_the_same_record_is_the_same_bytes_in_every_process() -> None:
    """A datestamp moves when bytes do."""
    program = (
        "import json; from tests.formats.test_harvested import digests as d; print(json.dumps(d()))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(elsewhere.stdout) == digests()


def test_dcat_ap_says_what_the_graph_says() -> None:
    written = Graph().parse(data=dcat_ap.DcatAp().render(FULL), format="xml")
    assert isomorphic(written, dcat.graph_of(FULL))


def names(root: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in root]


def test_openaire_takes_datacite_as_it_was() -> None:
    root = oai_openaire.element(document(full_metadata(), access=EMBARGOED))
    found = names(root)
    for needed in (
        "titles",
        "creators",
        "dates",
        "language",
        "resourceType",
        "identifier",
        "rights",
    ):
        assert needed in found
    dates = {date.get("dateType"): date.text for date in root.iter(f"{{{DATACITE}}}date")}
    assert dates["Available"] == "2030-01-01"
    assert {"Accepted", "Issued"} <= dates.keys()
    right = root.find(f"{{{DATACITE}}}rights")
    assert right is not None
    assert right.get("rightsURI") == "http://purl.org/coar/access_right/c_f1cf"
    kind = root.find(f"{{{oai_openaire.NAMESPACE}}}resourceType")
    assert kind is not None
    assert kind.get("resourceTypeGeneral") == "dataset"
    assert kind.get("uri") == "http://purl.org/coar/resource_type/c_ddb1"
    for child in root.iter():
        assert child.get("relationType") not in oai_openaire.NEWER_RELATIONS
        assert child.get("affiliationIdentifier") is None


@pytest.mark.parametrize(
    ("kind", "product"),
    [
        ("dataset", "dataset"),
        ("software", "software"),
        ("software-computationalnotebook", "software"),
        ("publication-article", "literature"),
        ("image-photo", "other research product"),
    ],
)
def test_openaire_knows_four_products(kind: str, product: str) -> None:
    given = document(parse(MINIMAL | {"resource_type": {"id": kind}}))
    typed = oai_openaire.element(given).find(f"{{{oai_openaire.NAMESPACE}}}resourceType")
    assert typed is not None
    assert typed.get("resourceTypeGeneral") == product


def test_coar_has_a_concept_for_everything() -> None:
    assert coar.resource_type("dataset").label == "dataset"
    assert coar.resource_type("event") == coar.resource_type("other")


def test_marc_fields_are_in_the_order_of_their_tags() -> None:
    root = marcxml.element(FULL)
    leader = root.findtext(f"{{{marcxml.NAMESPACE}}}leader")
    assert leader is not None
    assert len(leader) == 24
    tags = [str(field.get("tag")) for field in root if field.get("tag")]
    assert [tag[0] for tag in tags] == sorted(tag[0] for tag in tags)
    assert tags.count("245") == 1
    assert "246" in tags
    fields = {field.get("tag"): [e.text for e in field] for field in root}
    assert fields["024"] == ["10.5072/k3x9a-1mz42", "doi"]
    assert all(field.get("ind1") and field.get("ind2") for field in root if len(field))


def test_mods_names_people_by_their_parts() -> None:
    root = mods.element(FULL)
    parts = [(e.get("type"), e.text) for e in root.iter(f"{{{mods.NAMESPACE}}}namePart")]
    assert parts[0][0] == "family"
    doi = root.find(f"{{{mods.NAMESPACE}}}identifier[@type='doi']")
    assert doi is not None
    assert doi.text == "10.5072/k3x9a-1mz42"


def test_ore_aggregates_the_files() -> None:
    links = [dict(link.attrib) for link in ore.element(FULL).iter(f"{{{ore.NAMESPACE}}}link")]
    aggregated = [link for link in links if link["rel"] == f"{ore.TERMS}aggregates"]
    assert [link["length"] for link in aggregated] == ["1234"]


def test_ddi_statements_are_in_the_order_of_the_schema() -> None:
    root = ddi.element(FULL)
    study = root[0]
    assert names(study)[:3] == ["citation", "stdyInfo", "dataAccs"]
    statements = names(study[0])
    order = ["titlStmt", "rspStmt", "prodStmt", "distStmt", "verStmt", "holdings"]
    assert statements == [name for name in order if name in statements]
    file = root.find(f"{{{ddi.NAMESPACE}}}fileDscr/{{{ddi.NAMESPACE}}}fileTxt")
    assert file is not None
    assert file[0].text == "số liệu/mưa.csv"


def test_iso_19139_is_for_records_with_a_place() -> None:
    served = iso19139.Iso19139()
    assert isinstance(served, Selective)
    assert not served.suits(LEAST)
    place = {"geometry": {"type": "Point", "coordinates": [105.85, 21.03]}}
    located = document(parse(MINIMAL | {"locations": {"features": [place]}}))
    assert served.suits(located)
    root = iso19139.element(located)
    bounds = [e.text for e in root.iter(f"{{{iso19139.GCO}}}Decimal")]
    assert bounds == ["105.850000", "105.850000", "21.030000", "21.030000"]
    assert served.suits(FULL)
