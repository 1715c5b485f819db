"""Renders a second of each metadata format, beside `json.dumps` of the same record."""

import json
import sys
from functools import partial

from benchmarks._common import median_seconds, show
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
