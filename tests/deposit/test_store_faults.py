"""Uploads while the store fails: an S3 server that answers 500, hangs or dies, and a full disk."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from repository.core.clock import FixedClock
from repository.core.errors import Conflict, Unavailable
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import uploads
from repository.deposit.models import UploadState
from storage.s3 import S3Store
from storage.s3_http import RETRIES, http_client
from tests.deposit.conftest import COMPLETE, Depositor
from tests.deposit.test_uploads import DATA, DIGEST, Sender
from tests.services.faulty_store import FaultyStore
from tests.services.s3 import S3, serving

Request = BaseHTTPRequestHandler


def over(runtime: Runtime, server: S3, endpoint: str, bucket: str) -> Runtime:
    """The same repository, its files on an S3 server of which answers are awaited for a second."""
    client = http_client(1)
    client.connection_pool_kw["retries"] = RETRIES.new(backoff_factor=0)
    store = S3Store(
        endpoint, bucket, server.access_key, server.secret_key, secure=False, http_client=client
    )
    return Runtime(runtime.settings, runtime.database, store, runtime.clock)


def sender_on(runtime: Runtime) -> Sender:
    """A draft that has a file already, and an upload of another one with its second part."""
    lan = Depositor(runtime, "lan@example.org")
    sender = Sender(lan, lan.draft({**COMPLETE}))
    lan.upload(sender.version_id, "đã có.csv", b"there before")
    sender.begin()
    sender.send(2)
    return sender


def held(sender: Sender) -> set[int]:
    with sender.runtime.read() as work:
        upload = uploads.get(work, sender.actor, sender.version_id, sender.path)
    return {part.number for part in uploads.held(sender.runtime, upload)}


def go_on(sender: Sender, clock: FixedClock) -> None:
    """What a client does that comes back: look, send what is missing, complete; what is being
    finished it waits for.
    """
    if sender.row().state == UploadState.OPEN:
        for number in {1, 2, 3} - held(sender):
            sender.send(number)
        sender.complete()
    clock.advance(timedelta(minutes=10))
    run_until_idle(sender.runtime)


def check_complete(sender: Sender) -> None:
    file = sender.file()
    assert file is not None
    assert (file.committed, file.sha256) == (True, DIGEST)
    assert b"".join(sender.runtime.store.read(DIGEST)) == DATA
    before = hashlib.sha256(b"there before").hexdigest()
    assert b"".join(sender.runtime.store.read(before)) == b"there before"


def nothing_half(sender: Sender) -> None:
    file = sender.file()
    assert file is not None
    assert (file.committed, file.sha256) == (False, None)


@pytest.fixture
def faulty(s3: S3) -> Iterator[FaultyStore]:
    proxy = FaultyStore(s3.endpoint)
    yield proxy
    proxy.close()


@pytest.fixture
def behind(sqlite_runtime: Runtime, s3: S3, faulty: FaultyStore) -> Sender:
    return sender_on(over(sqlite_runtime, s3, faulty.endpoint, s3.create_bucket()))


def test_a_part_that_the_store_refused_is_sent_again(
    behind: Sender, faulty: FaultyStore, clock: FixedClock
) -> None:
    faulty.fails = lambda request: "partNumber=" in request.path
    with pytest.raises(Unavailable):
        behind.send(1)
    faulty.fails = lambda _request: False
    assert held(behind) == {2}
    go_on(behind, clock)
    check_complete(behind)


COMPLETING = {
    "the list of parts": lambda r: r.command == "GET" and "uploadId=" in r.path,
    "putting them together": lambda r: r.command == "POST",
    "reading it back": lambda r: r.command == "GET" and "tmp/parts/" in r.path,
    "copying it to its place": lambda r: "x-amz-copy-source" in r.headers,
}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", COMPLETING)
def test_a_completion_in_which_the_store_failed_is_finished_later(
    behind: Sender, faulty: FaultyStore, clock: FixedClock, step: str, late: bool
) -> None:
    """Whether it did what was asked, its answer being lost, or did not."""
    behind.send(1)
    behind.send(3)
    faulty.fails, faulty.late = COMPLETING[step], late
    with pytest.raises(Unavailable):
        behind.complete()
    assert faulty.failed
    nothing_half(behind)
    faulty.fails = lambda _request: False
    go_on(behind, clock)
    check_complete(behind)


def test_a_store_that_hangs_is_not_waited_for_without_end(
    sqlite_runtime: Runtime, s3: S3, clock: FixedClock
) -> None:
    sender = sender_on(over(sqlite_runtime, s3, s3.endpoint, s3.create_bucket()))
    with s3.hanging(), pytest.raises(Unavailable):
        sender.send(1)
    assert held(sender) >= {2}
    sender.send(1)
    sender.send(3)
    with s3.hanging(), pytest.raises(Unavailable):
        sender.complete()
    nothing_half(sender)
    go_on(sender, clock)
    check_complete(sender)


def test_a_store_that_is_killed_and_has_lost_the_parts_says_so(
    sqlite_runtime: Runtime, tmp_path: Path, clock: FixedClock
) -> None:
    """rclone keeps parts in memory; with them the upload is lost, and nothing else."""
    with serving(tmp_path / "s3") as first:
        bucket = first.create_bucket()
        sender = sender_on(over(sqlite_runtime, first, first.endpoint, bucket))
        first.kill()
        with pytest.raises(Unavailable):
            sender.send(1)
        with pytest.raises(Unavailable):
            held(sender)
    with serving(tmp_path / "s3") as second:
        sender.runtime = over(sqlite_runtime, second, second.endpoint, bucket)
        with pytest.raises(Conflict, match="has lost parts"):
            sender.send(1)
        nothing_half(sender)
        assert sender.row().state == UploadState.FAILED
        clock.advance(timedelta(minutes=1))
        sender.begin()
        go_on(sender, clock)
        check_complete(sender)
