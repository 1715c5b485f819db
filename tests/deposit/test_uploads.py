"""Uploads in parts: the state machine, on both databases, over a folder."""

import hashlib
import io
import threading
from datetime import timedelta

import pytest

from repository.core import failpoints
from repository.core.clock import FixedClock
from repository.core.errors import Conflict, NotFound, RepositoryError, TooLarge, ValidationFailed
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import doctor, files, jobs, placing, upload_rows, uploads
from repository.deposit.drafts import discard_draft
from repository.deposit.models import UNDER_WAY, Upload, UploadState
from repository.records.models import File
from tests.deposit.conftest import Depositor
from tests.runtimes import make_settings

PART = 64 << 10
DATA = bytes(range(256)) * 600  # two parts and some
PARTS = [DATA[at : at + PART] for at in range(0, len(DATA), PART)]
DIGEST = hashlib.sha256(DATA).hexdigest()


class Sender:
    """Sends one file in parts."""

    def __init__(self, who: Depositor, version_id: str, path: str = "mưa.csv") -> None:
        self.runtime, self.actor = who.runtime, who.actor
        self.version_id, self.path = version_id, path

    def begin(self, **options: object) -> None:
        settings = self.runtime.settings.model_copy(update={"upload_part_size": PART})
        wanted = uploads.plan(settings, self.path, len(DATA), **options)  # type: ignore[arg-type]
        with self.runtime.work() as work:
            handle = self.runtime.store.parts.begin()
            uploads.begin(work, self.actor, self.version_id, wanted, handle)

    def send(self, number: int, data: bytes | None = None, sha256: str | None = None) -> None:
        body = PARTS[number - 1] if data is None else data
        uploads.receive_part(
            self.runtime,
            self.actor,
            self.version_id,
            self.path,
            number,
            io.BytesIO(body),
            length=len(body),
            sha256=sha256,
        )

    def send_all(self) -> None:
        for number in (3, 1, 2):
            self.send(number)

    def complete(self, sha256: str | None = None) -> None:
        uploads.complete(self.runtime, self.actor, self.version_id, self.path, sha256=sha256)

    def file(self) -> File | None:
        with self.runtime.read() as work:
            return placing.find_file(work, self.version_id, self.path)

    def row(self) -> Upload:
        with self.runtime.read() as work:
            found = upload_rows.find(work, self.version_id, self.path, list(UploadState))
        assert found is not None
        return found


@pytest.fixture
def sender(lan: Depositor) -> Sender:
    return Sender(lan, lan.draft({}))


def in_store(runtime: Runtime) -> list[str]:
    return [handle for handle, _at in runtime.store.parts.begun()]


def test_parts_in_any_order_become_a_complete_file(sender: Sender, runtime: Runtime) -> None:
    sender.begin()
    sender.send_all()
    sender.send(2)
    sender.complete(DIGEST)
    file = sender.file()
    assert file is not None
    assert (file.sha256, file.size, file.committed) == (DIGEST, len(DATA), True)
    assert file.media_type == "text/csv"
    assert sender.row().state == UploadState.DONE
    run_until_idle(runtime)
    assert in_store(runtime) == []
    assert sender.row().discarded
    with pytest.raises(NotFound):
        sender.send(1)


