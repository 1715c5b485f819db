import csv
import io
import json
import re
import unicodedata
import wave
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from idutils import is_orcid
from lxml import etree

from repository.records.access import AccessSettings
from repository.records.media_types import OCTETS, media_type_of
from repository.records.paths import normalise_path
from repository.sample.records import SampleRecord, sample_records

RECORDS = tuple(sample_records())
KINDS = {
    ".csv", ".geojson", ".ipynb", ".jpg", ".json", ".jsonl", ".kml", ".md", ".parquet", ".pdf",
    ".png", ".py", ".svg", ".tsv", ".txt", ".wav", ".xlsx", ".zip",
}  # fmt: skip
MAX_TOTAL = 3_000_000
SAMPLE_SENTENCES = ("dữ liệu mẫu", "sample data")
ADDRESS = re.compile(r"https?://([^/\s\"'<>]+)")
each_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.slug)


def paths_of(kind: str) -> Iterator[Path]:
    for record in RECORDS:
        yield from (path for name, path in record.files if name.endswith(kind))


def people_of(record: SampleRecord) -> Iterator[dict[str, Any]]:
    for key in ("creators", "contributors"):
        yield from record.metadata.get(key, [])


def languages_of(entries: list[dict[str, Any]], kind: str | None) -> set[str]:
    return {e["lang"]["id"] for e in entries if (e.get("type") or {}).get("id") == kind}


def test_there_are_forty_of_many_kinds() -> None:
    slugs = [record.slug for record in RECORDS]
    assert len(set(slugs)) == len(slugs) == 40
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in slugs)
    assert {record.owner for record in RECORDS} == {"researcher", "curator"}
    assert len({record.metadata["resource_type"]["id"] for record in RECORDS}) >= 12
    assert len({right["id"] for record in RECORDS for right in record.metadata["rights"]}) >= 6


def test_access_shows_every_case() -> None:
    found = Counter(record.access["status"] for record in RECORDS)
    assert found == {"open": 34, "restricted": 3, "embargoed": 2, "metadata-only": 1}


@each_record
def test_access_is_what_it_says(record: SampleRecord) -> None:
    access = AccessSettings.model_validate(record.access)
    status = record.access["status"]
    assert (status == "embargoed") is access.embargo.active
    assert (status in ("embargoed", "restricted")) is (access.files == "restricted")
    assert (status == "metadata-only") is (not record.files)
    if access.embargo.until:
        assert access.embargo.until >= date(2099, 1, 1)


@each_record
def test_both_languages_and_the_word_that_it_is_invented(record: SampleRecord) -> None:
    titles, descriptions = record.metadata["titles"], record.metadata["descriptions"]
    assert languages_of(titles, None) == {"vie", "eng"}
    assert languages_of(descriptions, "abstract") == {"vie", "eng"}
    for told, sentence in zip(descriptions, SAMPLE_SENTENCES, strict=False):
        assert sentence in told["description"].rstrip(".").rpartition(". ")[2].lower()


@each_record
def test_nobody_and_nothing_real(record: SampleRecord) -> None:
    for person in people_of(record):
        for identifier in person["person_or_org"].get("identifiers", []):
            assert identifier["identifier"].startswith("0009-0000-0000-0")
            assert is_orcid(identifier["identifier"])
        names = [affiliation["name"] for affiliation in person.get("affiliations", [])]
        if person["person_or_org"]["type"] == "organizational":
            names.append(person["person_or_org"]["name"])
        assert all(name.endswith("(mẫu)") for name in names)
    text = json.dumps(record.metadata, ensure_ascii=False)
    assert set(ADDRESS.findall(text)) <= {"example.org"}
    assert unicodedata.is_normalized("NFC", text)


def test_one_orcid_is_one_person() -> None:
    known: dict[str, str] = {}
    for record in RECORDS:
        for person in people_of(record):
            for identifier in person["person_or_org"].get("identifiers", []):
                name = person["person_or_org"]["name"]
                assert known.setdefault(identifier["identifier"], name) == name
    assert len(known) >= 20


@each_record
def test_metadata_is_valid(record: SampleRecord) -> None:
    metadata = pytest.importorskip("repository.records.metadata")
    told = metadata.Metadata.model_validate(record.metadata)
    assert told.title("vi") == record.metadata["titles"][0]["title"]
    assert told.title("en") == record.metadata["titles"][1]["title"]


@each_record
def test_paths_are_ones_a_version_takes(record: SampleRecord) -> None:
    for name, path in record.files:
        assert normalise_path(name) == name
        assert path.stat().st_size
        assert media_type_of(name) != OCTETS


def test_kinds_names_and_size() -> None:
    files = [file for record in RECORDS for file in record.files]
    assert {Path(name).suffix for name, _ in files} == KINDS
    assert sum(path.stat().st_size for _, path in files) < MAX_TOTAL
    assert sum(not name.isascii() for name, _ in files) >= 4
    assert sum("/" in name for name, _ in files) >= 4


@pytest.mark.parametrize("kind", [".csv", ".tsv"])
def test_tables_are_rectangular(kind: str) -> None:
    lengths = []
    for path in paths_of(kind):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="," if kind == ".csv" else "\t"))
        assert len({len(row) for row in rows}) == 1, path
        assert len(set(rows[0])) == len(rows[0]), path
        lengths.append(len(rows))
    assert max(lengths) > 100


def test_geojson_closes_its_rings() -> None:
    for path in paths_of(".geojson"):
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        assert features
        for geometry in (feature["geometry"] for feature in features):
            if geometry["type"] == "Polygon":
                assert all(ring[0] == ring[-1] for ring in geometry["coordinates"])


def test_notebooks_are_nbformat_4_and_show_what_they_computed() -> None:
    for path in paths_of(".ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert any(cell["outputs"] for cell in code)


def test_xml_is_harmless() -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in (*paths_of(".svg"), *paths_of(".kml")):
        tree = etree.parse(str(path), parser)
        names = {etree.QName(e).localname for e in tree.iter(etree.Element)}
        assert not names & {"script", "foreignObject", "image", "NetworkLink"}
        assert b"<!DOCTYPE" not in path.read_bytes()


def test_archives_sounds_and_scripts_open() -> None:
    for path in (*paths_of(".zip"), *paths_of(".xlsx")):
        assert zipfile.ZipFile(io.BytesIO(path.read_bytes())).testzip() is None
    for path in paths_of(".wav"):
        with wave.open(str(path)) as sound:
            assert 0.1 < sound.getnframes() / sound.getframerate() < 2
    for path in paths_of(".py"):
        compile(path.read_text(encoding="utf-8"), path, "exec")
    for path in paths_of(".pdf"):
        assert b"/FontFile2" in path.read_bytes()
