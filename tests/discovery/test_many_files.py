"""Versions of many files: what is counted once says the same as counting each time."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from repository.accounts.models import ANONYMOUS
from repository.core.runtime import Runtime
from repository.discovery import tree
from repository.discovery.models import FolderSum
from repository.records.models import File, Version
from tests.discovery.library import Depositor

PATHS = (
    *(f"bảng/{n}.csv" for n in range(5)),
    *("bảng/sâu/a/b.txt", "bảng/sâu/a/c/d.txt", "bảng/sâu/e/f.txt", "bảng/sâu/e/g.txt"),
    *("bảng sâu.txt", "bảng/100%/x", "bảng/100%/y", "khác/một.txt", "Ở_đây.txt", "z.txt"),
)
FOLDERS = ("", *{path.rpartition("/")[0] for path in PATHS}, "bảng/sâu", "không có", "bảng/s")


@pytest.fixture
def version(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Version:
    """With every number so small that it is a version of many files, in deep folders."""
    for name, value in (("LARGE", 2), ("PAGE", 3), ("DEPTH", 3), ("BATCH", 2)):
        monkeypatch.setattr(tree, name, value)
    published = Depositor(runtime, tmp_path / "in").publish({p: p.encode() for p in PATHS})
    with runtime.read() as work:
        return work.session.get_one(Version, published)


def test_counted_folders_are_those_that_grouping_finds(runtime: Runtime, version: Version) -> None:
    with runtime.read() as work:
        kept = set(work.session.scalars(select(FolderSum.path)))
        assert kept == {"", "bảng", "khác", "bảng/sâu", "bảng/100%", "bảng/sâu/a", "bảng/sâu/e"}
        for path in FOLDERS:
            for page in range(1, 7):
                counted = tree.open_folder(work, ANONYMOUS, version, path, page)
                assert counted == tree._by_grouping(work, ANONYMOUS, version, path, page)


def test_where_files_differ_in_who_may_have_them_folders_are_as_their_reader_knows_them(
    runtime: Runtime, version: Version
) -> None:
    with runtime.work() as work:
        hidden = select(File).where(File.version_id == version.id, File.path == "bảng/0.csv")
        work.session.scalars(hidden).one().access = "hidden"
        work.session.get_one(Version, version.id).own_file_access = True
    with runtime.work() as work:
        changed = work.session.get_one(Version, version.id)
        opened = tree.open_folder(work, ANONYMOUS, changed)
        assert [(e.path, e.files) for e in opened.entries if e.is_folder] == [
            ("bảng", len([p for p in PATHS if p.startswith("bảng/")]) - 1),
            ("khác", 1),
        ]
        changed.own_file_access, changed.files_access = False, "restricted"
        assert tree.open_folder(work, ANONYMOUS, changed).entries == []


def test_small_versions_leave_no_sums(runtime: Runtime, tmp_path: Path) -> None:
    Depositor(runtime, tmp_path / "in").publish({"a/b.txt": b"1"})
    with runtime.read() as work:
        assert work.session.scalar(select(func.count()).select_from(FolderSum)) == 0
