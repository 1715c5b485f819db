"""Several stores: what belongs where, moving it there in use, and reading what answers."""

import io
import os
import signal
import warnings
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from repository.accounts.services import find
from repository.app import create_app
from repository.core import doctor as core_doctor
from repository.core import failpoints
from repository.core.clock import FixedClock
from repository.core.copies import STORE, Copy
from repository.core.errors import Unavailable
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import doctor, files, uploads
from repository.deposit.drafts import create_draft
from repository.preservation import backup, fixity, moving, placement
from repository.preservation.placement import Wish
from repository.preservation.places import target_at
from repository.preservation.restore import restore
from repository.preservation.store_cli import store
from repository.records.collections import Collection, CollectionRecord
from repository.worker import import_all_jobs
from storage.base import NotStored, StorageError, object_key
from storage.local import LocalStore
from tests.preservation.conftest import administrator, publish
from tests.preservation.damage import flip, sha256
from tests.runtimes import make_settings
from tests.services.s3 import S3
from tests.webapp import send_form, sign_in

ARCHIVE, ABROAD, CLOUD = f"{STORE}:archive", f"{STORE}:abroad", f"{STORE}:cloud"
LARGE, SMALL = b"large " * 1000, b"small"


def with_stores(runtime: Runtime, folder: Path, **values: object) -> Runtime:
    """The repository with two further stores, in folders that were prepared."""
    stores = {
        name: {"kind": "local", "folder": folder / name, "country": country}
        for name, country in (("archive", "VN"), ("abroad", "DE"))
    }
    for each in stores.values():
        LocalStore(Path(str(each["folder"])))
    settings = make_settings(
        runtime.settings.data_dir,
        runtime.settings.database_url,
        stores=stores,
        storage_country="VN",
        **values,
    )
    return Runtime.from_settings(settings, runtime.clock)


