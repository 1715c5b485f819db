"""Lists from files: CSV, SKOS in its three syntaxes, ROR's dump; and files that mean harm."""

import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from repository.core.errors import ValidationFailed
from repository.core.runtime import Runtime
from repository.vocabularies import exporting, terms
from repository.vocabularies.files import load_file
from repository.vocabularies.importing import skos, tables
from repository.vocabularies.loading import Description

TURTLE = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://v.example/s> a skos:ConceptScheme ; dct:title "Đất"@vi, "Soils"@en ; owl:versionInfo "3" .
<https://v.example/s/a> a skos:Concept ; skos:notation "A" ; skos:prefLabel "Đất phù sa"@vi,
  "Fluvisols"@en, "Fluvisole"@de ; skos:altLabel "Alluvial soils"@en .
<https://v.example/s/b> a skos:Concept ; skos:notation "B" ; skos:prefLabel "Đất mặn"@vi ;
  skos:broader <https://v.example/s/a> .
<https://v.example/s/c> a skos:Concept ; skos:notation "C" ; skos:prefLabel "Saline"@en ;
  owl:deprecated true ; dct:isReplacedBy <https://v.example/s/b> .
"""
RDF = """<?xml version="1.0"?>{doctype}
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<skos:Concept rdf:about="https://v.example/s/a"><skos:prefLabel>{label}</skos:prefLabel>
</skos:Concept></rdf:RDF>"""
BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


def organisation(number: int, **told: object) -> dict[str, object]:
    code = ("04gyf1771", "03yrm5c26", "05vf56z40")[number]
    return {
        "id": f"https://ror.org/{code}",
        "names": [
            {"value": f"Institute {number}", "types": ["ror_display", "label"], "lang": "en"},
            {"value": f"Viện Mẫu {number}", "types": ["label"], "lang": "vi"},
            {"value": f"VM{number}", "types": ["acronym"], "lang": None},
        ],
        "status": "active",
        "types": ["education"],
        "locations": [{"geonames_details": {"country_code": "VN", "name": "Huế", "lat": 16.4}}],
        "external_ids": [{"type": "isni", "preferred": None, "all": ["0000 0001 2222 3333"]}],
        "relationships": [],
        **told,
    }


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_new_version_adds_changes_and_retires_and_comes_back(
    runtime: Runtime, tmp_path: Path
) -> None:
    told = Description("dat", title_vi="Đất")
    first = write(tmp_path, "1.csv", "mã;tên;en;màu\n1;Đất đỏ;Red soil;đỏ\n101;Đất xám;;\n")
    done = load_file(runtime, told, first, "2025", by_prefix=True)[told.id]
    assert (done.added, done.changed, done.retired, done.total) == (2, 0, 0, 2)
    second = write(tmp_path, "2.csv", "code,vi,replaced_by\n1,Đất đỏ vàng,\n102,Đất xám mới,\n")
    done = load_file(runtime, told, second, "2026")[told.id]
    assert (done.added, done.changed, done.retired, done.total) == (1, 1, 1, 2)
    with runtime.read() as work:
        old = terms.term_of(work, "dat", "101")
        assert old is not None
        assert (old.retired, old.until, old.since, old.parent) == (True, "2026", "2025", "1")
        assert terms.vocabulary_of(work, "dat").version == "2026"
        written = "".join(exporting.as_csv(work, terms.vocabulary_of(work, "dat")))
        turtle = exporting.as_skos(work, terms.vocabulary_of(work, "dat"), "http://r.test")
    again = load_file(runtime, told, write(tmp_path, "3.csv", written), "2026")[told.id]
    assert (again.added, again.changed, again.retired) == (0, 0, 0)
    scheme, rows = skos.read(turtle, "ttl")
    assert scheme.title_vi == "Đất"
    assert [(r.code, r.label_vi, r.retired) for r in rows] == [
        ("1", "Đất đỏ vàng", False),
        ("101", "Đất xám", True),
        ("102", "Đất xám mới", False),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no-columns.csv", "a,b\n1,2\n"),
        ("no-label.csv", "code,vi\n1,\n"),
        ("empty.csv", "code,vi\n"),
        ("other.pdf", "%PDF"),
        ("wrong.ttl", "<a> <b"),
        ("bomb.rdf", RDF.format(doctype=BOMB, label="&b;")),
        ("broken.rdf", "<rdf:RDF"),
        ("remote.jsonld", '{"@context": "https://example.org/context.jsonld", "@graph": []}'),
        ("deep.jsonld", "[" * 3000),
    ],
)
def test_what_cannot_be_taken_says_why(
    sqlite_runtime: Runtime, tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        load_file(sqlite_runtime, Description("x"), write(tmp_path, name, text), "1")
    assert refused.value.errors


def test_latin_1_is_refused_by_its_name(sqlite_runtime: Runtime) -> None:
    with pytest.raises(ValidationFailed, match="Correct"):
        tables.text_of("code,vi\n1,é".encode("latin-1"))


def test_skos_in_its_three_syntaxes(sqlite_runtime: Runtime, tmp_path: Path) -> None:
    done = load_file(sqlite_runtime, Description("soil"), write(tmp_path, "s.ttl", TURTLE), "")[
        "soil"
    ]
    assert (done.total, done.added) == (2, 3)
    with sqlite_runtime.read() as work:
        vocabulary = terms.vocabulary_of(work, "soil")
        assert (vocabulary.version, vocabulary.title_en) == ("3", "Soils")
        assert vocabulary.scheme_uri == "https://v.example/s"
        assert [t.code for t in terms.found_by(work, "dat man", vocabulary="soil")[0]] == ["B"]
        assert [t.code for t in terms.found_by(work, "alluvial", vocabulary="soil")[0]] == ["A"]
        old = terms.term_at(work, "https://v.example/s/c")
        assert old is not None
        assert terms.current(work, old).code == "B"
        assert [t.code for t in terms.children(work, "soil", "A")] == ["B"]
    for name, text in (
        ("s.rdf", RDF.format(doctype="", label="Soil")),
        (
            "s.jsonld",
            json.dumps(
                {
                    "@context": {"skos": "http://www.w3.org/2004/02/skos/core#"},
                    "@id": "https://v.example/s/a",
                    "@type": "skos:Concept",
                    "skos:prefLabel": {"@value": "Soil", "@language": "en"},
                }
            ),
        ),
    ):
        done = load_file(sqlite_runtime, Description("other"), write(tmp_path, name, text), "1")[
            "other"
        ]
        assert done.total == 1


def test_rors_dump_zipped_becomes_organisations_and_funders(
    runtime: Runtime, tmp_path: Path
) -> None:
    merged = [{"type": "successor", "id": "https://ror.org/04gyf1771", "label": "x"}]
    dump = [
        organisation(0, types=["government", "funder"]),
        organisation(1),
        organisation(2, status="inactive", relationships=merged),
    ]
    path = tmp_path / "v2.0-ror-data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("v2.0-ror-data.json", json.dumps(dump))
        archive.writestr("v2.0-ror-data.csv", "id")
    done = load_file(runtime, Description("ror"), path, "2.0")
    assert (done["affiliations"].total, done["funders"].total) == (2, 1)
    with runtime.read() as work:
        (found,), total = terms.found_by(work, "vien mau vm1", kind="affiliations")
        assert total == 1
        assert found.code == "03yrm5c26"
        assert found.props["country"] == "VN"
        old = terms.term_of(work, "affiliations", "05vf56z40")
        assert old is not None
        assert terms.current(work, old).code == "04gyf1771"


@pytest.mark.parametrize("text", ["{}", "[1, 2]", '[{"id": "x"}]', "[", "no"])
def test_another_file_is_not_taken_for_a_dump(
    sqlite_runtime: Runtime, tmp_path: Path, text: str
) -> None:
    with pytest.raises(ValidationFailed):
        load_file(sqlite_runtime, Description("ror"), write(tmp_path, "dump.json", text), "1")


def test_a_dump_is_read_in_memory_that_does_not_grow_with_it(tmp_path: Path) -> None:
    """Twenty megabytes pass through less than four."""
    from repository.vocabularies.importing import ror

    one = json.dumps(organisation(0, links=["https://example.org/" + "x" * 2400]))
    path = tmp_path / "dump.json"
    with path.open("w", encoding="utf-8") as file:
        file.write("[" + one)
        file.writelines("," + one for _ in range(8000))
        file.write("]")
    assert path.stat().st_size > 20 << 20
    tracemalloc.start()
    count = sum(1 for _row in ror.rows(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8001
    assert peak < 4 << 20
