"""What a store really does: tried on a folder, on a server that ignores locks, on liars."""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

from click.testing import CliRunner

from repository.cli import main
from repository.core.runtime import Runtime
from storage.base import Stored
from storage.local import LocalStore
from storage.probe import FAILED, UNSUPPORTED, VERIFIED, probe
from tests.services.s3 import S3
from tests.storage.test_contract import s3_store


def test_a_folder(sqlite_runtime: Runtime) -> None:
    answer = CliRunner().invoke(main, ["store", "probe"], obj=lambda: sqlite_runtime)
    assert answer.exit_code == 0, answer.output
    assert "Writing, reading back, deleting: verified" in answer.output
    assert "WORM (object lock): not supported" in answer.output
    assert list(sqlite_runtime.store.digests()) == []


def test_a_server_that_answers_200_to_a_lock_and_deletes_all_the_same(s3: S3) -> None:
    store = s3_store(s3)
    found = {each.what: each.verdict for each in probe(store)}
    assert found["Writing, reading back, deleting"] == VERIFIED
    assert found["A wrong SHA-256 is refused"] == VERIFIED
    assert found["WORM (object lock)"] == UNSUPPORTED
    assert len(found) == 5
    assert list(store.digests()) == []


def test_a_server_that_keeps_what_is_locked(ceph: S3) -> None:
    store = s3_store(ceph, locks=True)
    found = {each.what: each.verdict for each in probe(store)}
    never_overwrites = found.pop("Never overwriting (If-None-Match: *)")
    assert never_overwrites in (UNSUPPORTED, VERIFIED)  # by the release of the gateway
    assert set(found.values()) == {VERIFIED}, found
    assert "WORM (object lock)" in found


class Forgetful(LocalStore):
    """Takes everything for what it was announced as."""

    def write(
        self,
        stream: BinaryIO,
        *,
        size: int | None = None,
        sha256: str | None = None,
        max_size: int | None = None,
    ) -> Stored:
        data = stream.read()
        super().write(io.BytesIO(data))
        return Stored(sha256 or hashlib.sha256(data).hexdigest(), len(data))


def test_a_store_that_takes_wrong_bytes_fails(tmp_path: Path) -> None:
    found = {each.what: each.verdict for each in probe(Forgetful(tmp_path))}
    assert found["A wrong SHA-256 is refused"] == FAILED
