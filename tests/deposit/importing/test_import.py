"""Importing, through the command: what comes in, once, and what is said of the rest."""

import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from repository.accounts.models import Role
from repository.cli import main
from repository.core.runtime import Runtime
from repository.records.models import File, Record, State, Version
from tests.shared import SHARED
from tests.webapp import make_user

CSV = "năm,lượng mưa (mm)\n2024,1678\n2025,1702\n"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<resource xmlns="http://datacite.org/schema/kernel-4">
  <identifier identifierType="DOI">10.5072/example-import</identifier>
  <creators><creator><creatorName nameType="Personal">Nguyễn, Minh An</creatorName>
    <givenName>Minh An</givenName><familyName>Nguyễn</familyName></creator></creators>
  <titles><title xml:lang="vi">Lượng mưa Hà Nội</title></titles>
  <publisher>Viện Mẫu</publisher><publicationYear>2025</publicationYear>
  <resourceType resourceTypeGeneral="Dataset">Chuỗi số liệu</resourceType>
</resource>
"""


def package(folder: Path, name: str = "mưa-hà-nội", **changes: Any) -> Path:
    """A data package with one CSV file, as people make them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lượng mưa.csv").write_text(CSV)
    descriptor: dict[str, Any] = {
        "name": name,
        "title": "Lượng mưa Hà Nội",
        "language": "vi",
        "description": "Lượng mưa năm, đo tại Láng.",
        "keywords": ["mưa", "Hà Nội"],
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "sources": [{"name": "Trạm Láng", "link": "https://example.org/lang and more"}],
        "resources": [
            {
                "path": "lượng mưa.csv",
                "schema": {
                    "fields": [
                        {"name": "năm", "type": "year"},
                        {"name": "lượng mưa (mm)", "type": "number", "unit": "mm"},
                    ]
                },
            }
        ],
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor | changes))
    return folder


@pytest.fixture
def admin(runtime: Runtime) -> Runtime:
    make_user(runtime, email="admin@example.org", role=Role.ADMIN)
    return runtime


def run(runtime: Runtime, *paths: Path) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, paths)], obj=lambda: runtime)


def summary(result: Result) -> str:
    return str(result.stdout.strip().splitlines()[-1])


def versions(runtime: Runtime) -> list[Version]:
    with runtime.read() as work:
        return list(
            work.session.scalars(
                select(Version).options(joinedload(Version.record)).order_by(Version.number)
            )
        )


def test_a_package_becomes_a_published_record(admin: Runtime, tmp_path: Path) -> None:
    result = run(admin, package(tmp_path / "p"))
    assert result.exit_code == 0, result.output
    assert summary(result) == "1 created, 0 updated, 0 unchanged, 0 failed"
    (version,) = versions(admin)
    metadata = version.metadata_json
    assert version.state == State.PUBLISHED
    assert metadata["titles"][0]["title"] == "Lượng mưa Hà Nội"
    assert [s["subject"] for s in metadata["subjects"]] == ["mưa", "Hà Nội"]
    assert metadata["rights"][0]["id"] == "cc-by-4.0"
    assert metadata["related_identifiers"][0]["identifier"] == "https://example.org/lang"
    assert metadata["contributors"][0]["person_or_org"]["name"] == "Trạm Láng"
    with admin.read() as work:
        file = work.session.scalars(select(File).where(File.path == "lượng mưa.csv")).one()
        assert file.description["variables"][1] == {
            "name": "lượng mưa (mm)",
            "type": "number",
            "unit": "mm",
        }
        assert file.sha256 == hashlib.sha256(CSV.encode()).hexdigest()
        assert b"".join(work.store.read(file.sha256)) == CSV.encode()


def test_again_makes_nothing_twice(admin: Runtime, tmp_path: Path) -> None:
    folder = package(tmp_path / "p")
    run(admin, folder)
    assert summary(run(admin, folder)) == "0 created, 0 updated, 1 unchanged, 0 failed"
    assert len(versions(admin)) == 1


