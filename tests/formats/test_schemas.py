"""Each XML format against the schema of its standard, or a grammar of ours (schemas/README.md)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from repository.core.settings import Settings
from repository.formats import datacite_xml, registry
from repository.formats.registry import suits
from repository.oai.descriptions import identify_descriptions
from repository.records.document import AccessStatus, Document, FileEntry, Variable
from repository.records.metadata import parse
from tests import outside
from tests.formats.documents import MINIMAL, document, full_metadata
from tests.formats.strategies import METADATA
from tests.runtimes import make_settings

HERE = Path(__file__).parent / "schemas"
FORMATS = ("mods", "marcxml", "iso19139", "ddi", "ore", "oai-openaire")
XSD = "{http://www.w3.org/2001/XMLSchema}"
COLUMNS = (
    Variable("ngay", "date", "Ngày", "Ngày đo", "", "https://example.org/ngay"),
    Variable("mưa", "number", unit="mm"),
    Variable("ghi chú"),
)
TABLE = FileEntry(
    "số liệu/mưa.csv", 12, "text/csv", "0" * 64, "https://data.example.org/a", COLUMNS
)
ODD: dict[str, Any] = {
    "titles": [{"title": "  <&>]]> \x0b một"}, {"title": "hai", "type": {"id": "subtitle"}}],
    "rights": [{"id": "cc-by-4.0"}, {"title": "Theo thỏa thuận"}],
    "dates": [
        {"date": "321 BCE", "type": {"id": "created"}},
        {"date": "-0320", "type": {"id": "updated"}},
        {"date": "2024-02-31", "type": {"id": "issued"}},
        {"date": "2020-01-01T10:00:00Z/2020-05", "type": {"id": "collected"}},
    ],
    "locations": {"features": [{"geometry": {"type": "Point", "coordinates": [105.8, 21.0]}}]},
}


def official(path: Path) -> etree.XMLSchema:
    """A schema, with those on this machine for those that it names by address."""
    local = {
        "http://www.loc.gov/mods/xml.xsd": HERE / "xml.xsd",
        "http://www.loc.gov/standards/xlink/xlink.xsd": HERE / "loc/xlink.xsd",
    }
    tree = etree.parse(str(path), etree.XMLParser(no_network=True))
    for named in tree.iter(f"{XSD}import"):
        found = local.get(named.get("schemaLocation", ""))
        if found is not None:
            named.set("schemaLocation", found.as_uri())
    return etree.XMLSchema(tree)


@cache
def grammar(name: str) -> etree.XMLSchema | etree.RelaxNG:
    if name == "mods":
        return official(HERE / "loc/mods-3-6.xsd")
    if name == "marcxml":
        return official(HERE / "loc/MARC21slim.xsd")
    if name == "iso19139":
        found = outside.iso_19139()
        if found is None:
            pytest.skip(f"the schemas of ISO 19139 are not here: {outside.MISSING}")
        return official(found)
    ours = {"ore": "atom", "oai-openaire": "openaire"}.get(name, name)
    return etree.RelaxNG.from_rnc_string((HERE / f"{ours}.rnc").read_text())


def rendered(name: str, told: Document) -> etree._Element | None:
    served = registry.find(name)
    assert served is not None
    if not suits(served, told):
        return None
    root = etree.fromstring(served.render(told))
    if name == "mods":
        assert root.get("version") == "3.7"
        root.set("version", "3.6")
    return root


def documents() -> Iterator[Document]:
    full = document(full_metadata())
    yield full
    yield replace(full, files=(TABLE, replace(TABLE, path="b", variables=())), file_count=2)
    yield document(parse(MINIMAL | ODD))
    yield document(parse(MINIMAL), doi=None, files=(), file_count=0)
    for status, until in (("embargoed", date(2030, 1, 1)), ("restricted", None)):
        access = AccessStatus(status, "public", "restricted", until)
        yield document(access=access, files=(), file_count=0)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_valid(name: str) -> None:
    schema = grammar(name)
    for told in documents():
        root = rendered(name, told)
        if root is not None:
            schema.assertValid(root)


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", FORMATS)
def test_official_examples_become_valid_records(name: str, needs_shared: Path) -> None:
    schema = grammar(name)
    for path in sorted((needs_shared / "data/datacite").rglob("*.xml")):
        root = rendered(name, document(datacite_xml.read(path.read_bytes()).metadata))
        if root is not None:
            assert schema.validate(root), f"{path.name}: {schema.error_log}"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=12)
@given(METADATA)
def test_any_metadata_become_valid_records(raw: dict[str, object]) -> None:
    told = document(parse(raw), files=(TABLE,))
    for name in FORMATS:
        root = rendered(name, told)
        if root is not None:
            assert grammar(name).validate(root), f"{name}: {grammar(name).error_log}"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("mods", "{*}name/{*}namePart"),
        ("marcxml", "{*}leader"),
        ("iso19139", "{*}contact"),
        ("ddi", "{*}stdyDscr/{*}citation/{*}titlStmt"),
        ("ore", "{*}updated"),
        ("oai-openaire", "{*}resourceType"),
    ],
)
def test_a_grammar_finds_what_is_missing_or_strange(name: str, path: str) -> None:
    root = rendered(name, document(full_metadata()))
    assert root is not None
    found = root.find(path)
    assert found is not None
    found.tag = f"{{{etree.QName(found).namespace}}}strange"
    assert not grammar(name).validate(root)


def test_descriptions_of_the_repository_are_valid(tmp_path: Path) -> None:
    told: Settings = make_settings(
        tmp_path,
        "sqlite://",
        base_url="https://data.example.org/kho",
        oai_friends=("https://oai.example.org/",),
        oai_metadata_rights="https://creativecommons.org/publicdomain/zero/1.0/",
        oai_icon_url="https://data.example.org/icon.png",
    )
    roots = [etree.fromstring(given) for given in identify_descriptions(told)]
    guided = [root for root in roots if etree.QName(root).localname != "dc"]
    assert len(guided) == 4
    for root in guided:
        grammar("identify").assertValid(root)


def test_ddi_tells_of_the_variables_and_of_which_file_they_are() -> None:
    root = rendered("ddi", document(full_metadata(), files=(TABLE,)))
    assert root is not None
    told = [(v.get("name"), v.get("files"), v.get("measUnit")) for v in root.iterfind(".//{*}var")]
    assert told == [("ngay", "F1", None), ("mưa", "F1", "mm"), ("ghi chú", "F1", None)]
    kinds = [e.get("type") for e in root.iterfind(".//{*}varFormat")]
    assert kinds == ["character", "numeric"]
    assert root.findtext(".//{*}varQnty") == "3"
