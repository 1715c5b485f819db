"""Renders a second of each metadata format, beside `json.dumps` of the same record; then the
landing page and the linkset of a version of many files, beside those of one with ten.

python3 dev.py bench formats [FILES]
"""

import json
import sys
from functools import partial

from benchmarks._common import median_seconds, show, temporary_folder
from benchmarks.manyfiles import machine_pages, repository
from repository.formats import registry
from repository.formats.base import Format
from repository.formats.record_json import record
from repository.records.document import Document
from tests.formats.documents import document, full_metadata

RENDERS = 50


def _render(entry: Format, document: Document) -> None:
    for _ in range(RENDERS):
        entry.render(document)


def main() -> int:
    full = document(full_metadata())
    told = record(full)
    base = median_seconds(lambda: [json.dumps(told, ensure_ascii=False) for _ in range(RENDERS)])
    rows = [["json.dumps of the record", f"{RENDERS / base:,.0f}", "1.0"]]
    for entry in registry.formats():
        taken = median_seconds(partial(_render, entry, full))
        rows.append([entry.name, f"{RENDERS / taken:,.0f}", f"{taken / base:,.1f}"])
    show("Formats", ["format", "renders/s", "times json.dumps"], rows)
    _many_files(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    return 0


def _many_files(most: int) -> None:
    with temporary_folder() as folder, repository(folder) as (runtime, actor):
        found = {count: machine_pages(runtime, actor, count) for count in (10, most)}
    rows = [
        [
            name,
            *(f"{found[count][name] * 1000:.1f}" for count in found),
            f"{found[most][name] / found[10][name]:.2f}",
        ]
        for name in found[10]
    ]
    columns = ["CPU milliseconds", *(f"{count:,} files" for count in found), "times ten files"]
    show("Many files", columns, rows)


if __name__ == "__main__":
    sys.exit(main())
