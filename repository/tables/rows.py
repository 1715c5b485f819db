"""Asking a prepared table for rows, for a chart's points, for a file to take along."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repository.core.settings import Settings
from repository.tables import sandbox
from repository.tables.filters import Query
from repository.tables.services import REQUEST_SECONDS, Prepared


@dataclass(frozen=True)
class Page:
    """`count` rows pass the filters; `rows` are those asked for. Dates are ISO 8601 text."""

    count: int
    rows: list[list[Any]]


def fetch(settings: Settings, table: Prepared, query: Query) -> Page:
    """Raises TableRefused, TableBusy."""
    with sandbox.scratch(settings) as folder:
        told = sandbox.run(settings, folder, _task(table, query, "json"), seconds=REQUEST_SECONDS)
    return Page(told["count"], told["rows"])


def points(settings: Settings, table: Prepared, query: Query) -> Page:
    """As many rows as `limit` says, from all over the table, always the same ones."""
    task = _task(table, query, "json") | {"sample": True}
    with sandbox.scratch(settings) as folder:
        told = sandbox.run(settings, folder, task, seconds=REQUEST_SECONDS)
    return Page(told["count"], told["rows"])


def grouped(
    settings: Settings, table: Prepared, query: Query, by: str, of: str, *, ordered: bool
) -> Page:
    """One row for each value of `by`: the value, and the mean of `of` or how often it occurs; in
    the order of the values, else of the file.
    """
    task = _task(table, query, "json") | {"group": [by, of, ordered]}
    with sandbox.scratch(settings) as folder:
        told = sandbox.run(settings, folder, task, seconds=REQUEST_SECONDS)
    return Page(told["count"], told["rows"])


@contextmanager
def exported(settings: Settings, table: Prepared, query: Query, format: str) -> Iterator[Path]:  # noqa: A002 - the address calls it so
    """The rows as a file, `csv` or `parquet`, that is there as long as the block lasts."""
    with sandbox.scratch(settings) as folder:
        sandbox.run(settings, folder, _task(table, query, format), seconds=REQUEST_SECONDS)
        yield folder / f"out.{format}"


def _task(table: Prepared, query: Query, format: str) -> dict[str, Any]:  # noqa: A002 - as above
    filters = [[f.column, query.types[f.column], f.operator, f.value] for f in query.filters]
    return {
        "do": "rows",
        "source": str(table.path),
        "filters": filters,
        "sort": [query.sort_column, query.descending] if query.sort else None,
        "columns": list(query.columns),
        "types": dict(query.types),
        "limit": query.limit,
        "offset": query.offset,
        "format": format,
    }
