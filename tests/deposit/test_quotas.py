"""Room for files: taken once, given back, never more than there is; on both databases."""

import threading

import pytest
from click.testing import CliRunner

from repository.cli import main
from repository.core.clock import FixedClock
from repository.core.errors import RepositoryError
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.curation import collections
from repository.curation.placing import add_record, remove_record
from repository.deposit import drafts, files, uploads
from repository.deposit.drafts import discard_draft, new_version
from repository.records import quotas
from repository.records.access import AccessSettings
from repository.records.jobs import recount_quotas
from repository.records.models import Quota, Record, Scope, Version
from repository.records.quotas import Holder, QuotaExceeded
from storage.base import Stored
from tests.deposit.conftest import Depositor
from tests.deposit.test_uploads import DATA, Sender


def limit(runtime: Runtime, scope: Scope, key: str, **limits: int | None) -> None:
    wanted = {"max_bytes": None, "max_files": None} | limits
    with runtime.work() as work:
        quotas.set_limits(work, None, Holder(scope, key), **wanted)


def record_of(runtime: Runtime, version_id: str) -> str:
    with runtime.read() as work:
        return work.session.get_one(Version, version_id).record_id


def used(runtime: Runtime, scope: Scope, key: str) -> tuple[int, int]:
    with runtime.read() as work:
        found = quotas.standing(work, Holder(scope, key))
        counted = quotas.counted(work, Holder(scope, key))
    assert (found.used_bytes, found.used_files) == counted, "the counters are as the rows are"
    return counted


def test_whatever_happens_to_files_the_counters_are_right(
    lan: Depositor, runtime: Runtime, clock: FixedClock
) -> None:
    user = str(lan.user.id)
    first = lan.draft()
    record = record_of(runtime, first)
    lan.upload(first, "a.csv", b"12345")
    lan.upload(first, "b.csv", b"123")
    assert used(runtime, Scope.RECORD, record) == (8, 2)
    with runtime.work() as work:
        files.announce_files(work, lan.actor, first, ["c.csv"])
        files.delete_file(work, lan.actor, first, "b.csv")
    assert used(runtime, Scope.RECORD, record) == (5, 2)
    with runtime.work() as work:
        files.delete_file(work, lan.actor, first, "c.csv")
    lan.publish(first)
    with runtime.work() as work:
        second = new_version(work, lan.actor, first).version_id
    assert used(runtime, Scope.RECORD, record) == (5, 1), "what is carried over counts once"
    with runtime.work() as work:
        gone = files.delete_file(work, lan.actor, second, "a.csv")
        assert gone.sha256 is not None
        stored = Stored(gone.sha256, gone.size)
        files.restore_file(work, lan.actor, second, "a.csv", stored)
    lan.upload(second, "d.csv", b"1234567")
    assert used(runtime, Scope.USER, user) == (12, 2)
    with runtime.read() as work:
        assert work.session.get_one(Version, second).file_count == 2
    with runtime.work() as work:
        copy = drafts.copy_draft(work, lan.actor, second, {}, AccessSettings()).version_id
    assert used(runtime, Scope.USER, user) == (24, 4), "another record holds its own"
    with runtime.work() as work:
        discard_draft(work, lan.actor, copy)
        discard_draft(work, lan.actor, second)
    assert used(runtime, Scope.USER, user) == (5, 1)
    with runtime.work() as work:
        assert work.session.get(Quota, ("record", copy)) is None
        work.session.get_one(Quota, ("user", user)).used_bytes = 99
    recount_quotas(runtime, {})
    assert used(runtime, Scope.USER, user) == (5, 1)


def test_a_file_in_parts_takes_its_room_at_the_start(lan: Depositor, runtime: Runtime) -> None:
    sender = Sender(lan, lan.draft({}))
    record = record_of(runtime, sender.version_id)
    limit(runtime, Scope.RECORD, record, max_bytes=len(DATA) + 10)
    sender.begin()
    assert used(runtime, Scope.RECORD, record) == (len(DATA), 1)
    with pytest.raises(QuotaExceeded, match=r"holds 153 kB; this needs 11 B more"):
        lan.upload(sender.version_id, "b.csv", b"x" * 11)
    sender.send_all()
    sender.complete()
    run_until_idle(runtime)
    assert used(runtime, Scope.RECORD, record) == (len(DATA), 1)
    with pytest.raises(QuotaExceeded):
        sender.begin(replace=True)
    limit(runtime, Scope.RECORD, record, max_bytes=2 * len(DATA))
    sender.begin(replace=True)
    assert used(runtime, Scope.RECORD, record) == (2 * len(DATA), 1)
    with runtime.work() as work:
        uploads.give_up(work, lan.actor, sender.version_id, sender.path)
    assert used(runtime, Scope.RECORD, record) == (len(DATA), 1)
    limit(runtime, Scope.RECORD, record, max_bytes=1)  # deletes nothing
    with runtime.work() as work:
        files.delete_file(work, lan.actor, sender.version_id, sender.path)
    assert used(runtime, Scope.RECORD, record) == (0, 0)


