"""Objects as OCFL 1.1 has them; and as ocfl-py sees them."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.backup import ocfl, ocfl_check
from storage.backup.ocfl import Entry, Revision
from storage.backup.targets import FolderTarget
from storage.base import StorageError
from tests.outside import MISSING, program

OBJECT = "urn:repository:version:k3x9a-1mz42"
VALIDATOR = program("ocfl-root.py")


def entry(path: str, data: bytes) -> Entry:
    return Entry(path, hashlib.sha256(data).hexdigest(), lambda: iter([data]))


def revision(number: int) -> Revision:
    at = datetime(2026, 11, number, tzinfo=UTC)
    return Revision(f"revision {number}", at, "Kho dữ liệu", "mailto:admin@example.org")


@pytest.fixture
def target(tmp_path: Path) -> FolderTarget:
    made = FolderTarget(tmp_path / "target")
    made.prepare()
    ocfl.prepare_root(made)
    return made


@pytest.fixture
def folder(target: FolderTarget) -> Path:
    """An object of two versions that share a file."""
    same = entry("data/số liệu/mưa.csv", b"1,2")
    first = [same, entry("data/again.csv", b"1,2"), entry("metadata/record.json", b"{}")]
    ocfl.write_version(target, OBJECT, first, revision(1))
    ocfl.write_version(target, OBJECT, [same, entry("metadata/record.json", b"[]")], revision(2))
    return target.folder / ocfl.object_path(OBJECT)


def test_objects_lie_where_layout_0003_puts_them() -> None:
    # The examples of the extension's own page.
    assert ocfl.object_path("object-01") == "ocfl/3c0/ff4/240/object-01"
    hor = "..hor/rib:le-$id"
    assert ocfl.object_path(hor) == "ocfl/487/326/d8c/%2e%2ehor%2frib%3ale-%24id"
    assert len(ocfl.object_path("x" * 200).rsplit("/", 1)[1]) == 100 + 1 + 64


def test_a_state_points_at_files_that_are_there_already(folder: Path) -> None:
    inventory = json.loads((folder / "inventory.json").read_text())
    assert inventory["head"] == "v2"
    assert sorted(path.name for path in folder.glob("v2/content/**/*") if path.is_file()) == [
        "record.json"
    ]
    digest = hashlib.sha256(b"1,2").hexdigest()
    assert inventory["manifest"][digest] == ["v1/content/data/số liệu/mưa.csv"]
    assert inventory["versions"]["v1"]["state"][digest] == [
        "data/số liệu/mưa.csv",
        "data/again.csv",
    ]


def test_a_sound_object_has_no_problems(target: FolderTarget, folder: Path) -> None:
    [found] = ocfl_check.objects(target)
    assert target.folder / found == folder
    assert list(ocfl_check.problems(target, found)) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda f: (f / "v1/content/metadata/record.json").unlink(), "missing"),
        (lambda f: (f / "v2/content/stray").write_text(""), "no inventory names it"),
        (lambda f: (f / "v1/inventory.json").unlink(), "v1"),
        (lambda f: overwrite(f / "v2/content/metadata/record.json", b"()"), "reads as"),
        (lambda f: overwrite(f / "inventory.json", b"{}"), "sidecar"),
    ],
)
def test_damage_is_found(target: FolderTarget, folder: Path, damage: object, told: str) -> None:
    assert callable(damage)
    damage(folder)
    [found] = ocfl_check.objects(target)
    assert told in "\n".join(ocfl_check.problems(target, found))


def overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o640)
    path.write_bytes(data)


def test_a_damaged_inventory_is_put_right_from_the_newest_version(
    target: FolderTarget, folder: Path
) -> None:
    good = (folder / "inventory.json").read_bytes()
    overwrite(folder / "inventory.json", good[:-5])
    inventory = ocfl.read_inventory(target, OBJECT)
    assert inventory is not None
    assert inventory["head"] == "v2"
    assert (folder / "inventory.json").read_bytes() == good


def test_an_object_whose_every_inventory_is_damaged_is_left_alone(
    target: FolderTarget, folder: Path
) -> None:
    for path in folder.rglob("inventory.json"):
        overwrite(path, b"{}")
    with pytest.raises(StorageError, match="damaged"):
        ocfl.write_version(target, OBJECT, [], revision(3))


@pytest.mark.skipif(VALIDATOR is None, reason=MISSING)
def test_the_outside_validator_agrees(target: FolderTarget, folder: Path) -> None:
    assert VALIDATOR is not None
    root = str(target.folder / "ocfl")
    command = [VALIDATOR, "validate", "--root", root, "--validate-objects", "--check-digests"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Objects checked: 1 / 1 are VALID" in told.stdout + told.stderr
    overwrite(folder / "v1/content/metadata/record.json", b"()")
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "1 / 1 are INVALID" in told.stdout + told.stderr
