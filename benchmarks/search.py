"""Search: building, change to visible, twelve kinds of query with facets, and four readers at once.

python3 dev.py bench search [RECORDS]

Each query runs through the service (parsing, access, hydration from SQL) and, in the same run, as
the engine's own search alone. Whoosh (to 10,000 records), SQLite's FTS5 and PostgreSQL stand beside
as peers.
"""

import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from benchmarks import _search_peers as peers
from benchmarks._common import show, temporary_folder
from benchmarks._search_peers import percentiles
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
        weights = [1 / (rank + 1) for rank in range(len(WORDS))]
        rare = f"mẫu{dice.randrange(20_000)}"
        return " ".join([*dice.choices(WORDS, weights, k=length), rare])

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


def build(runtime: Runtime, count: int) -> list[str]:
    """Records a second through the service, and of the engine with its documents ready."""
    begun = time.perf_counter()
    indexing.rebuild(runtime, afresh=True)
    ours = count / (time.perf_counter() - begun)
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
    begun = time.perf_counter()
    indexes.engine.create(raw_folder)
    with indexes.engine.writer(raw_folder) as writer:
        for record, documents in ready:
            writer.replace(record, documents, known=False)
        writer.commit()
    raw = sample / (time.perf_counter() - begun)
    return [f"{ours:,.0f} /s", f"{raw:,.0f} /s", f"{raw / ours:.2f}"]


def change_to_visible(runtime: Runtime) -> float:
    """Milliseconds from a commit to a search that finds it, the job run at once."""
    times = []
    for number in range(10):
        word = f"zebra{number}"
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
        raw = percentiles(partial(readers.ask, runtime.settings, raw_search), rounds)
        request = SearchRequest(text, facets=FACETS)

        def ours(request: SearchRequest = request) -> None:
            with runtime.read() as work:
                search(work, ANONYMOUS, request)

        whole = percentiles(ours, rounds)
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


def main(count: int) -> None:
    rounds = 40
    columns = ["ms at p50 / p95", "engine alone", "service", "added", "ratio"]
    with temporary_folder() as folder:
        runtime = opened(folder, "tantivy")
        fill(runtime, count)
        built = build(runtime, count)
        visible = change_to_visible(runtime)
        rows = queries(runtime, rounds)
        p50, p95 = together(runtime)
        title = f"Search, {count:,} records, six facets, tantivy (documents of format {FORMAT})"
        show(title, columns, rows)
        facts = [["bulk index", *built], ["change to visible", f"{visible:.0f} ms", "", ""]]
        facts.append(["four readers, one writer", f"{p50:.1f} / {p95:.1f} ms", "", ""])
        show("Indexing", ["what", "service", "engine alone", "ratio"], facts)
        texts = {name: QUERIES[name] for name in PEERS_ANSWER}
        ready = partial(documents, runtime, count)
        show("Peer: SQLite FTS5", columns, peers.fts5(folder, ready(), texts, FACETS, rounds))
        show("Peer: PostgreSQL", columns, peers.postgres(ready(), texts, FACETS, rounds))
        runtime.close()
        if count <= 10_000:
            peer = opened(folder, "whoosh")
            built = build(peer, count)
            show("Peer: Whoosh", columns, queries(peer, 7))
            show(
                "Peer: Whoosh",
                ["what", "service", "engine alone", "ratio"],
                [["bulk index", *built]],
            )
            peer.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
