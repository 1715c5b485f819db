"""A backup is whole or is none; what it holds comes back equal."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.preservation import backup
from repository.preservation import manifest as manifests
from repository.preservation.models import BackupRun
from repository.preservation.places import place_of
from repository.preservation.pruning import prune
from repository.preservation.rules import Terms
from storage.backup.targets import FolderTarget
from tests.preservation.conftest import opened, publish
from tests.preservation.damage import flip

FILES = {"số liệu/mưa 2026.csv": b"ngay,mm\n1,2\n" * 100, "đọc tôi.txt": "Xin chào".encode()}


def test_a_backup_says_what_it_holds(kept: Runtime, tmp_path: Path) -> None:
    publish(kept, tmp_path / "in", "mua", FILES)
    made = backup.run(kept).manifest
    assert made.contents.count == 2
    assert made.contents.bytes == sum(map(len, FILES.values()))
    assert made.contents.missing == 0
    assert made.dump.tables["versions"].rows == 1
    target = opened(kept)
    assert [found.id for found in manifests.backups(target)] == [made.id]
    found = backup.verify(target, made)
    assert (found.contents, found.objects, found.problems) == (2, 1, [])
    with kept.read() as work:
        run = work.session.scalars(select(BackupRun)).one()
        assert (run.kind, run.state, run.backup_id) == ("backup", "complete", made.id)


def test_what_is_there_is_not_copied_again(
    kept: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(kept, tmp_path / "in", "mua", FILES)
    first = backup.run(kept)
    clock.advance(timedelta(days=1))
    publish(kept, tmp_path / "in", "gio", {"gio.csv": b"1,2,3"})
    second = backup.run(kept)
    assert first.progress.bytes == sum(map(len, FILES.values()))
    assert second.progress.bytes == 5
    assert second.manifest.contents.count == 3


def test_the_configuration_has_no_secret(kept: Runtime) -> None:
    made = backup.run(kept).manifest
    assert made.configuration is not None
    target = opened(kept)
    data = b"".join(target.read(made.configuration.key)).decode()
    assert json.loads(data)["base_url"] == "http://repository.test"
    assert kept.settings.secret_key.get_secret_value() not in data
    assert "secret" not in json.loads(data)


@pytest.mark.parametrize("part", ["manifest.json", "contents.jsonl", "configuration.json"])
def test_a_damaged_part_is_found(sqlite_kept: Runtime, tmp_path: Path, part: str) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", FILES)
    made = backup.run(sqlite_kept).manifest
    target = opened(sqlite_kept)
    flip(target.folder / "backups" / made.id / part)
    if part == "manifest.json":
        assert manifests.backups(target) == []
    else:
        assert backup.verify(target, made).problems


@pytest.mark.parametrize("what", ["data", "metadata", "inventory"])
def test_a_damaged_object_is_found(sqlite_kept: Runtime, tmp_path: Path, what: str) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", FILES)
    made = backup.run(sqlite_kept).manifest
    target = opened(sqlite_kept)
    names = {
        "data": "ocfl/**/data/*.txt",
        "metadata": "ocfl/**/record.json",
        "inventory": "ocfl/**/v1/inventory.json",
    }
    [path] = target.folder.glob(names[what])
    flip(path)
    [problem, *_] = backup.verify(target, made).problems
    assert str(path.parent.relative_to(target.folder)) in problem


def test_old_backups_go_and_what_others_need_stays(
    sqlite_kept: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(sqlite_kept, tmp_path / "in", "mua", FILES)
    for _ in range(10):
        backup.run(sqlite_kept)
        clock.advance(timedelta(days=1))
    target = opened(sqlite_kept)
    terms = Terms(keep_daily=3, keep_weekly=2, keep_monthly=1, keep_yearly=0, grace_days=0)
    gone, _contents = prune(sqlite_kept, target, terms)
    left = manifests.backups(target)
    assert len(left) == 4
    assert len(gone) == 6
    assert all(backup.verify(target, manifest).problems == [] for manifest in left)


def test_a_target_keeps_its_name_wherever_it_is_mounted(
    sqlite_kept: Runtime, tmp_path: Path
) -> None:
    backup.run(sqlite_kept)
    folder = Path(sqlite_kept.settings.backup_target)
    place = place_of(FolderTarget(folder))
    moved = folder.rename(tmp_path / "elsewhere")
    assert place_of(FolderTarget(moved)) == place
