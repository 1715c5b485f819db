"""What people and harvesters are given: Dublin Core, schema.org, CSL, BibTeX, the API's JSON."""

import json
from datetime import date

import pytest
from lxml import etree

from repository.formats import bibtex, csl_json, dublin_core, registry, schema_org
from repository.formats.base import Readable
from repository.formats.oai_datacite import OaiDataCite
from repository.formats.record_json import record
from repository.records.document import AccessStatus, Tombstone
from repository.records.metadata import parse
from tests.formats.documents import MINIMAL, NOON, document, full_metadata
from tests.shared import SHARED

FULL = document(full_metadata())
EMBARGOED = AccessStatus("embargoed", "public", "restricted", date(2030, 1, 1), "Đang công bố")


def told(root: etree._Element, name: str) -> list[str]:
    return [str(e.text) for e in root.iter(f"{{{dublin_core.DC}}}{name}")]


def test_dublin_core_says_what_openaire_asks_for() -> None:
    root = dublin_core.element(document(full_metadata(), access=EMBARGOED))
    assert told(root, "title")[:2] == [
        "Mực nước sông Mẫu, 2010–2020",
        "Water levels of the Sample River, 2010–2020",
    ]
    assert told(root, "rights")[0] == "info:eu-repo/semantics/embargoedAccess"
    assert "https://creativecommons.org/licenses/by/4.0/" in told(root, "rights")
    assert told(root, "date") == ["2024-05-17", "info:eu-repo/date/embargoEnd/2030-01-01"]
    assert told(root, "identifier")[:2] == ["https://doi.org/10.5072/k3x9a-1mz42", FULL.url]
    assert "https://doi.org/10.5072/bai-bao" in told(root, "relation")
    assert told(root, "type") == ["Dataset", "Chuỗi thời gian"]
    assert told(root, "coverage") == ["Sông Mẫu", "Vịnh Thử"]
    assert told(root, "language") == ["vie"]


@pytest.mark.needs_shared
def test_dublin_core_and_the_datacite_envelope_are_valid() -> None:
    assert SHARED is not None
    for path, data in (
        ("oai-pmh/all.xsd", dublin_core.DublinCore().render(FULL)),
        ("datacite/oai-1.1/oai.xsd", OaiDataCite().render(FULL)),
    ):
        schema = etree.XMLSchema(etree.parse(str(SHARED / "standards" / path)))
        schema.assertValid(etree.fromstring(data))


def test_characters_that_xml_forbids_are_left_out() -> None:
    odd = document(repository_name="Kho \x00\x0b\ud800dữ liệu", url="https://data.example.org/\x01")
    for render in (dublin_core.DublinCore().render, OaiDataCite().render):
        etree.fromstring(render(odd))


