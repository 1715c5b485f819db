"""A disk that fills up under the database and the files: a small one, mounted for the test."""

import hashlib
import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.errors import InsufficientStorage
from repository.core.runtime import Runtime
from repository.deposit import files, placing, upload_rows, uploads
from repository.deposit.models import UNDER_WAY, UploadState
from repository.migrate import upgrade
from repository.records.models import State, Version
from tests.api.conftest import Api, make_token
from tests.deposit.conftest import COMPLETE, Depositor
from tests.runtimes import make_settings

MIB = 1 << 20
SIZE = 24 * MIB
PART = 3 * MIB
DATA = bytes(range(256)) * (2 * PART // 256)
PATH = "đo.bin"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of SIZE bytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.fixture
def small(disk: Path, clock: FixedClock) -> Iterator[Runtime]:
    """A repository on it, with parts of PART bytes."""
    url = f"sqlite:///{disk / 'repository.db'}"
    settings = make_settings(disk, url, upload_part_size=PART)
    runtime = Runtime.from_settings(settings, clock)
    upgrade(runtime.database)
    yield runtime
    runtime.close()


class Ballast:
    """A file that leaves so much of the disk free."""

    def __init__(self, disk: Path) -> None:
        self._path, self._disk = disk / "ballast", disk

    def leave(self, free: int) -> None:
        with self._path.open("ab") as file:
            while (left := self._free() - free) > 0:
                try:
                    file.write(bytes(min(left, MIB)))
                    file.flush()
                except OSError:
                    return

    def _free(self) -> int:
        found = os.statvfs(self._disk)
        return found.f_bavail * found.f_frsize

    def remove(self) -> None:
        self._path.unlink()


def test_a_full_disk_is_told_and_nothing_half_is_left(small: Runtime, disk: Path) -> None:
    """While a file arrives whole and in parts, while it is put together, while it is published."""
    lan, ballast = Depositor(small, "lan@example.org"), Ballast(disk)
    version_id = lan.draft({**COMPLETE})
    kept = lan.upload(version_id, "đã có.csv", b"there before")

    ballast.leave(MIB)
    with pytest.raises(InsufficientStorage):
        files.receive(small, io.BytesIO(DATA))
    ballast.remove()

    wanted = uploads.plan(small.settings, PATH, len(DATA))
    with small.work() as work:
        uploads.begin(work, lan.actor, version_id, wanted, small.store.parts.begin())

    def send(number: int) -> None:
        part = io.BytesIO(DATA[(number - 1) * PART : number * PART])
        uploads.receive_part(small, lan.actor, version_id, PATH, number, part, length=PART)

    send(1)
    ballast.leave(MIB)
    with pytest.raises(InsufficientStorage):
        send(2)
    ballast.remove()
    send(2)

    ballast.leave(PART)
    with pytest.raises(InsufficientStorage):
        uploads.complete(small, lan.actor, version_id, PATH)
    with small.read() as work:
        upload = upload_rows.find(work, version_id, PATH, UNDER_WAY)
        file = placing.find_file(work, version_id, PATH)
    assert upload is not None
    assert file is not None
    assert (upload.state, file.committed) == (UploadState.OPEN, False)
    assert set(small.store.digests()) == {kept}
    ballast.remove()
    uploads.complete(small, lan.actor, version_id, PATH)
    assert set(small.store.digests()) == {kept, hashlib.sha256(DATA).hexdigest()}


def test_a_publication_that_finds_no_room_is_none(small: Runtime, disk: Path) -> None:
    lan, ballast = Depositor(small, "lan@example.org"), Ballast(disk)
    version_id = lan.draft({**COMPLETE})
    lan.upload(version_id, "a.csv")
    app = create_app(small)
    api = Api(app.test_client(), small, make_token(small, lan.user))
    ballast.leave(0)
    refused = api.call("POST", f"/records/{version_id}/draft/actions/publish")
    assert refused.status_code == 507, refused.text
    assert refused.json["type"].endswith("/insufficient-storage")
    with small.read() as work:
        assert work.session.get_one(Version, version_id).state == State.DRAFT
    assert app.test_client().get(f"/records/{version_id}").status_code == 404
    ballast.remove()
    done = api.call("POST", f"/records/{version_id}/draft/actions/publish")
    assert done.status_code in (200, 202), done.text
