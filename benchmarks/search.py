"""Search: building, change to visible, twelve kinds of query with facets, and four readers at once.

python3 dev.py bench search [RECORDS [FOLDER]]

Each query runs through the service (parsing, access, hydration from SQL) and, in turn with it, as
the engine's own search alone. Building is given in processor time too: the engine writes in a
thread of its own, and on a busy machine two threads get more of it than one. Peers stand beside:
SQLite's FTS5 and PostgreSQL up to 100,000 records, as counting facets takes them seconds beyond;
Whoosh with no more than 1,000, whatever the number, as it indexes some tens a second. With a FOLDER
the records and the index are made there, once, and kept: the next run only asks.
"""

import random
import secrets
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate, cycle, islice
from pathlib import Path

from sqlalchemy import insert, select

from benchmarks import _search_peers as peers
from benchmarks._common import show, temporary_folder
from benchmarks._search_peers import in_turn
from repository import start
from repository.accounts.models import ANONYMOUS
from repository.accounts.services import create_user
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.discovery import indexing, readers
from repository.discovery.documents import access_filter, index_documents
from repository.discovery.engines.base import FORMAT, IndexDocument, Search
from repository.discovery.indexes import Indexes
from repository.discovery.query import parse
from repository.discovery.search import FACET_SIZE, SearchRequest, search
from repository.records.models import Record, Version

WORDS = """
    dữ liệu khí hậu đồng bằng sông Cửu Long lượng mưa nhiệt độ độ mặn lúa gạo giống cây trồng đất
    nước rừng biển tôm cá y tế cộng đồng giáo dục kinh tế xã hội dân số năng lượng giao thông đô thị
    miền núi climate data rainfall temperature salinity rice crop variety soil water forest coastal
    fishery health community education economy population energy transport urban survey monitoring
    station daily model
""".split()  # noqa: SIM905 a text reads better than a list
TOPICS = [f"chủ đề {n}" for n in range(200)]
FACETS = ("type", "years", "language", "access", "topic", "institution")
PEERS_ANSWER = ("one term", "two terms", "four terms without marks", "phrase")
MOST_OF_WHOOSH, MOST_OF_DATABASES = 1_000, 100_000
WEIGHTS = list(accumulate(1 / (rank + 1) for rank in range(len(WORDS))))
ROUNDS = 40
INDEXING = ["what", "service", "engine alone", "ratio"]
COLUMNS = ["ms at p50 / p95", "engine alone", "service", "added", "ratio"]
START = datetime(2020, 1, 1, tzinfo=UTC)
QUERIES = {
    "one term": "mặn",
    "one term without marks": "man",
    "two terms": "lượng mưa",
    "four terms without marks": "dong bang song cuu",
    "phrase": '"đồng bằng sông"',
    "English stem": "stations",
    "prefix": "clim*",
    "tolerant": "rainfal~",
    "in a field": "creator:nguyễn",
    "either": "lúa OR rice OR fishery",
    "without": "khí NOT data",
    "years": "forest year:2012..2016",
}


def metadata(number: int, dice: random.Random) -> dict[str, object]:
    """Word frequencies fall off as in a language: a few everywhere, most seldom."""

    def text(length: int) -> str:
        rare = f"mẫu{dice.randrange(20_000)}"
        return " ".join([*dice.choices(WORDS, cum_weights=WEIGHTS, k=length), rare])

    return {
        "resource_type": {"id": dice.choice(("dataset", "dataset", "software", "image"))},
        "titles": [{"title": text(9), "lang": "vi"}, {"title": text(9), "lang": "en"}],
        "creators": [
            {
                "person_or_org": {
                    "type": "personal",
                    "name": f"Nguyễn, Văn {dice.randrange(5000)}",
                },
                "affiliations": [{"name": f"Viện {dice.randrange(60)}"}],
            }
        ],
        "descriptions": [{"description": text(60), "lang": "vi"}],
        "publication_date": str(2005 + number % 20),
        "publisher": "Kho Ví Dụ",
        "languages": [{"id": dice.choice(("vie", "eng"))}],
        "subjects": [{"subject": topic} for topic in dice.sample(TOPICS, 3)],
        "rights": [{"id": "cc-by-4.0"}],
    }