def test_changed_metadata_are_a_revision_and_changed_files_a_new_version(
    admin: Runtime, tmp_path: Path
) -> None:
    folder = package(tmp_path / "p")
    run(admin, folder)
    package(tmp_path / "p", title="Mưa Hà Nội")
    assert "1 updated" in summary(run(admin, folder))
    first = versions(admin)[0]
    titles = [v.metadata_json["titles"][0]["title"] for v in versions(admin)]
    assert "Mưa Hà Nội" in titles
    (folder / "lượng mưa.csv").write_text(CSV + "2026,1650\n")
    assert "1 updated" in summary(run(admin, folder))
    everything = versions(admin)
    assert everything[-1].record_id == first.record_id
    assert everything[-1].record.latest_id == everything[-1].id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"resources": [{"path": "absent.csv"}]}, "absent.csv is not there"),
        ({"resources": [{"path": "a/b.csv"}]}, "a!b.csv is: one of the names has a '!'"),
        ({"resources": [{"path": "../secret"}]}, "outside the package's folder"),
        ({"resources": [{"path": "https://example.org/x.csv"}]}, "is an address"),
        ({"resources": [{"data": [1, 2]}]}, "has no path"),
        ({"resources": []}, "names no resources"),
        ({"resources": 7}, "not a list"),
        ({"sources": []}, "/metadata/creators"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_of_it_is_kept(
    admin: Runtime, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    bad, good = package(tmp_path / "all" / "bad", **changes), package(tmp_path / "all" / "good")
    (bad / "a!b.csv").write_text("x")
    (tmp_path / "all" / "secret").write_text("x")
    package(good, name="another")
    result = run(admin, tmp_path / "all")
    assert result.exit_code == 1
    assert reason in result.stderr.replace("\n", " ")
    assert summary(result) == "1 created, 0 updated, 0 unchanged, 1 failed"
    with admin.read() as work:
        assert work.session.scalar(select(func.count()).select_from(Record)) == 1


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, '"x"'])
def test_a_descriptor_that_is_none(admin: Runtime, tmp_path: Path, text: str) -> None:
    (package(tmp_path / "p") / "datapackage.json").write_text(text)
    assert summary(run(admin, tmp_path / "p")).endswith("1 failed")


def test_two_packages_of_one_name_are_told_apart(admin: Runtime, tmp_path: Path) -> None:
    result = run(admin, package(tmp_path / "a"), package(tmp_path / "b"))
    assert summary(result) == "1 created, 0 updated, 0 unchanged, 1 failed"
    assert "has the same name and identifier as" in result.stderr.replace("\n", " ")


def test_datacite_metadata_keep_their_doi(admin: Runtime, tmp_path: Path) -> None:
    (tmp_path / "record.xml").write_text(XML)
    assert run(admin, tmp_path / "record.xml").exit_code == 0
    (version,) = versions(admin)
    assert version.doi == "10.5072/example-import"
    assert not version.files_enabled
    assert "1 unchanged" in summary(run(admin, tmp_path / "record.xml"))


def test_a_file_of_no_known_kind(admin: Runtime, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    result = run(admin, tmp_path / "notes.txt")
    assert result.exit_code == 1
    assert "neither a folder with datapackage.json" in result.stderr.replace("\n", " ")


@pytest.mark.needs_shared
def test_62_real_packages_come_back_out_byte_for_byte(admin: Runtime) -> None:
    assert SHARED is not None
    folder = SHARED / "data" / "owid"
    result = run(admin, folder)
    assert summary(result) == "62 created, 0 updated, 0 unchanged, 0 failed", result.stderr[-3000:]
    expected = {
        unicodedata.normalize("NFC", path.name): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*/*.csv")
    }
    with admin.read() as work:
        files = list(work.session.scalars(select(File).where(File.path.endswith(".csv"))))
        assert {file.path: file.sha256 for file in files} == expected
        for file in files:
            digest = hashlib.sha256()
            for chunk in work.store.read(str(file.sha256)):
                digest.update(chunk)
            assert digest.hexdigest() == file.sha256
            assert file.description["variables"]
    assert summary(run(admin, folder)) == "0 created, 0 updated, 62 unchanged, 0 failed"


@pytest.mark.needs_shared
def test_the_official_datacite_examples(admin: Runtime) -> None:
    assert SHARED is not None
    result = run(admin, SHARED / "data" / "datacite" / "kernel-4.7")
    assert summary(result).endswith("0 failed"), result.stderr[-3000:]