def test_eight_completions_make_one_file(sender: Sender, runtime: Runtime) -> None:
    sender.begin()
    sender.send_all()
    barrier, failed = threading.Barrier(8), []

    def complete() -> None:
        barrier.wait()
        try:
            sender.complete()
        except NotFound:  # somebody was quicker
            pass
        except RepositoryError as error:
            failed.append(error)

    threads = [threading.Thread(target=complete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_until_idle(runtime)
    assert failed == []
    file = sender.file()
    assert file is not None
    assert file.committed
    with runtime.read() as work:
        assert len(work.session.query(File).all()) == 1


def test_what_is_missing_is_named(sender: Sender) -> None:
    sender.begin()
    sender.send(2)
    with pytest.raises(Conflict, match=r"2 parts have not arrived: 1, 3\."):
        sender.complete()
    assert sender.row().state == UploadState.OPEN


@pytest.mark.parametrize("number", [0, 4])
def test_parts_that_there_are_not(sender: Sender, number: int) -> None:
    sender.begin()
    with pytest.raises(ValidationFailed):
        sender.send(number, b"x")


def test_a_part_of_the_wrong_length_or_digest(sender: Sender) -> None:
    sender.begin()
    with pytest.raises(ValidationFailed, match="Part 3 has 22528 bytes"):
        sender.send(3, b"short")
    with pytest.raises(ValidationFailed):
        sender.send(1, sha256="0" * 64)
    sender.send(1, sha256=hashlib.sha256(PARTS[0]).hexdigest())
    with pytest.raises(Conflict):
        sender.complete()


@pytest.mark.parametrize("early", [True, False])
def test_a_file_that_is_not_what_was_announced_is_refused(
    sender: Sender, runtime: Runtime, early: bool
) -> None:
    sender.begin(sha256="0" * 64 if early else None)
    sender.send_all()
    with pytest.raises(ValidationFailed, match="checksum"):
        sender.complete(None if early else "0" * 64)
    assert sender.row().state == UploadState.FAILED
    assert list(runtime.store.digests()) == []
    run_until_idle(runtime)
    assert in_store(runtime) == []
    sender.begin()  # and again, rightly
    sender.send_all()
    sender.complete()
    file = sender.file()
    assert file is not None
    assert file.committed


def test_two_uploads_of_one_path(sender: Sender, lan: Depositor) -> None:
    sender.begin()
    with pytest.raises(Conflict, match="being uploaded in parts"):
        sender.begin()
    with pytest.raises(Conflict):
        lan.upload(sender.version_id, sender.path)
    sender.send_all()
    sender.complete()
    with pytest.raises(Conflict, match="already"):
        sender.begin()


def test_what_is_replaced_stays_until_the_other_is_there(sender: Sender, lan: Depositor) -> None:
    lan.upload(sender.version_id, sender.path, b"before")
    sender.begin(replace=True)
    sender.send_all()
    file = sender.file()
    assert file is not None
    assert file.size == 6
    sender.complete()
    file = sender.file()
    assert file is not None
    assert file.sha256 == DIGEST


def test_giving_up_removes_the_entry_but_not_what_was_to_be_replaced(
    sender: Sender, lan: Depositor, runtime: Runtime
) -> None:
    sender.begin()
    sender.send(1)
    with runtime.work() as work:
        uploads.give_up(work, lan.actor, sender.version_id, sender.path)
    assert sender.file() is None
    lan.upload(sender.version_id, sender.path, b"before")
    sender.begin(replace=True)
    with runtime.work() as work:
        uploads.give_up(work, lan.actor, sender.version_id, sender.path)
    assert sender.file() is not None
    run_until_idle(runtime)
    assert in_store(runtime) == []


@pytest.mark.parametrize("way", ["discard", "delete"])
def test_with_the_draft_or_the_file_goes_the_upload(
    sender: Sender, lan: Depositor, runtime: Runtime, way: str
) -> None:
    sender.begin()
    sender.send(1)
    with runtime.work() as work:
        if way == "discard":
            discard_draft(work, lan.actor, sender.version_id)
        else:
            files.delete_file(work, lan.actor, sender.version_id, sender.path)
    run_until_idle(runtime)
    assert in_store(runtime) == []
    with pytest.raises(NotFound):
        sender.send(2)


def test_a_stranger_has_no_part_in_it(sender: Sender, minh: Depositor) -> None:
    sender.begin()
    other = Sender(minh, sender.version_id)
    with pytest.raises(NotFound):
        other.begin()
    with pytest.raises(NotFound):
        other.send(1)
    with pytest.raises(NotFound):
        other.complete()


class PlugPulledError(BaseException):
    """Ends a thread where it stands, as kill -9 ends a process."""


@pytest.mark.parametrize("where", ["upload.finalising", "upload.joined", "upload.before-commit"])
def test_what_a_dead_server_left_is_finished_by_the_job(
    sender: Sender,
    runtime: Runtime,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    def pull() -> None:
        raise PlugPulledError

    sender.begin()
    sender.send_all()
    monkeypatch.setitem(failpoints.acts, where, pull)
    with pytest.raises(PlugPulledError):
        sender.complete()
    monkeypatch.delitem(failpoints.acts, where)
    file = sender.file()
    assert file is not None
    assert not file.committed
    clock.advance(timedelta(minutes=3))
    run_until_idle(runtime)
    file = sender.file()
    assert file is not None
    assert (file.sha256, file.committed) == (DIGEST, True)
    assert in_store(runtime) == []


def test_a_large_file_is_finished_by_a_job(lan: Depositor, runtime: Runtime) -> None:
    settings = runtime.settings.model_copy(update={"upload_job_bytes": 100})
    large = Runtime(settings, runtime.database, runtime.store, runtime.clock)
    lan.runtime = large
    sender = Sender(lan, lan.draft({}))
    sender.begin()
    sender.send_all()
    sender.complete()
    assert sender.row().state == UploadState.FINALISING
    with pytest.raises(Conflict, match="being checked"):
        sender.send(1)
    sender.complete()
    run_until_idle(large)
    file = sender.file()
    assert file is not None
    assert file.committed


def test_uploads_that_nobody_goes_on_with_expire(
    sender: Sender, runtime: Runtime, clock: FixedClock
) -> None:
    sender.begin()
    clock.advance(timedelta(days=6))
    jobs.sweep(runtime, {})
    assert sender.row().state == UploadState.OPEN
    clock.advance(timedelta(days=2))
    jobs.sweep(runtime, {})
    assert sender.row().state == UploadState.EXPIRED
    assert sender.file() is None
    run_until_idle(runtime)
    assert in_store(runtime) == []
    clock.advance(timedelta(days=8))
    jobs.sweep(runtime, {})
    with runtime.read() as work:
        assert work.session.query(Upload).count() == 0


def test_orphans_are_counted_both_ways_and_freed(
    sender: Sender, runtime: Runtime, lan: Depositor, clock: FixedClock
) -> None:
    sender.begin()
    nobodys = runtime.store.parts.begin()
    kept = lan.upload(sender.version_id, "a.csv", b"kept")
    unknown = runtime.store.write(io.BytesIO(b"nobody's")).sha256
    lost = lan.upload(sender.version_id, "b.csv", b"lost")
    runtime.store.delete(lost)
    found = list(doctor.problems(runtime))
    assert found == ["Files: 1 contents are not in the store; repository fixity tells which."]
    clock.advance(timedelta(days=365))  # the folder's own times are the machine's
    assert jobs.orphans(runtime) == [nobodys]
    found = list(doctor.problems(runtime))
    assert any("1 objects in the store belong to no file" in line for line in found), found
    assert any("1 uploads in the store" in line for line in found), found
    jobs.sweep(runtime, {})
    assert jobs.orphans(runtime) == []
    assert set(runtime.store.digests()) == {kept, unknown}, "objects are counted, not removed"


@pytest.mark.parametrize(
    ("size", "options", "pointer"),
    [
        (0, {}, "/size"),
        (100 << 20, {"part_size": 1 << 20}, "/transfer/part_size"),
        (10 << 20, {"part_size": 5 << 20, "parts": 3}, "/transfer/parts"),
    ],
)
def test_plans_that_cannot_be(
    runtime: Runtime, size: int, options: dict[str, int], pointer: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        uploads.plan(runtime.settings, "a", size, **options)  # type: ignore[arg-type]
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_parts_grow_with_the_file(runtime: Runtime) -> None:
    settings = make_settings(runtime.settings.data_dir, "", max_file_size=1 << 50)
    small, large = (uploads.plan(settings, "a", size) for size in (1 << 30, 1 << 40))
    assert (small.part_size, small.parts) == (16 << 20, 64)
    assert large.parts <= 9000
    assert large.part_size * large.parts >= 1 << 40
    with pytest.raises(TooLarge):
        uploads.plan(runtime.settings, "a", 1 << 50)


def test_states_under_way_are_those_that_can_still_end() -> None:
    assert set(UNDER_WAY) == {UploadState.OPEN, UploadState.FINALISING}