def fill(runtime: Runtime, count: int) -> None:
    """Rows straight into the tables; how records come to be is not what is measured here."""
    dice = random.Random(7)
    with runtime.work() as work:
        create_user(work, email="a@example.org", password="only for a benchmark", name="A")
    for first in range(0, count, 5000):
        numbers = range(first, min(first + 5000, count))
        at = [START + timedelta(minutes=n) for n in numbers]
        with runtime.work() as work:
            work.session.execute(
                insert(Record),
                [
                    {"id": f"r{n:07}", "owner_id": 1, "latest_id": f"v{n:07}", "created_at": t}
                    for n, t in zip(numbers, at, strict=True)
                ],
            )
            rows = [_version(n, t, dice) for n, t in zip(numbers, at, strict=True)]
            work.session.execute(insert(Version), rows)


def _version(n: int, t: datetime, dice: random.Random) -> dict[str, object]:
    return {
        "id": f"v{n:07}",
        "record_id": f"r{n:07}",
        "number": 1,
        "state": "published",
        "metadata_json": metadata(n, dice),
        "created_at": t,
        "updated_at": t,
        "published_at": t,
    }


def opened(folder: Path, engine: str) -> Runtime:
    return start.prepare(Settings(data_dir=folder / "data", search_engine=engine))


