"""`repository export`: what anyone may have, and nothing else, in a folder."""

import json
import zipfile
from pathlib import Path

import bagit
import pytest
from click.testing import CliRunner, Result

from repository.core.runtime import Runtime
from repository.discovery.cli import export_command
from tests.discovery.library import Depositor


def exported(runtime: Runtime, *arguments: str) -> Result:
    return CliRunner().invoke(export_command, arguments, obj=lambda: runtime)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_what_anyone_may_have_and_nothing_else(
    sqlite_runtime: Runtime, tmp_path: Path, folder: Path
) -> None:
    depositor = Depositor(sqlite_runtime, tmp_path / "sources")
    shown = depositor.publish({"dữ liệu/một.csv": b"a,b\n1,2\n"})
    locked = depositor.publish({"kept.csv": b"c\n3\n"}, access={"files": "restricted"})
    depositor.publish({"hidden.csv": b"d\n4\n"}, access={"record": "restricted"})
    asked = ("--format", "datacite-xml", "--format", "json", "--package", "bagit")
    result = exported(sqlite_runtime, str(folder), *asked)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"2 versions exported to {folder}\n"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        *(f"{shown}/{name}" for name in ("bagit.zip", "datacite-xml.xml", "json.json")),
        *(f"{locked}/{name}" for name in ("datacite-xml.xml", "json.json")),
    }
    assert json.loads((folder / shown / "json.json").read_bytes())["id"] == shown
    with zipfile.ZipFile(folder / shown / "bagit.zip") as opened:
        opened.extractall(tmp_path / "bag")
    (bag,) = (tmp_path / "bag").iterdir()
    bagit.Bag(str(bag)).validate()
    assert (bag / "data/dữ liệu/một.csv").read_bytes() == b"a,b\n1,2\n"


def test_a_format_there_is_not_is_told_with_those_there_are(
    sqlite_runtime: Runtime, folder: Path
) -> None:
    result = exported(sqlite_runtime, str(folder), "--format", "excel")
    assert result.exit_code == 2
    assert "no format excel" in result.output
    assert "datacite-xml" in result.output
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_one_line(
    sqlite_runtime: Runtime, tmp_path: Path
) -> None:
    Depositor(sqlite_runtime, tmp_path / "sources").publish({"a.csv": b"a\n"})
    (tmp_path / "file").write_text("in the way")
    result = exported(sqlite_runtime, str(tmp_path / "file" / "out"))
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Error: Cannot write to")
