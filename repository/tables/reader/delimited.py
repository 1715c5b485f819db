"""Delimited text: how its cells are divided, and the rows that do not fit."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from repository.tables.reader.engine import ROW_NUMBER, literal, one
from repository.tables.reader.refusal import Refused
from repository.tables.reader.texts import long_line

MAX_LINE = 1 << 20
MAX_COLUMNS = 1000
HEAD = 1 << 20
NAMED = 20
REJECTS = 1000
DELIMITERS = ",;\t|"
LONG = "LINE SIZE OVER MAXIMUM"


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    quote: str
    header: bool
    skip: int
    columns: list[str]
    padded: bool = False

    def sql(self, path: Path, extra: str = "") -> str:
        """A `read_csv` of all cells as text, under our own names c0, c1 …"""
        names = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(self.columns)))
        padding = ", null_padding = true" if self.padded else ""
        return (
            f"read_csv({literal(str(path))}, auto_detect = false,"
            f" delim = {literal(self.delimiter)}, quote = {literal(self.quote)},"
            f" escape = {literal(self.quote)},"
            f" header = {str(self.header).lower()}, skip = {self.skip}, columns = {{{names}}},"
            f" ignore_errors = true, max_line_size = {MAX_LINE}{padding}{extra})"
        )


def dialect_of(
    connection: duckdb.DuckDBPyConnection, path: Path, delimiter: str | None = None
) -> Dialect:
    """How the file is written, from its first mebibyte. Raises Refused."""
    with path.open("rb") as file:
        head = file.read(MAX_LINE + 1)
    if not head.strip():
        raise Refused("empty")
    if line := long_line(path, MAX_LINE):
        raise Refused("long-line", row=line, limit=MAX_LINE)
    first = head.lstrip(b"\r\n").split(b"\n", 1)[0]
    found = _sniffed(connection, path, delimiter)
    if found is None:
        found = _plain(first, delimiter)
    text, mark, skip, has_header = found
    names = _first_row(head, text, mark, skip)
    if len(names) > MAX_COLUMNS:
        raise Refused("columns", columns=len(names), limit=MAX_COLUMNS)
    header = has_header or _looks_like_header(names)
    columns = unique(names) if header else [f"column{at}" for at in range(1, len(names) + 1)]
    return Dialect(text, mark, header, skip, columns)


def _sniffed(
    connection: duckdb.DuckDBPyConnection, path: Path, delimiter: str | None
) -> tuple[str, str, int, bool] | None:
    told = f", delim = {literal(delimiter)}" if delimiter else ""
    try:
        found = one(
            connection,
            "SELECT Delimiter, Quote, SkipRows, HasHeader FROM sniff_csv("
            f"{literal(str(path))}, ignore_errors = true, max_line_size = {MAX_LINE}{told})",
        )
    except (duckdb.Error, UnicodeDecodeError):
        return None
    mark = found[1] if found[1] == "'" else '"'
    return str(found[0]), mark, int(found[2]), bool(found[3])


def _plain(first: bytes, delimiter: str | None) -> tuple[str, str, int, bool]:
    """Where the sniffer gave up: the delimiter that the first line holds most of."""
    text = first.decode("utf-8", "replace")
    chosen = delimiter or max(DELIMITERS, key=text.count)
    return chosen, '"', 0, False


def _first_row(head: bytes, delimiter: str, quote: str, skip: int) -> list[str]:
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.splitlines(keepends=True)[skip:]
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(lines, delimiter=delimiter[:1], quotechar=quote)
    for row in reader:
        if row:
            return [cell.strip() for cell in row]
    raise Refused("empty")


def _looks_like_header(names: list[str]) -> bool:
    """Words in every cell, each once: rows of data seldom are that."""
    filled = [name for name in names if name]
    return (
        len(filled) == len(names) == len(set(names))
        and not any(_is_number(name) for name in names)
        and any(char.isalpha() for name in names for char in name)
    )


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def unique(names: list[str]) -> list[str]:
    """Every column with a name of its own: empty ones numbered, repeated ones too.

    DuckDB takes no heed of capitals in names, and would answer with the first column for both.
    """
    made: list[str] = []
    taken = {ROW_NUMBER}
    for at, told in enumerate(names, 1):
        base = told[:200] or f"column{at}"
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name.casefold())
        made.append(name)
    return made


def header_problems(names: list[str], dialect: Dialect) -> list[dict[str, Any]]:
    if not dialect.header:
        return [{"code": "no-header"}]
    seen: set[str] = set()
    found: list[dict[str, Any]] = []
    for at, name in enumerate(names, 1):
        if not name:
            found.append({"code": "unnamed-column", "row": 1, "column": str(at)})
        elif name.casefold() in seen:
            found.append({"code": "repeated-column", "row": 1, "column": name})
        seen.add(name.casefold())
    return found[:NAMED]


def read_header(path: Path, dialect: Dialect) -> list[str]:
    with path.open("rb") as file:
        return _first_row(file.read(HEAD), dialect.delimiter, dialect.quote, dialect.skip)


def rejects(connection: duckdb.DuckDBPyConnection) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Rows that did not fit, the first of them named by their line, and how many of each kind.

    Raises Refused for a line that is too long: what follows it was not read.
    """
    rows = connection.execute(
        "SELECT line, error_type, coalesce(column_idx, 0), left(csv_line, 80) FROM reject_errors"
        " ORDER BY line"
    ).fetchall()
    counts: dict[str, int] = {}
    named: list[dict[str, Any]] = []
    codes = {"MISSING COLUMNS": "short-row", "TOO MANY COLUMNS": "long-row"}
    for line, kind, _column, text in rows:
        if str(kind) == LONG:
            raise Refused("long-line", row=int(line), limit=MAX_LINE)
        code = codes.get(str(kind), "odd-row")
        counts[code] = counts.get(code, 0) + 1
        if counts[code] <= NAMED:
            named.append({"code": code, "row": int(line), "text": text or ""})
    return named, counts
