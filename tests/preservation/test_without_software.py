"""With the database and the program gone, a version is rebuilt from its own folder."""

import hashlib
import json
from pathlib import Path

from lxml import etree

from repository.core.runtime import Runtime
from repository.preservation import backup
from repository.records.models import Version
from tests.preservation.conftest import publish

FILES = {"số liệu/mưa 2026.csv": b"ngay,mm\n1,2\n", "đọc tôi.txt": b"chao", "bản sao.txt": b"chao"}
XML = "{http://datacite.org/schema/kernel-4}"


def test_a_folder_is_enough(sqlite_kept: Runtime, tmp_path: Path) -> None:
    version_id = publish(sqlite_kept, tmp_path / "in", "mua", FILES)
    backup.run(sqlite_kept)
    folder = next(Path(sqlite_kept.settings.backup_target).rglob("0=ocfl_object_1.1")).parent
    inventory = json.loads((folder / "inventory.json").read_text())
    rebuilt = {
        path: (folder / inventory["manifest"][digest][0]).read_bytes()
        for digest, paths in inventory["versions"][inventory["head"]]["state"].items()
        for path in paths
    }
    record = json.loads(rebuilt.pop("metadata/record.json"))
    assert record["id"] == version_id
    assert record["metadata"]["title"] == "Lượng mưa Hà Nội"
    xml = etree.fromstring(rebuilt.pop("metadata/datacite.xml"))
    assert xml.findtext(f"{XML}identifier") == record["pids"]["doi"]["identifier"]
    assert rebuilt == {f"data/{path}": data for path, data in FILES.items()}
    told = {path: entry["checksum"] for path, entry in record["files"]["entries"].items()}
    assert told == {
        path: f"sha256:{hashlib.sha256(data).hexdigest()}" for path, data in FILES.items()
    }


def test_a_revision_of_the_metadata_copies_no_file(sqlite_kept: Runtime, tmp_path: Path) -> None:
    version_id = publish(sqlite_kept, tmp_path / "in", "mua", FILES)
    backup.run(sqlite_kept)
    with sqlite_kept.work() as work:
        version = work.session.get_one(Version, version_id)
        version.metadata_json = version.metadata_json | {"version": "1.1"}
        version.revision += 1
    again = backup.run(sqlite_kept)
    assert (again.progress.objects, again.progress.bytes) == (1, 0)
    folder = next(Path(sqlite_kept.settings.backup_target).rglob("0=ocfl_object_1.1")).parent
    assert [path.name for path in sorted(folder.glob("v2/content/*"))] == ["metadata"]
    record = json.loads((folder / "v2/content/metadata/record.json").read_text())
    assert record["metadata"]["version"] == "1.1"
