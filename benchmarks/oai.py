"""Harvesting everything: ListRecords from the first page to the last.

python3 dev.py bench oai [RECORDS [PAGES]]

Each server is run in a process of its own, without a network between. RECORDS is 20000 unless
given; with PAGES the servers are compared by that many first pages, for a database too large to
harvest whole with the slow ones, and this repository alone is harvested to the end as well. Where
the package oai_repo is installed, it stands beside.
"""

import gzip
import logging
import multiprocessing
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from lxml import etree

from benchmarks import _oai_servers as servers
from benchmarks._common import show, temporary_folder
from benchmarks._oai_data import PREFIXES, build
from repository.core.settings import Settings
from repository.oai import tokens
from repository.oai.listing import MAX_LAPS

PAGE_SIZE = 250
ROUNDS = 3
EVERYTHING = 10**9
TOKEN = "{http://www.openarchives.org/OAI/2.0/}resumptionToken"
OURS, PACKED = "this repository", "this repository, gzip"
RENDERED, STORED = "invenio-oaiserver, rendering", "invenio-oaiserver, from ready bytes"
PEER, LIMIT = "oai_repo, from ready bytes", "the same bytes from memory (limit)"


@dataclass(frozen=True)
class Result:
    """CPU and wall seconds of a harvest, of its first and its last full page; peak bytes."""

    cpu: float
    wall: float
    records: int
    first: float
    last: float
    memory: int


def harvest(answer: servers.Answerer, prefix: str, most: int) -> Iterator[tuple[float, bytes]]:
    """The pages, at most `most`, and how long each took."""
    arguments = {"verb": "ListRecords", "metadataPrefix": prefix}
    for _ in range(most):
        begun = time.perf_counter()
        body = answer(dict(arguments))
        yield time.perf_counter() - begun, body
        token = _token(body)
        if not token:
            return
        arguments = {"verb": "ListRecords", "resumptionToken": token}


def _token(body: bytes) -> str | None:
    """Found from the end, so that the harvester's own work is next to nothing."""
    tail = body[-3000:]
    start = tail.rfind(b"<resumptionToken")
    if start < 0:
        return None
    element = tail[start : tail.find(b"</resumptionToken>") + len(b"</resumptionToken>")]
    return etree.fromstring(element).text if element.endswith(b">") else None


def _make(name: str, settings: Settings, prefix: str, most: int) -> servers.Answerer:
    if name == LIMIT:
        pages = [body for _, body in harvest(servers.ours(settings), prefix, most)]
        return servers.limit(settings, pages)
    makers = {
        OURS: lambda: servers.ours(settings),
        PACKED: lambda: servers.ours(settings, packed=True),
        RENDERED: lambda: servers.package(settings, stored=False),
        STORED: lambda: servers.package(settings, stored=True),
        PEER: lambda: servers.oai_repo(settings),
    }
    return makers[name]()


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def run(name: str, settings: Settings, prefix: str, most: int) -> Result:
    _quiet()
    answer = _make(name, settings, prefix, most)
    if name == PACKED:
        answer = _unpacked(answer)
    # What a process does once, at its first request, is no part of a harvest.
    answer({"verb": "ListRecords", "metadataPrefix": prefix})
    cpu, wall = time.process_time(), time.perf_counter()
    times, records = [], 0
    for seconds, body in harvest(answer, prefix, most):
        times.append(seconds)
        records += body.count(b"<record>")
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    full = times[:-1] or times
    return Result(cpu, wall, records, full[0], full[-1], _peak_memory())


def _peak_memory() -> int:
    """Bytes, of this process since it began; `ru_maxrss` would tell of the parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _unpacked(answer: servers.Answerer) -> servers.Answerer:
    return lambda asked: gzip.decompress(answer(asked))


def in_its_own_process(
    name: str, settings: Settings, prefix: str, most: int, rounds: int = ROUNDS
) -> Result:
    """The median of the rounds by CPU time."""
    context = multiprocessing.get_context("spawn")
    results = []
    for _ in range(rounds):
        with context.Pool(1) as pool:
            results.append(pool.apply(run, (name, settings, prefix, most)))
    return sorted(results, key=lambda result: result.cpu)[rounds // 2]


def page_at(settings: Settings, prefix: str, records: int) -> list[tuple[str, float]]:
    """Milliseconds of a page at the beginning, the middle and the end of the list."""
    answer = servers.ours(settings)
    found = []
    for share in (0.0001, 0.25, 0.5, 0.75, 0.999):
        after = int(records * share)
        state = [after, records, MAX_LAPS, after, records]
        token = tokens.write(
            settings.secret_key.get_secret_value(),
            "ListRecords",
            {"metadataPrefix": prefix},
            state,
        )
        times = []
        for _ in range(9):
            begun = time.perf_counter()
            answer({"verb": "ListRecords", "resumptionToken": token})
            times.append(time.perf_counter() - begun)
        found.append((f"{after:,}", sorted(times)[4] * 1000))
    return found


def compare(settings: Settings, records: int, most: int) -> None:
    names = [OURS, PACKED, RENDERED, STORED, *([PEER] if servers.has_oai_repo() else []), LIMIT]
    for prefix in PREFIXES:
        results = {name: in_its_own_process(name, settings, prefix, most) for name in names}
        least = results[LIMIT].cpu / results[LIMIT].records
        rows = []
        for name, found in results.items():
            each = found.cpu / found.records
            rows.append(
                [
                    name,
                    f"{found.records / found.wall:,.0f}",
                    f"{each * 1e6:.1f}",
                    f"{each / (results[OURS].cpu / results[OURS].records):.1f}",
                    f"{each / least:.1f}",
                    f"{found.first * 1000:.1f} / {found.last * 1000:.1f}",
                    f"{found.memory / 2**20:,.0f}",
                ]
            )
        columns = ["", "records/s", "CPU µs each", "x ours", "x limit", "first/last ms", "MiB"]
        show(f"ListRecords {prefix}: {records:,} records, {PAGE_SIZE} a page", columns, rows)


def whole(settings: Settings) -> None:
    """One harvest of everything by this repository: whether speed and memory last to the end."""
    rows = []
    for prefix in PREFIXES:
        found = in_its_own_process(OURS, settings, prefix, EVERYTHING, rounds=1)
        speed = found.records / found.wall
        memory = found.memory / 2**20
        rows.append([prefix, f"{found.records:,}", f"{speed:,.0f}", f"{memory:,.0f}"])
    show("Harvested to the end", ["", "records", "records/s", "MiB"], rows)


def main(records: int, most: int) -> None:
    _quiet()
    with temporary_folder() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        settings = build(data, records, PAGE_SIZE)
        compare(settings, records, most)
        if most < records / PAGE_SIZE:
            whole(settings)
        for prefix in PREFIXES:
            pages = page_at(settings, prefix, records)
            rows = [[at, f"{ms:.1f}", f"{ms / pages[0][1]:.2f}"] for at, ms in pages]
            show(f"A page of {prefix} after so many records", ["after", "ms", "x first"], rows)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    main(count, int(sys.argv[2]) if len(sys.argv) > 2 else EVERYTHING)