def test_of_eight_for_whom_there_is_room_but_thrice_three_come_in(
    lan: Depositor, runtime: Runtime
) -> None:
    """Each into a record of its own, so that only the user's quota stands between them."""
    limit(runtime, Scope.USER, str(lan.user.id), max_bytes=30, max_files=7)
    versions = [lan.draft({}) for _ in range(8)]
    barrier, refused = threading.Barrier(8), []

    def send(version_id: str) -> None:
        barrier.wait()
        try:
            lan.upload(version_id, "a.csv", version_id.encode()[-10:])
        except QuotaExceeded as error:
            refused.append(error)

    threads = [threading.Thread(target=send, args=(each,)) for each in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    size, count = used(runtime, Scope.USER, str(lan.user.id))
    assert (count, len(refused)) == (3, 5)
    assert size <= 30


def test_files_are_counted_too(lan: Depositor, runtime: Runtime) -> None:
    version_id = lan.draft({})
    limit(runtime, Scope.RECORD, record_of(runtime, version_id), max_files=2)
    with pytest.raises(QuotaExceeded, match="holds 0; this needs 3 more"), runtime.work() as work:
        files.announce_files(work, lan.actor, version_id, ["a", "b", "c"])
    with runtime.work() as work:
        files.announce_files(work, lan.actor, version_id, ["a", "b"])


def test_a_collection_takes_in_what_it_has_room_for(
    lan: Depositor, curator: Depositor, runtime: Runtime
) -> None:
    version_id = lan.published("a.csv")
    record = record_of(runtime, version_id)
    with runtime.work() as work:
        values = {"title_vi": "Khí hậu", "submission": "open"}
        collection = collections.create(work, curator.actor, {"slug": "khi-hau", **values})
        key = str(collection.id)
    limit(runtime, Scope.COLLECTION, key, max_bytes=4)
    with pytest.raises(QuotaExceeded, match="collection of this record"), runtime.work() as work:
        add_record(work, lan.actor, collection, record)
    limit(runtime, Scope.COLLECTION, key, max_bytes=6)
    with runtime.work() as work:
        add_record(work, lan.actor, collection, record)
    assert used(runtime, Scope.COLLECTION, key) == (5, 1)
    with runtime.work() as work:
        second = new_version(work, lan.actor, version_id).version_id
    with pytest.raises(QuotaExceeded):
        lan.upload(second, "b.csv", b"12")
    with runtime.work() as work:
        remove_record(work, lan.actor, collection, record)
    assert used(runtime, Scope.COLLECTION, key) == (0, 0)
    lan.upload(second, "b.csv", b"12")


def test_what_does_not_fit_is_refused_before_it_comes(lan: Depositor, runtime: Runtime) -> None:
    version_id = lan.draft({})
    limit(runtime, Scope.USER, str(lan.user.id), max_bytes=4)
    with runtime.work() as work:
        files.announce_files(work, lan.actor, version_id, ["a"])
    with pytest.raises(QuotaExceeded), runtime.read() as work:
        files.check_awaited(work, lan.actor, version_id, "a", 5)
    with runtime.read() as work:
        files.check_awaited(work, lan.actor, version_id, "a", 4)


def test_the_command_line(lan: Depositor, runtime: Runtime) -> None:
    lan.upload(lan.draft({}), "a.csv", b"12345")

    def run(*words: str) -> str:
        found = CliRunner().invoke(main, ["quota", *words], obj=lambda: runtime)
        assert found.exit_code == 0 or isinstance(found.exception, RepositoryError), found.output
        return found.output.strip()

    shown = run("set", "--user", "lan@example.org", "--bytes", "5 TB", "--files", "0")
    assert shown == "user lan@example.org: 5 B of 5000 GB, 1 files of no limit"
    assert shown in run("show").splitlines()
    assert "of 1000 GB" in run("set", "--user", "lan@example.org")
    with runtime.read() as work:
        record = work.session.query(Record).one().id
    assert run("show", "--record", record) == f"record {record}: 5 B of 200 GB, 1 files of no limit"
    missing = CliRunner().invoke(main, ["quota", "show", "--user", "x@y.z"], obj=lambda: runtime)
    assert missing.exit_code == 1
    assert "Nobody with this address" in missing.output
