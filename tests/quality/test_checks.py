"""Each check alone: a record without a fault, and the same with just that one."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from repository.quality.checks import CHECKS, CRITERIA
from repository.quality.fair import INDICATORS, fair
from repository.quality.rules import score
from repository.quality.signs import CLAIMS, TEXT, contradicts, sign_of
from repository.quality.subject import Standing, Subject, SubjectFile, Table
from repository.records.metadata.frequencies import ADDRESS

METADATA: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "titles": [{"title": "Lượng mưa ngày ở Đồng Ví Dụ", "lang": "vi"}],
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "name": "Nguyễn, Văn Ví",
                "family_name": "Nguyễn",
                "given_name": "Văn Ví",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [
                {
                    "name": "Viện Ví Dụ",
                    "identifiers": [{"scheme": "ror", "identifier": "https://ror.org/02mhbdp94"}],
                }
            ],
        }
    ],
    "contributors": [
        {
            "person_or_org": {"type": "personal", "name": "Trần, Thị Dụ"},
            "role": {"id": "contactperson"},
        }
    ],
    "descriptions": [
        {"description": "Đo bằng vũ lượng ký. " * 8, "lang": "vi", "type": {"id": "abstract"}}
    ],
    "publication_date": "2024-05-17",
    "publisher": "Kho Ví Dụ",
    "subjects": [
        {"subject": "mưa"},
        {"subject": "khí hậu"},
        {"subject": "Earth sciences", "scheme": "FOS", "value_uri": "https://example.org/fos/1.5"},
        {"subject": "Annual", "scheme": "EU frequency", "value_uri": f"{ADDRESS}ANNUAL"},
    ],
    "dates": [
        {"date": "2020/2023", "type": {"id": "collected"}},
        {"date": "2020/2030", "type": {"id": "valid"}},
    ],
    "rights": [{"id": "cc-by-4.0"}],
    "languages": [{"id": "vie"}],
    "version": "1.0",
    "funding": [
        {
            "funder": {
                "name": "Quỹ Ví Dụ",
                "identifiers": [{"scheme": "ror", "identifier": "https://ror.org/00k4n6c32"}],
            }
        }
    ],
    "related_identifiers": [
        {"identifier": "10.5072/abc", "scheme": "doi", "relation_type": {"id": "iscitedby"}}
    ],
}
RAIN = {"name": "mưa", "type": "number", "label": "Lượng mưa", "unit": "mm"}
TABLE = Table(columns=(RAIN,), encoding="utf-8")
GOOD_STANDING = Standing(
    age_days=400,
    quiet_days=30,
    fixity="pass",
    checked_days=10,
    downloads=3,
    dead_links=0,
    contact_answers=True,
)
GOOD = Subject(
    METADATA,
    (
        SubjectFile("mưa.csv", "text/csv", "a" * 64, TABLE, TEXT),
        SubjectFile("README.md", "text/markdown", "b" * 64, sign=TEXT),
    ),
    "open",
    "10.5072/ví-dụ",
    date(2026, 11, 23),
    GOOD_STANDING,
)
Change = Callable[[dict[str, Any]], object]


def told(change: Change) -> Subject:
    metadata = copy.deepcopy(METADATA)
    change(metadata)
    return replace(GOOD, metadata=metadata)


def table(**changes: Any) -> Subject:
    first = replace(GOOD.files[0], table=replace(TABLE, **changes))
    return replace(GOOD, files=(first, GOOD.files[1]))


def standing(**changes: Any) -> Subject:
    return replace(GOOD, standing=replace(GOOD_STANDING, **changes))


def files(*found: SubjectFile) -> Subject:
    return replace(GOOD, files=found)


def _person(metadata: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = metadata["creators"][0]["person_or_org"]
    return found


def _without_ror(metadata: dict[str, Any]) -> None:
    metadata["creators"][0]["affiliations"][0].pop("identifiers")


def _wrong_digit(metadata: dict[str, Any]) -> None:
    _person(metadata)["identifiers"][0]["identifier"] = "0000-0002-1825-0098"


COLUMN = {"label": "x", "unit": "x"}
FAULTS: dict[str, Subject] = {
    "metadata-valid": told(lambda m: m.update(resource_type={"id": "no-such-type"})),
    "details-plausible": told(_wrong_digit),
    "date-not-ahead": told(lambda m: m.update(publication_date="2031-01-01")),
    "files-readable": files(
        *GOOD.files, SubjectFile("x.parquet", "", "c" * 64, Table(refusal="unreadable"))
    ),
    "one-type-a-column": table(problems=frozenset({"mixed-type"})),
    "abstract": told(lambda m: m["descriptions"][0].update(description="Mưa.")),
    "keywords": told(lambda m: m.update(subjects=m["subjects"][2:])),
    "affiliations": told(
        lambda m: m["creators"].append(
            {"person_or_org": {"type": "personal", "name": "Lê, Thị Thử"}}
        )
    ),
    "orcid": told(lambda m: _person(m).update(identifiers=[])),
    "coverage": told(lambda m: m.update(dates=m["dates"][1:])),
    "dates-ordered": told(lambda m: m["dates"][0].update(date="2023/2020")),
    "files-as-named": files(*GOOD.files, SubjectFile("m.pdf", "", "c" * 64, sign="zip")),
    "bytes-hold": standing(fixity="fail"),
    "update-kept": standing(quiet_days=600),
    "recently-checked": standing(checked_days=200),
    "no-double": standing(doubled=True),
    "contact-answers": standing(contact_answers=False),
    "links-answer": standing(dead_links=1),
    "rights-coded": told(lambda m: m["rights"].append({"title": {"vi": "Theo thoả thuận"}})),
    "used": replace(
        told(lambda m: m["related_identifiers"][0]["relation_type"].update(id="references")),
        standing=replace(GOOD_STANDING, downloads=0),
    ),
    "readme": files(GOOD.files[0]),
    "columns-described": table(
        columns=(RAIN, {"name": "b", "type": "string"}, {"name": "c", "type": "string"})
    ),
    "text-composed": told(lambda m: m["titles"][0].update(title="Mu\u031ba nga\u0300y")),
    "text-readable": told(lambda m: m["titles"][0].update(title="<b>Mưa</b> ngày")),
    "no-equal-files": files(*GOOD.files, SubjectFile("b.md", "", "b" * 64)),
    "rows-regular": table(problems=frozenset({"short-row"})),
    "columns-named": table(problems=frozenset({"no-header"})),
    "encoding": table(encoding="cp1258"),
    "no-personal-data": table(
        columns=(RAIN, {"name": "lh", "type": "string", "top": [["a@b.vn", 1]]} | COLUMN)
    ),
    "contact": told(lambda m: (m.pop("contributors"), _person(m).update(identifiers=[]))),
    "still-valid": told(lambda m: m["dates"][1].update(date="2020/2025")),
    "kept-here": files(),
    "version-named": told(lambda m: m.pop("version")),
    "language-coded": told(lambda m: m.pop("languages")),
    "texts-tagged": told(lambda m: m["titles"][0].pop("lang")),
    "subject-coded": told(lambda m: m["subjects"][2].update(scheme=None, value_uri=None)),
    "ror": told(_without_ror),
    "funder-identified": told(lambda m: m["funding"][0]["funder"].pop("identifiers")),
    "units": table(columns=(RAIN | {"unit": ""},)),
    "licence": told(lambda m: m.pop("rights")),
    "open-licence": told(lambda m: m.update(rights=[{"id": "cc-by-nc-4.0"}])),
    "files-open": replace(GOOD, access="restricted"),
    "open-formats": files(
        *(SubjectFile(f"{n}.sav", "", str(n) * 64) for n in range(4)), *GOOD.files[:2]
    ),
    "doi": replace(GOOD, doi=None),
    "related": told(lambda m: m.pop("related_identifiers")),
}
# A contact is either a role or an ORCID iD: without both, authors lack theirs as well.
ALSO = {"contact": {"orcid"}}


def test_a_record_without_a_fault_has_all_points() -> None:
    found = score(GOOD)
    assert [result.check.name for result in found.failed] == []
    assert found.score == 100
    assert {each.score for each in found.criteria} == {100}


def test_every_check_has_its_fault_here() -> None:
    assert FAULTS.keys() == CHECKS.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_moves_just_its_score(name: str) -> None:
    found = score(FAULTS[name])
    failed = {result.check.name for result in found.failed}
    assert failed == {name} | ALSO.get(name, set())
    moved = {each.criterion.name for each in found.criteria if each.score < 100}
    owners = {c.name for c in CRITERIA for check in c.checks if check.name in failed}
    assert moved == owners
    assert found.score < 100


def test_points_are_what_mending_brings() -> None:
    found = score(FAULTS["licence"])
    (result,) = found.failed
    assert round(result.points) == 100 - found.score


def test_personal_data_is_told_from_other_text() -> None:
    for top, personal in (
        (["0912345678", "0987654321"], True),
        (["001099012345", "079201012345"], True),
        (["Hà Nội", "Huế"], False),
        (["a@b.vn", "không có", "không rõ", "khác"], False),
    ):
        shown = {"name": "x", "type": "string", "top": [[value, 1] for value in top]} | COLUMN
        passed = score(table(columns=(RAIN, shown))).passed("no-personal-data")
        assert passed is not personal, top
        declared = replace(table(columns=(RAIN, shown)), personal_data=True)
        assert score(declared).passed("no-personal-data")


@pytest.mark.parametrize(
    "rubbish", [None, 1, "x", [], [1, None, "x"], {"a": 1}, [[{}]], [{"a": 1}]]
)
def test_a_draft_may_hold_anything(rubbish: Any) -> None:
    for field in METADATA:
        found = score(told(lambda m, field=field: m.update({field: rubbish})))  # type: ignore[misc]
        assert 0 <= found.score <= 100


def test_fair_counts_the_models_own_indicators() -> None:
    priorities = [priority for priority, _ in INDICATORS.values()]
    counts = [priorities.count(each) for each in ("essential", "important", "useful")]
    assert counts == [20, 14, 7]
    good = fair(GOOD, score(GOOD))
    assert good.missing == ("I3-01D", "I3-02D")
    assert good.letters["F"] == good.letters["A"] == good.letters["R"] == 100
    without = fair(FAULTS["licence"], score(FAULTS["licence"]))
    assert "R1.1-01M" in without.missing
    assert without.letters["R"] < 100
    assert without.letters["F"] == 100


def test_bytes_are_told_by_their_first_ones() -> None:
    for head, sign, path in (
        (b"%PDF-1.7", "pdf", "a.PDF"),
        (b"PK\x03\x04....", "zip", "a.xlsx"),
        ("ngày,mưa\n".encode(), TEXT, "a.csv"),
        ("ngày".encode("utf-16"), TEXT, "a.csv"),
        (b"CDF\x01\0\0", "netcdf", "a.nc"),
        (b"\x89HDF\r\n\x1a\n", "hdf5", "a.nc"),
        (b"MZ,a column\n", TEXT, "a.csv"),
    ):
        assert sign_of(head) == sign, head
        assert not contradicts(path, sign)
    assert contradicts("a.csv", sign_of(b"PK\x03\x04"))
    assert contradicts("a.pdf", sign_of(b"<html>"))
    assert contradicts("a.txt", sign_of(b"a\0b"))
    assert not contradicts("a.unknown", "zip")
    assert not contradicts("a.csv", "")
    assert set(CLAIMS[".csv"]) == {TEXT}
