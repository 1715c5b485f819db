"""The index as something that can be lost, torn, replaced and interrupted."""

import json
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from repository.accounts.models import ANONYMOUS
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.discovery import indexing
from repository.discovery.engines.base import Sort
from repository.discovery.indexes import IndexBusyError, Indexes
from repository.discovery.search import SearchRequest, search
from repository.stats.models import UsageDay
from repository.stats.services import FIGURES
from tests.discovery.conftest import NOW, Publish, add_version
from tests.waiting import eventually


def total(runtime: Runtime, query: str = "") -> int:
    with runtime.read() as work:
        return search(work, ANONYMOUS, SearchRequest(query)).total


def test_a_lost_index_is_built_again(indexed: Runtime, publish: Publish) -> None:
    publish("Một")
    shutil.rmtree(Indexes(indexed.settings).folder)
    publish("Hai")
    assert total(indexed) == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_torn_index_is_built_again(indexed: Runtime, publish: Publish) -> None:
    publish("Một")
    torn = Indexes(indexed.settings).current()
    assert torn is not None
    for file in torn.iterdir():
        file.write_bytes(b"torn")
    assert total(indexed) == 0
    publish("Hai")
    assert total(indexed) == 2
    assert not torn.exists()


def test_an_index_of_another_format_is_built_again(indexed: Runtime, publish: Publish) -> None:
    publish("Một")
    old = Indexes(indexed.settings).current()
    assert old is not None
    state = old.with_name(f"{old.name}.json")
    state.write_text(json.dumps(json.loads(state.read_text()) | {"format": 0}))
    publish("Hai")
    assert Indexes(indexed.settings).current() != old
    assert total(indexed) == 2


def test_what_is_used_most_comes_first_from_the_next_day_on(
    indexed: Runtime, publish: Publish
) -> None:
    """Looks are no changes of a record: the index takes their counts over once a day."""
    seldom, often = publish("Ít dùng"), publish("Hay dùng")
    clock = indexed.clock
    assert isinstance(clock, FixedClock)

    def order() -> list[str]:
        indexing.follow(indexed)
        with indexed.read() as work:
            found = search(work, ANONYMOUS, SearchRequest(sort=Sort.MOST_USED))
        return [version.id for version in found.versions]

    with indexed.work() as work:
        for version, sessions in ((seldom, 1), (often, 5)):
            figures = dict.fromkeys(FIGURES, sessions)
            day = clock.now().date()
            work.session.add(UsageDay(item_id=version.record_id, day=day, machine=False, **figures))
    clock.advance(timedelta(days=1))
    assert order() == [often.id, seldom.id]
    with indexed.work() as work:
        figures = dict.fromkeys(FIGURES, 9)
        day = clock.now().date()
        work.session.add(UsageDay(item_id=seldom.record_id, day=day, machine=True, **figures))
    assert order() == [often.id, seldom.id]
    clock.advance(timedelta(days=1))
    assert order() == [seldom.id, often.id]


def test_building_goes_on_where_it_was_interrupted(indexed: Runtime) -> None:
    with indexed.work() as work:
        for number in range(1200):
            add_version(work, f"Bản ghi {number}")
    seen: list[int] = []

    def progress(done: int, _total: int) -> None:
        seen.append(done)

    assert not indexing.rebuild(indexed, progress=progress, keep_on=lambda: False)
    assert total(indexed) == 0
    with indexed.work() as work:
        add_version(work, "Đến giữa chừng")
    assert indexing.rebuild(indexed, progress=progress)
    assert seen == [0, 500, 500, 1000, 1201]
    assert total(indexed) == 1201
    assert total(indexed, "giữa chừng") == 1


def test_afresh_forgets_what_was_begun(indexed: Runtime, publish: Publish) -> None:
    publish("Một")
    indexing.rebuild(indexed, keep_on=lambda: False)
    begun = Indexes(indexed.settings).unfinished()
    assert begun is not None
    assert indexing.rebuild(indexed, afresh=True)
    assert not begun.exists()
    assert total(indexed) == 1


def test_one_builds_at_a_time(indexed: Runtime, publish: Publish) -> None:
    publish("Một")
    with Indexes(indexed.settings).lock("build", wait=False), pytest.raises(IndexBusyError):
        indexing.rebuild(indexed)


def test_searches_and_changes_go_on_during_swaps(indexed: Runtime, publish: Publish) -> None:
    publish("Không lúc nào vắng")
    stop, wrong = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            if total(indexed, "vang") != 1:
                wrong.append("missing")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(4):
            with indexed.work() as work:
                add_version(work, f"Thêm {number}")
            indexing.rebuild(indexed)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    run_until_idle(indexed)
    assert total(indexed) == 5


def test_a_web_node_whose_jobs_run_elsewhere_keeps_its_own_index(
    indexed: Runtime, publish: Publish, tmp_path: Path
) -> None:
    """Another node: the same database, and a data folder of its own."""
    publish("Trên cả hai nút")
    settings = indexed.settings.model_copy(update={"data_dir": tmp_path / "other"})
    node, stop = Runtime.from_settings(settings, FixedClock(NOW)), threading.Event()
    thread = threading.Thread(target=indexing.keep_following, args=(node, stop))
    thread.start()
    try:
        eventually(lambda: total(node, "nút") == 1)
        publish("Nút thứ hai")
        eventually(lambda: total(node, "nút") == 2)
    finally:
        stop.set()
        thread.join()
        node.close()
