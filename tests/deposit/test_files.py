import io
import unicodedata

import pytest

from repository.core.errors import Conflict, NotFound, TooLarge, ValidationFailed
from repository.core.runtime import Runtime
from repository.deposit import files, listing
from repository.deposit.drafts import edit_published
from repository.records.models import Content
from storage.base import Stored
from tests.deposit.conftest import Depositor
from tests.runtimes import make_settings


def paths(runtime: Runtime, version_id: str) -> list[str]:
    with runtime.read() as work:
        return [file.path for file in listing.draft_files(work, version_id, limit=100)]


def test_a_file_comes_in_three_steps(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({})
    with runtime.work() as work:
        files.announce_files(work, lan.actor, version_id, ["dữ liệu/mưa.csv"])
    with pytest.raises(Conflict), runtime.work() as work:
        files.commit_file(work, lan.actor, version_id, "dữ liệu/mưa.csv")
    stored = files.receive(runtime, io.BytesIO(b"a,b\n"), size=4)
    with runtime.work() as work:
        files.check_awaited(work, lan.actor, version_id, "dữ liệu/mưa.csv")
        taken = files.take_in(work, lan.actor, version_id, "dữ liệu/mưa.csv", stored)
        assert (taken[0].committed, taken[1]) == (False, False)
        file = files.commit_file(work, lan.actor, version_id, "dữ liệu/mưa.csv")
        assert (file.size, file.media_type, file.committed) == (4, "text/csv", True)
    with runtime.work() as work:
        assert files.commit_file(work, lan.actor, version_id, "dữ liệu/mưa.csv").committed
        path, other = "dữ liệu/mưa.csv", Stored("0" * 64, 4)
        assert files.take_in(work, lan.actor, version_id, path, stored)[0].committed
        with pytest.raises(Conflict):
            files.take_in(work, lan.actor, version_id, path, other)
        for told in ({"size": 5}, {"sha256": other.sha256}):
            with pytest.raises(Conflict):
                files.check_awaited(work, lan.actor, version_id, path, **told)


def test_one_name_whatever_its_unicode_form(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({})
    lan.upload(version_id, unicodedata.normalize("NFD", "số liệu.csv"))
    assert paths(runtime, version_id) == [unicodedata.normalize("NFC", "số liệu.csv")]
    with runtime.work() as work:
        files.delete_file(work, lan.actor, version_id, unicodedata.normalize("NFD", "số liệu.csv"))
    assert paths(runtime, version_id) == []


@pytest.mark.parametrize("path", ["", "/a", "a//b", "../a", "a/./b", "a\\b", "a\nb", "x" * 256])
def test_paths_that_no_folder_could_hold(runtime: Runtime, lan: Depositor, path: str) -> None:
    version_id = lan.draft({})
    with pytest.raises(ValidationFailed), runtime.work() as work:
        files.announce_files(work, lan.actor, version_id, [path])


def test_a_file_is_replaced_only_where_that_is_said(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({})
    lan.upload(version_id, "a.csv", b"one")
    other = files.receive(runtime, io.BytesIO(b"other"))
    with pytest.raises(Conflict), runtime.work() as work:
        files.put_file(work, lan.actor, version_id, "a.csv", other)
    with runtime.work() as work:
        file = files.put_file(work, lan.actor, version_id, "a.csv", other, replace=True)
        assert file.sha256 == other.sha256
    assert paths(runtime, version_id) == ["a.csv"]


def test_a_removal_is_taken_back(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({})
    digest = lan.upload(version_id, "a.csv", b"one")
    with runtime.work() as work:
        gone = files.delete_file(work, lan.actor, version_id, "a.csv")
        kept = Stored(digest, gone.size)
    with runtime.work() as work:
        assert files.restore_file(work, lan.actor, version_id, "a.csv", kept).committed
    runtime.store.delete(digest)
    with runtime.work() as work:
        files.delete_file(work, lan.actor, version_id, "a.csv")
    with pytest.raises(NotFound), runtime.work() as work:
        files.restore_file(work, lan.actor, version_id, "a.csv", kept)


def test_bytes_are_what_was_announced_or_nothing(runtime: Runtime) -> None:
    before = list(runtime.store.digests())
    with pytest.raises(ValidationFailed):
        files.receive(runtime, io.BytesIO(b"abc"), size=4)
    with pytest.raises(ValidationFailed):
        files.receive(runtime, io.BytesIO(b"abc"), sha256="0" * 64)
    with pytest.raises(TooLarge):
        files.receive(runtime, io.BytesIO(b"abc"), size=runtime.settings.max_file_size + 1)
    assert list(runtime.store.digests()) == before


def test_equal_bytes_are_one_content(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.draft({})
    digest = lan.upload(version_id, "a.csv")
    assert lan.upload(version_id, "b.csv") == digest
    with runtime.read() as work:
        assert work.session.query(Content).count() == 1


def test_files_of_what_is_published_never_change(runtime: Runtime, lan: Depositor) -> None:
    version_id = lan.published("a.csv")
    with runtime.work() as work:
        edit_published(work, lan.actor, version_id)
    stored = files.receive(runtime, io.BytesIO(b"new"))
    with pytest.raises(Conflict), runtime.work() as work:
        files.put_file(work, lan.actor, version_id, "b.csv", stored)
    with pytest.raises(Conflict), runtime.work() as work:
        files.delete_file(work, lan.actor, version_id, "a.csv")


def test_the_number_of_files_is_bounded(sqlite_runtime: Runtime) -> None:
    settings = make_settings(
        sqlite_runtime.settings.data_dir,
        sqlite_runtime.settings.database_url,
        max_files_per_version=2,
    )
    small = Runtime(settings, sqlite_runtime.database, sqlite_runtime.store, sqlite_runtime.clock)
    lan = Depositor(small, "lan@example.org")
    version_id = lan.draft({})
    with pytest.raises(ValidationFailed), small.work() as work:
        files.announce_files(work, lan.actor, version_id, ["a", "b", "c"])
    lan.upload(version_id, "a")
    lan.upload(version_id, "b")
    with pytest.raises(ValidationFailed):
        lan.upload(version_id, "c")


def test_strangers_files_are_nobodys(runtime: Runtime, lan: Depositor, minh: Depositor) -> None:
    version_id = lan.draft({})
    with pytest.raises(NotFound):
        minh.upload(version_id, "a.csv")