def test_schema_org_describes_a_dataset() -> None:
    made = schema_org.json_ld(FULL)
    assert made["@type"] == "Dataset"
    assert made["@id"] == "https://doi.org/10.5072/k3x9a-1mz42"
    assert made["creator"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert made["creator"][0]["affiliation"][0]["@id"] == "https://ror.org/04wxnsj81"
    assert made["distribution"][0]["sha256"] == "0" * 64
    assert made["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert made["temporalCoverage"] == ["2010-01-01/2020-12-31", "2010/2020"]
    assert made["funding"][0]["identifier"] == "105.08-2019.01"
    shapes = made["spatialCoverage"][0]["geo"]
    assert shapes[0] == {"@type": "GeoCoordinates", "latitude": 21.03, "longitude": 105.85}
    assert shapes[2] == {"@type": "GeoShape", "box": "20.75 105.5 21.5 106.25"}
    assert shapes[3]["polygon"].startswith("20.75 105.5 20.75 106.25")
    assert made["includedInDataCatalog"]["url"] == "https://data.example.org/"


@pytest.mark.parametrize("words", ["", "Ngắn.", "Một câu. " * 900, "x" * 9000, "a " + "x" * 9000])
def test_a_search_engine_is_given_a_description_of_the_length_it_takes(words: str) -> None:
    raw = dict(MINIMAL)
    if words:
        raw["descriptions"] = [{"description": words, "type": {"id": "abstract"}}]
    told = document(parse(raw))
    made = schema_org.for_search_engines(told)
    assert 50 <= len(made["description"]) <= 5000
    if len(words) > 5000:
        assert made["description"].endswith(" …")
        assert made["abstract"] == [words.strip()]
    else:
        assert made["description"].startswith(words.rstrip(".") or "Mưa ở Mẫu. Bộ dữ liệu. Nguyễn")
        assert "Kho dữ liệu Ví dụ, 2024-05-17" in made["description"]
    assert schema_org.json_ld(told)["description"] == (words.strip() or "Mưa ở Mẫu")


def test_csl_has_names_dates_and_the_journal() -> None:
    made = csl_json.item(FULL)
    assert made["type"] == "dataset"
    assert made["author"] == [
        {"family": "Nguyễn", "given": "Văn Thử"},
        {"literal": "Nhóm khảo sát Sông Mẫu"},
    ]
    assert made["issued"] == {"date-parts": [[2024, 5, 17]]}
    assert made["container-title"] == "Tạp chí Thủy văn Ví dụ"
    assert made["page"] == "101-112"
    assert csl_json.date_parts("2023-12/2024-01") == [[2023, 12], [2024, 1]]


def test_bibtex_escapes_what_tex_would_obey() -> None:
    raw = MINIMAL | {
        "titles": [{"title": r"50% of {x}_1 & \input{/etc/passwd} ~ #"}],
        "creators": [
            {"person_or_org": {"type": "personal", "name": "Đỗ, Văn Thử"}},
            {"person_or_org": {"type": "organizational", "name": "Viện A and B"}},
        ],
    }
    made = bibtex.entry(document(parse(raw)))
    assert made.startswith("@dataset{do_2024_k3x9a-1mz42,\n")
    assert r"50\% of \{x\}\_1 \& \textbackslash{}input\{/etc/passwd\}" in made
    assert "{Đỗ, Văn Thử and {Viện A and B}}" in made
    assert "month     = may" in made


def test_an_article_in_bibtex_names_its_journal() -> None:
    raw = full_metadata().model_dump(exclude_none=True)
    raw["resource_type"] = {"id": "publication-article"}
    made = bibtex.entry(document(parse(raw)))
    assert made.startswith("@article{")
    assert "journal   = {Tạp chí Thủy văn Ví dụ}" in made
    assert "pages     = {101--112}" in made


def test_the_api_json_has_inveniordms_names_and_ours() -> None:
    made = record(FULL)
    assert made["metadata"]["title"] == "Mực nước sông Mẫu, 2010–2020"
    assert made["metadata"]["additional_titles"][0]["lang"] == {"id": "eng"}
    assert made["metadata"]["resource_type"]["title"]["vi"] == "Bộ dữ liệu"
    assert made["links"]["self"] == "https://data.example.org/api/records/k3x9a-1mz42"
    assert made["files"]["entries"]["số liệu/mưa.csv"]["checksum"] == f"sha256:{'0' * 64}"
    assert parse(made["metadata"]) == FULL.metadata


def test_a_withdrawn_version_says_so() -> None:
    gone = document(withdrawn=Tombstone(NOON, "legal", "Theo yêu cầu"), files=(), file_count=0)
    assert record(gone)["tombstone"]["removal_reason"] == {"id": "legal"}
    assert b'dateType="Withdrawn"' in OaiDataCite().render(gone)


def test_every_format_renders_and_is_found() -> None:
    names = [entry.name for entry in registry.formats()]
    assert len(names) == len(set(names))
    for entry in registry.formats():
        assert entry.render(FULL).decode()
        assert entry.render(document())
        assert registry.find(entry.name) is entry
        assert registry.for_media_type(entry.media_type.upper()) is entry
    prefixes = {entry.oai.prefix for entry in registry.harvestable() if entry.oai}
    assert {"oai_dc", "oai_datacite"} <= prefixes
    readable = {entry.name for entry in registry.formats() if isinstance(entry, Readable)}
    assert readable == {"datacite-xml", "datacite-json"}
    assert registry.find("nothing") is None


def test_json_formats_keep_vietnamese_letters_readable() -> None:
    for name in ("json", "json-ld", "csl", "datacite-json"):
        entry = registry.find(name)
        assert entry is not None
        assert "Kho dữ liệu Ví dụ" in entry.render(FULL).decode()
        assert json.loads(entry.render(FULL))