@pytest.fixture
def several(runtime: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    found = with_stores(runtime, tmp_path / "stores")
    yield found
    found.close()


def rule(runtime: Runtime, place: str, **values: object) -> None:
    actor = administrator(runtime)
    with runtime.work() as work:
        placement.add(work, actor, Wish(place, **values))  # type: ignore[arg-type]


def copies(runtime: Runtime, data: bytes) -> dict[str, bool]:
    """By place, whether the copy is to go."""
    with runtime.read() as work:
        found = work.session.scalars(select(Copy).where(Copy.sha256 == sha256(data)))
        return {copy.place: copy.drop_at is not None for copy in found}


def receive(runtime: Runtime, version_id: str, data: bytes) -> str:
    """Upload; the place it went to."""
    sent = io.BytesIO(data)
    return files.receive(runtime, sent, size=len(data), version_id=version_id).place


def test_new_files_go_where_the_first_rule_says(several: Runtime, tmp_path: Path) -> None:
    actor = administrator(several)
    rule(several, ARCHIVE, min_bytes=1000)
    with several.work() as work:
        draft = create_draft(work, actor, {})
        now = work.clock.now()
        inside = Collection(slug="bien", title_vi="Biển", created_at=now, updated_at=now)
        work.session.add(inside)
        work.session.flush()
        given = {"collection_id": inside.id, "record_id": draft.version.record_id}
        work.session.add(CollectionRecord(**given, added_at=now))
    rule(several, ABROAD, collection="bien")
    with several.work() as work:
        plain = create_draft(work, actor, {}).version_id
    where = {
        (draft.version_id, LARGE): ARCHIVE,
        (draft.version_id, SMALL): ABROAD,
        (plain, b"else"): STORE,
    }
    for number, ((version_id, data), place) in enumerate(where.items()):
        stored = files.receive(several, io.BytesIO(data), size=len(data), version_id=version_id)
        with several.work() as work:
            files.put_file(work, actor, version_id, f"{number}.bin", stored)
        assert set(copies(several, data)) == {place}
        assert several.stores[place].size(sha256(data)) == len(data)
        assert b"".join(several.store.read(sha256(data))) == data
    assert moving.place_all(several).contents == 0, "both ways of asking agree"
    assert list(doctor.problems(several)) == []


def test_moving_proves_the_copy_and_drops_the_old_one_later(
    several: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(several, tmp_path / "in", "mua", {"a.bin": LARGE, "b.bin": SMALL})
    rule(several, ARCHIVE, min_bytes=1000)
    with several.read() as work:
        assert placement.left_to_move(work) == (1, len(LARGE))
    run_until_idle(several)
    assert copies(several, LARGE) == {STORE: True, ARCHIVE: False}
    assert copies(several, SMALL) == {STORE: False}
    path = several.stores[ARCHIVE].local_path(sha256(LARGE))
    assert path is not None
    assert several.store.local_path(sha256(LARGE)) == path, "the placed copy is read"

    hidden = path.rename(path.with_name("hidden"))
    clock.advance(timedelta(days=8))
    moving.drop_due(several)
    assert several.stores[STORE].size(sha256(LARGE)), "without the new copy the old one stays"
    hidden.rename(path)
    clock.advance(timedelta(days=2))
    moving.drop_due(several)
    assert copies(several, LARGE) == {ARCHIVE: False}
    with pytest.raises(NotStored):
        several.stores[STORE].size(sha256(LARGE))
    assert b"".join(several.store.read(sha256(LARGE), 6, 5)) == b"large"


def test_a_store_that_is_down(several: Runtime, tmp_path: Path, clock: FixedClock) -> None:
    publish(several, tmp_path / "in", "mua", {"a.bin": LARGE})
    rule(several, ARCHIVE, min_bytes=1000)
    run_until_idle(several)
    folder = tmp_path / "stores" / "archive"
    away = folder.rename(folder.with_name("away"))
    assert b"".join(several.store.read(sha256(LARGE))) == LARGE, "from the copy that is to go"
    assert any("store:archive does not answer" in line for line in core_doctor.problems(several))
    clock.advance(timedelta(days=8))
    moving.drop_due(several)
    several.stores[STORE].delete(sha256(LARGE))
    with pytest.raises(StorageError) as raised:
        several.store.read(sha256(LARGE))
    assert not isinstance(raised.value, NotStored), "it is not gone: its store does not answer"
    actor = administrator(several)
    with several.work() as work:
        version_id = create_draft(work, actor, {}).version_id
    with pytest.raises(Unavailable, match="does not answer"):
        receive(several, version_id, LARGE + b"new")
    with pytest.raises(Unavailable, match="does not answer"):
        uploads.new_handle(several, version_id, len(LARGE))
    receive(several, version_id, SMALL)  # what belongs elsewhere arrives
    away.rename(folder)
    assert b"".join(several.store.read(sha256(LARGE))) == LARGE
    assert receive(several, version_id, LARGE + b"new") == ARCHIVE, "sent again, it arrives"


def test_a_copy_that_breaks_off_is_gone_on_with_from_another(
    several: Runtime, tmp_path: Path
) -> None:
    data = bytes(3 << 20)
    publish(several, tmp_path / "in", "mua", {"a.bin": data})
    rule(several, ARCHIVE)
    run_until_idle(several)
    path = several.stores[ARCHIVE].local_path(sha256(data))
    assert path is not None
    chunks = several.store.read(sha256(data))
    path.unlink()  # opened at the first chunk
    assert b"".join(chunks) == data


def test_fixity_reads_and_repairs_each_copy(
    several: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    publish(several, tmp_path / "in", "mua", {"a.bin": LARGE})
    rule(several, ARCHIVE)
    run_until_idle(several)
    path = several.stores[ARCHIVE].local_path(sha256(LARGE))
    assert path is not None
    flip(path)
    clock.advance(timedelta(seconds=1))
    report = fixity.check(several, clock.now())
    assert (report.checked, report.repaired, report.bad) == (2, 1, [])
    assert path.read_bytes() == LARGE


@pytest.mark.parametrize("name", ["move.written", "move.copied", "move.noted", "move.dropped"])
def test_killed_while_moving(
    sqlite_runtime: Runtime, tmp_path: Path, clock: FixedClock, name: str
) -> None:
    several = with_stores(sqlite_runtime, tmp_path / "stores", store_grace_days=0)
    publish(several, tmp_path / "in", "mua", {"a.bin": LARGE, "b.bin": SMALL})
    rule(several, ARCHIVE)
    assert killed_at(several, name) == signal.SIGKILL
    for data in (LARGE, SMALL):
        assert b"".join(several.store.read(sha256(data))) == data
    moving.place_all(several)
    moving.drop_due(several)
    for data in (LARGE, SMALL):
        assert copies(several, data) == {ARCHIVE: False}
        assert b"".join(several.stores[ARCHIVE].read(sha256(data))) == data
    assert sorted(several.stores[STORE].digests()) == []


def killed_at(runtime: Runtime, name: str) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads
        child = os.fork()
    if child == 0:
        try:
            failpoints.acts[name] = lambda: os.kill(os.getpid(), signal.SIGKILL)
            mine = Runtime.from_settings(runtime.settings, runtime.clock)
            moving.place_all(mine)
            moving.drop_due(mine)
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def test_a_record_in_a_folder_and_a_bucket_is_one_record(
    sqlite_runtime: Runtime, s3: S3, tmp_path: Path
) -> None:
    """Downloaded, looked into, backed up and restored, as if it all lay in one place."""
    large = b"t,mm\n" + b"".join(b"%d,%d\n" % (day, day % 9) for day in range(400))
    small = b"t,mm\n1,2\n"
    values: dict[str, object] = {"backup_target": str(tmp_path / "backups"), "store_grace_days": 0}
    values["stores"] = {"cloud": bucket_of(s3)}
    given = sqlite_runtime.settings
    settings = make_settings(given.data_dir, given.database_url, **values)
    several = Runtime.from_settings(settings, sqlite_runtime.clock)
    rule(several, CLOUD, min_bytes=1000)
    version_id = publish(several, tmp_path / "in", "mua", {"a.csv": large, "b.csv": small})
    import_all_jobs()
    run_until_idle(several)
    assert (copies(several, large), copies(several, small)) == ({CLOUD: False}, {STORE: False})

    def looked_at(runtime: Runtime) -> list[bytes]:
        client = create_app(runtime).test_client()
        with client.get(f"/records/{version_id}/files.zip") as sent:
            archive = zipfile.ZipFile(io.BytesIO(sent.data))
        found = sorted(name for name in archive.namelist() if name.endswith(".csv"))
        for path, total in (("a.csv", 400), ("b.csv", 1)):
            rows = client.get(f"/api/records/{version_id}/files/{path}/rows").json
            assert rows is not None
            assert rows["total"] == total
        return [archive.read(name) for name in found]

    assert looked_at(several) == [large, small]
    made = backup.run(several)
    assert (made.manifest.contents.count, made.progress.bad) == (2, [])
    target = target_at(settings, settings.backup_target)
    assert backup.verify(target, made.manifest).problems == []
    several.close()

    values["stores"] = {"cloud": bucket_of(s3)}  # an empty one
    again = make_settings(tmp_path / "new", "", **values)
    assert restore(target, again).contents == 2
    restored = Runtime.from_settings(again, sqlite_runtime.clock)
    assert looked_at(restored) == [large, small]
    assert moving.place_all(restored).contents == 1
    assert list(restored.stores[CLOUD].digests()) == [sha256(large)]
    assert looked_at(restored) == [large, small]
    restored.close()


def bucket_of(s3: S3) -> dict[str, object]:
    return {
        "endpoint": s3.endpoint,
        "bucket": s3.create_bucket(),
        "access_key": s3.access_key,
        "secret_key": s3.secret_key,
        "secure": False,
        "browser_url": f"http://{s3.endpoint}",
    }


def test_parts_go_to_the_store_the_rules_name(sqlite_runtime: Runtime, s3: S3) -> None:
    settings = make_settings(
        sqlite_runtime.settings.data_dir,
        sqlite_runtime.settings.database_url,
        stores={"cloud": bucket_of(s3)},
    )
    several = Runtime.from_settings(settings, sqlite_runtime.clock)
    actor = administrator(several)
    rule(several, CLOUD, min_bytes=1000)
    with several.work() as work:
        version_id = create_draft(work, actor, {}).version_id
    wanted = uploads.plan(settings, "a.bin", len(LARGE))
    handle = uploads.new_handle(several, version_id, len(LARGE))
    with several.work() as work:
        uploads.begin(work, actor, version_id, wanted, handle)
        upload = uploads.get(work, actor, version_id, "a.bin")
    assert str(uploads.address_of(several, upload, 1)).startswith(f"http://{s3.endpoint}/")
    given = {"stream": io.BytesIO(LARGE), "length": len(LARGE)}
    uploads.receive_part(several, actor, version_id, "a.bin", 1, **given)  # type: ignore[arg-type]
    uploads.complete(several, actor, version_id, "a.bin")
    assert copies(several, LARGE) == {f"{STORE}:cloud": False}
    assert list(several.stores[f"{STORE}:cloud"].digests()) == [sha256(LARGE)]
    run_until_idle(several)
    assert list(several.store.parts.begun()) == []
    kind = {"media_type": "text/plain", "disposition": "inline", "seconds": 60}
    address = several.store.address(sha256(LARGE), **kind, now=several.clock.now())  # type: ignore[arg-type]
    assert str(address).startswith(f"http://{s3.endpoint}/"), "downloads come from where it lies"


def test_the_command_line(several: Runtime, tmp_path: Path) -> None:
    publish(several, tmp_path / "in", "mua", {"a.bin": LARGE})

    def run(*args: str, code: int = 0) -> str:
        told = CliRunner().invoke(store, args, obj=lambda: several)
        assert told.exit_code == code, told.output
        return str(told.output)

    assert "there are: store, archive, abroad" in run("place", "nowhere", code=2)
    number = run("place", "archive", "--class", "core", "--country", "VN").strip()
    assert f"rule {number}: core data -> archive, only in VN" in run("list")
    run("unplace", number)
    number = run("place", "archive", "--from-size", "1kB", "--country", "VN").strip()
    assert f"1 contents, {len(LARGE)} bytes to move" in run("list")
    assert f"1 contents moved, {len(LARGE)} bytes; 0 old copies gone" in run("move")
    told = run("list")
    assert f"archive\tVN\tanswers\t1\t{len(LARGE)}\t0" in told
    assert f"rule {number}: from 1000 bytes -> archive, only in VN" in told
    assert "verified" in run("probe", "archive")
    run("unplace", number)
    assert "1 contents" in run("list"), "back to where nothing else is said"


def test_the_page_and_the_proxy(sqlite_runtime: Runtime, tmp_path: Path) -> None:
    several = with_stores(sqlite_runtime, tmp_path / "stores", accel_prefix="/stored")
    version_id = publish(several, tmp_path / "in", "mua", {"a.bin": LARGE})
    client = create_app(several).test_client()
    administrator(several)
    with several.read() as work:
        user = find(work, "lan@example.org")
    assert user is not None
    sign_in(client, user)
    page = "/admin/stores"
    refused = send_form(client, page, place=ARCHIVE, min_bytes="x")
    assert (refused.status_code, "Hãy viết một số nguyên" in refused.text) == (400, True)
    assert send_form(client, page, place=ABROAD, collection="", country="").status_code == 302
    assert send_form(client, page, place=ARCHIVE, collection="", country="1").status_code == 302
    assert send_form(client, page, place=ARCHIVE, data_class="secret").status_code == 400
    assert send_form(client, page, place=ARCHIVE, data_class="core").status_code == 302
    assert ">dữ liệu cốt lõi " in client.get(page).text
    with several.work() as work:
        first, second, third = placement.rules(work)
        assert third.data_class == "core"
        placement.remove(work, administrator(several), third.id)
    assert second.country == "VN"
    assert "1 tệp còn phải chuyển" in client.get(page).text
    send_form(client, f"{page}/{second.id}/raise")
    send_form(client, f"{page}/{first.id}/remove")
    run_until_idle(several)
    assert "Mọi thứ đang nằm đúng chỗ" in client.get(page).text
    sent = client.get(f"/records/{version_id}/files/a.bin").headers["X-Accel-Redirect"]
    assert sent == f"/stored/archive/{object_key(sha256(LARGE))}"
