"""Profiling a CSV file, against DuckDB's own read of the same file: every cell as text, one thread.
Then hostile files, read over and over, and what a page that is asked for meanwhile feels of it.

python3 dev.py bench profile [ROWS]
"""

import sys
import threading
import time
import urllib.request
from pathlib import Path
from statistics import median, quantiles

import duckdb

from benchmarks._common import median_seconds, served, show, temporary_folder
from benchmarks._hostile import FILES
from repository.core.settings import Settings
from repository.tables import sandbox
from repository.tables.refusals import TableRefused

REQUESTS = 100
SECONDS = 120


def write(path: Path, rows: int) -> float:
    """Days, stations, numbers with and without decimals, texts; its size in MB."""
    with path.open("w", encoding="utf-8") as file:
        file.write("ngày,trạm,mưa,nhiệt độ,ghi chú\n")
        for n in range(rows):
            day = f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}"
            file.write(f"{day},T{n % 97},{n % 310 / 10},{n % 400},x{n}\n")
    return path.stat().st_size / 1e6


def profile(path: Path, settings: Settings) -> None:
    with sandbox.scratch(settings) as folder:
        kind = path.suffix.removeprefix(".")
        task = {"do": "prepare", "source": str(path), "kind": kind, "sheet": None}
        sandbox.run(settings, folder, task, seconds=SECONDS)


def read(path: Path) -> None:
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    connection.read_csv(str(path), all_varchar=True).aggregate("count(columns(*))").fetchall()


def friendly(folder: Path, settings: Settings, rows: int) -> None:
    path, small = folder / "rain.csv", folder / "small.csv"
    size = write(path, rows)
    write(small, 1)
    profile(small, settings)  # the process that forks is there from now on
    limit = median_seconds(lambda: read(path), 3)
    ours = median_seconds(lambda: profile(path, settings), 3)
    one = median_seconds(lambda: profile(small, settings), 3)
    told = [
        [f"{size:.0f} MB: DuckDB reads", f"{limit:.2f}", f"{size / limit:.0f}", "1.0"],
        [f"{size:.0f} MB: profiled", f"{ours:.2f}", f"{size / ours:.0f}", f"{ours / limit:.1f}"],
        ["a table of one row: profiled", f"{one:.2f}", "", ""],
    ]
    show("Profile, median of 3", ["", "seconds", "MB/s", "times the limit"], told)


def refused(path: Path, settings: Settings) -> tuple[float, str]:
    """How long a file took to be refused, and the sentence that its depositor reads."""
    begun = time.perf_counter()
    try:
        profile(path, settings)
    except TableRefused as error:
        return time.perf_counter() - begun, str(error.message) % error.params
    raise SystemExit(f"{path.name} was read as if it were a table")


def latencies(url: str) -> tuple[float, float]:
    """The median and the 95th of a hundred, in ms, of one page asked for again and again."""
    times = []
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times), quantiles(times, n=20)[-1]


def meanwhile(path: Path, settings: Settings, url: str) -> tuple[float, float]:
    """`latencies` while another thread has the file read, as often as that ends."""
    over = threading.Event()

    def again() -> None:
        while not over.is_set():
            refused(path, settings)

    reader = threading.Thread(target=again)
    reader.start()
    try:
        return latencies(url)
    finally:
        over.set()
        reader.join()


def hostile(folder: Path, settings: Settings) -> None:
    rows = []
    with served(settings.data_dir) as server:
        url = f"{server.base_url}/search"
        latencies(url)
        middle, late = latencies(url)
        rows.append(["nothing else", "", f"{middle:.0f}", f"{late:.0f}", ""])
        for name, (file, make) in FILES.items():
            path = folder / file
            make(path)
            seconds, told = refused(path, settings)
            middle, late = meanwhile(path, settings, url)
            path.unlink()
            rows.append([name, f"{seconds:.2f}", f"{middle:.0f}", f"{late:.0f}", told])
    columns = [
        "hostile file",
        "refused in s",
        "page, ms",
        "95th of 100",
        "what its depositor reads",
    ]
    show("A page served while a hostile file is read over and over", columns, rows)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    with temporary_folder() as folder:
        settings = Settings(data_dir=folder / "data")
        friendly(folder, settings, rows)
        hostile(folder, settings)


if __name__ == "__main__":
    main()