def build(runtime: Runtime, count: int) -> list[list[str]]:
    """Building through the service, and by the engine with its documents ready: as many, the
    first ten thousand of them again and again where there are more.
    """
    ours = timed(lambda: indexing.rebuild(runtime, afresh=True))
    sample = min(count, 10_000)
    with runtime.read() as work:
        ids = [f"r{n:07}" for n in range(sample)]
        ready = [
            (record, documents)
            for first in range(0, sample, 500)
            for record, documents in index_documents(work, ids[first : first + 500]).items()
        ]
    indexes = Indexes(runtime.settings)
    raw_folder = runtime.settings.data_dir / "raw"
    raw_folder.mkdir(exist_ok=True)

    def alone() -> None:
        indexes.engine.create(raw_folder)
        with indexes.engine.writer(raw_folder) as writer:
            for record, documents in islice(cycle(ready), count):
                writer.replace(record, documents, known=False)
            writer.commit()

    raw = timed(alone)
    shutil.rmtree(raw_folder)
    rates = [f"{count / seconds:,.0f} /s" for seconds, _ in (ours, raw)]
    busy = [f"{processor / count * 1e6:,.0f} µs a record" for _, processor in (ours, raw)]
    return [
        ["bulk index", *rates, f"{ours[0] / raw[0]:.2f}"],
        ["processor time of it", *busy, f"{ours[1] / raw[1]:.2f}"],
    ]


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processors."""
    begun, busy = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - begun, time.process_time() - busy


def change_to_visible(runtime: Runtime) -> float:
    """Milliseconds from a commit to a search that finds it, the job run at once."""
    times = []
    for number in range(10):
        word = f"zebra{secrets.token_hex(4)}"  # not there from an earlier run
        begun = time.perf_counter()
        with runtime.work() as work:
            version = work.session.get_one(Version, f"v{number:07}")
            titles = [{"title": word, "lang": "en"}]
            version.metadata_json = {**version.metadata_json, "titles": titles}
            work.changed(version.record_id)
        indexing.follow(runtime)
        with runtime.read() as work:
            if search(work, ANONYMOUS, SearchRequest(word)).total != 1:
                raise SystemExit("a change did not become visible")
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def queries(runtime: Runtime, rounds: int) -> list[list[str]]:
    rows = []
    for name, text in QUERIES.items():
        with runtime.read() as work:
            raw_search = Search(
                parse(text).tree,
                [access_filter(work, ANONYMOUS)],
                facets=dict.fromkeys(FACETS, FACET_SIZE),
            )
        request = SearchRequest(text, facets=FACETS)

        def ours(request: SearchRequest = request) -> None:
            with runtime.read() as work:
                search(work, ANONYMOUS, request)

        raw, whole = in_turn([partial(readers.ask, runtime.settings, raw_search), ours], rounds)
        rows.append(
            [
                name,
                f"{raw[0]:.1f} / {raw[1]:.1f}",
                f"{whole[0]:.1f} / {whole[1]:.1f}",
                f"{whole[0] - raw[0]:+.1f} ms",
                f"{whole[0] / raw[0]:.2f}",
            ]
        )
    return rows


def together(runtime: Runtime, seconds: float = 5.0) -> tuple[float, float]:
    """p50 and p95 in milliseconds of four readers while one writer follows changes."""
    end, times = time.perf_counter() + seconds, list[float]()
    texts = list(QUERIES.values())

    def read(number: int) -> None:
        while time.perf_counter() < end:
            begun = time.perf_counter()
            with runtime.read() as work:
                search(work, ANONYMOUS, SearchRequest(texts[number % 12], facets=FACETS))
            times.append((time.perf_counter() - begun) * 1000)
            number += 1

    threads = [threading.Thread(target=read, args=(n * 3,)) for n in range(4)]
    for thread in threads:
        thread.start()
    number = 0
    while time.perf_counter() < end:
        with runtime.work() as work:
            work.changed(f"r{number % 1000:07}")
        indexing.follow(runtime)
        number += 1
    for thread in threads:
        thread.join()
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def documents(runtime: Runtime, count: int) -> Iterator[IndexDocument]:
    """What is indexed of each record, in the order of their numbers."""
    for first in range(0, count, 500):
        with runtime.read() as work:
            ids = [f"r{n:07}" for n in range(first, min(first + 500, count))]
            for found in index_documents(work, ids).values():
                yield found[0]


def main(count: int, folder: Path) -> None:
    runtime = opened(folder, "tantivy")
    with runtime.read() as work:
        filled = work.session.scalar(select(Record.id).limit(1)) is not None
    if not filled:
        fill(runtime, count)
    if not filled or Indexes(runtime.settings).usable() is None:
        show("Indexing", INDEXING, build(runtime, count))
    title = f"Search, {count:,} records, six facets, tantivy (documents of format {FORMAT})"
    show(title, COLUMNS, queries(runtime, ROUNDS))
    p50, p95 = together(runtime)
    facts = [["change to visible", f"{change_to_visible(runtime):.0f} ms"]]
    facts.append(["four readers, one writer", f"{p50:.1f} / {p95:.1f} ms"])
    show("Following", ["what", "service"], facts)
    if count <= MOST_OF_DATABASES:
        texts = {name: QUERIES[name] for name in PEERS_ANSWER}
        ready = partial(documents, runtime, count)
        show("Peer: SQLite FTS5", COLUMNS[:2], peers.fts5(ready(), texts, FACETS, ROUNDS // 4))
        show("Peer: PostgreSQL", COLUMNS[:2], peers.postgres(ready(), texts, FACETS, ROUNDS // 4))
    runtime.close()
    if count <= MOST_OF_DATABASES:
        with temporary_folder() as apart:
            whoosh(apart, min(count, MOST_OF_WHOOSH))


def whoosh(folder: Path, count: int) -> None:
    peer = opened(folder, "whoosh")
    fill(peer, count)
    show(f"Peer: Whoosh, of {count:,} records", INDEXING, build(peer, count))
    show(f"Peer: Whoosh, {count:,} records, six facets", COLUMNS, queries(peer, ROUNDS // 8))
    peer.close()


if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    kept = Path(given[2]) if 2 in given else None
    with suppress(KeyboardInterrupt), nullcontext(kept) if kept else temporary_folder() as place:
        main(int(given.get(1, 10_000)), place)
