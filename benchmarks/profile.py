"""Profiling a CSV file, against DuckDB's own read of the same file: every cell as text, one thread.

python3 dev.py bench profile [ROWS]
"""

import sys
from pathlib import Path

import duckdb

from benchmarks._common import median_seconds, show, temporary_folder
from repository.core.settings import Settings
from repository.tables import sandbox


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
        task = {"do": "prepare", "source": str(path), "kind": "csv", "sheet": None}
        sandbox.run(settings, folder, task, seconds=120)


def read(path: Path) -> None:
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    connection.read_csv(str(path), all_varchar=True).aggregate("count(columns(*))").fetchall()


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    with temporary_folder() as folder:
        settings = Settings(data_dir=folder / "data")
        path, small = folder / "rain.csv", folder / "small.csv"
        size = write(path, rows)
        write(small, 1)
        profile(small, settings)  # the process that forks is there from now on
        limit = median_seconds(lambda: read(path), 3)
        ours = median_seconds(lambda: profile(path, settings), 3)
        one = median_seconds(lambda: profile(small, settings), 3)
    told = [
        [f"{size:.0f} MB: DuckDB reads", f"{limit:.2f}", f"{size / limit:.0f}", "1.0"],
        [
            f"{size:.0f} MB: profiled",
            f"{ours:.2f}",
            f"{size / ours:.0f}",
            f"{ours / limit:.1f}",
        ],
        ["a table of one row: profiled", f"{one:.2f}", "", ""],
    ]
    show("Profile, median of 3", ["", "seconds", "MB/s", "times the limit"], told)


if __name__ == "__main__":
    main()
