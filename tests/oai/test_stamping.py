"""Datestamps tell the truth however transactions overlap."""

import threading
from datetime import timedelta
from pathlib import Path

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.deposit import drafts
from repository.deposit.publish import publish
from repository.oai import stamper
from repository.oai.render import render_versions
from tests.oai.harvesting import Endpoint, make_app
from tests.oai.publishing import METADATA, Publisher
from tests.runtimes import make_settings


def test_a_record_committed_late_does_not_hide(
    postgres_runtime: Runtime, clock: FixedClock
) -> None:
    """Two transactions overlap: the one that began first commits last, after a harvest."""
    publisher = Publisher(postgres_runtime)
    endpoint = Endpoint(make_app(postgres_runtime))
    with postgres_runtime.work() as slow:
        draft = drafts.create_draft(slow, publisher.actor, METADATA, files_enabled=False)
        late = publish(slow, publisher.actor, draft.version_id).id
        clock.advance(timedelta(seconds=30))
        quick = publisher.publish("Quick")
        publisher.settle()
        first = endpoint.xml(verb="ListRecords", metadataPrefix="oai_dc")
        harvested_at = first.findtext("{http://www.openarchives.org/OAI/2.0/}responseDate")
        clock.advance(timedelta(seconds=30))
    publisher.settle()
    assert f"oai:repository.test:{quick}" in endpoint.records()
    assert f"oai:repository.test:{late}" in endpoint.records(from_=str(harvested_at))


def test_a_stamp_that_is_slow_to_commit_does_not_hide(
    database_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    """One stamping waits for the other's commit, and its datestamp is not before the other's."""
    settings = make_settings(tmp_path / "data", database_url)
    runtime = Runtime.from_settings(settings, clock)
    other = Runtime.from_settings(settings, clock)
    publisher = Publisher(runtime)
    ids = [publisher.publish(f"Record {number}") for number in range(2)]
    renderings = [render_versions(runtime, [version_id]) for version_id in ids]
    waiting = threading.Event()

    def stamp_second() -> None:
        waiting.set()
        with other.work() as work:
            stamper.stamp(work, renderings[1])

    second = threading.Thread(target=stamp_second)
    with runtime.work() as work:
        stamper.stamp(work, renderings[0])
        second.start()
        waiting.wait(10)
        clock.advance(timedelta(seconds=5))
    second.join(30)
    found = Endpoint(make_app(runtime)).records()
    first, last = (found[f"oai:repository.test:{version_id}"] for version_id in ids)
    assert list(found.values()) == [first, last]
    assert first.datestamp <= last.datestamp
    runtime.close()
    other.close()


def test_datestamp_is_after_every_answer_given_before(
    publisher: Publisher, endpoint: Endpoint, clock: FixedClock
) -> None:
    publisher.publish("First")
    publisher.settle()
    for fraction in (0, 1, 999_999):
        clock.set(clock.now().replace(microsecond=fraction) + timedelta(minutes=1))
        answer = endpoint.xml(verb="Identify")
        answered = answer.findtext("{http://www.openarchives.org/OAI/2.0/}responseDate") or ""
        version_id = publisher.publish()
        publisher.settle()
        stamped = endpoint.records()[f"oai:repository.test:{version_id}"].datestamp
        assert stamped > answered


def test_a_clock_set_back_does_not_turn_the_order(
    publisher: Publisher, endpoint: Endpoint, clock: FixedClock
) -> None:
    publisher.publish("First")
    publisher.settle()
    clock.advance(timedelta(days=-2))
    publisher.publish("Second")
    publisher.settle()
    stamps = [record.datestamp for record in endpoint.records().values()]
    assert stamps == sorted(stamps)
