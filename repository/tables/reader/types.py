"""Which type each column has: that of all its values, or text.

A first part of the table proposes a type that nine tenths of the values have; all values then
confirm it. What some do not have makes the column text, and those values are named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from repository.tables.reader.engine import name

SAMPLE_ROWS = 5000
MOST = 0.9
NAMED = 5
MARKERS = ("NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "#N/A", "..", "-", "—")
_MISSING = ", ".join("'" + marker.replace("'", "''") + "'" for marker in MARKERS)


@dataclass(frozen=True)
class Reading:
    """A way to understand text: `word` is Frictionless' name of the type, `sql` gives NULL where
    the text is not of it.
    """

    word: str
    type: str
    sql: str


_NUMBER = "TRY_CAST({c} AS DOUBLE)"
READINGS: dict[str, Reading] = {
    "boolean": Reading(
        "boolean",
        "BOOLEAN",
        "CASE lower({c}) WHEN 'true' THEN true WHEN 'false' THEN false END",
    ),
    "integer": Reading(
        "integer",
        "BIGINT",
        "CASE WHEN length({c}) > 18 OR contains({c}, '.') OR contains(lower({c}), 'e')"
        " OR (length({c}) > 1 AND left(ltrim({c}, '-'), 1) = '0')"
        " THEN NULL ELSE TRY_CAST({c} AS BIGINT) END",
    ),
    "number": Reading(
        "number",
        "DOUBLE",
        "CASE WHEN left({c}, 1) = '0' AND length({c}) > 1 AND NOT contains({c}, '.') THEN NULL"
        f" WHEN isfinite({_NUMBER}) THEN {_NUMBER} END",
    ),
    "comma": Reading(
        "number",
        "DOUBLE",
        "CASE WHEN regexp_full_match({c}, '-?(0|[1-9][0-9]{{0,17}})(,[0-9]+)?')"
        " THEN TRY_CAST(replace({c}, ',', '.') AS DOUBLE) END",
    ),
    "date": Reading(
        "date", "DATE", "CASE WHEN length({c}) = 10 THEN try_strptime({c}, '%Y-%m-%d')::DATE END"
    ),
    "day-first": Reading("date", "DATE", "try_strptime({c}, '%d/%m/%Y')::DATE"),
    "month-first": Reading("date", "DATE", "try_strptime({c}, '%m/%d/%Y')::DATE"),
    "datetime": Reading(
        "datetime",
        "TIMESTAMP",
        "CASE WHEN length({c}) > 10 THEN TRY_CAST({c} AS TIMESTAMP) END",
    ),
}
TEXT = Reading("string", "VARCHAR", "{c}")


def cleaned(column: str) -> str:
    """The cell without spaces around it, NULL where it is empty."""
    return f"nullif(trim({column}), '')"


def told(column: str) -> str:
    """The same, with the words for 'missing' taken as that: for all columns but text."""
    value = cleaned(column)
    return f"(CASE WHEN {value} IN ({_MISSING}) THEN NULL ELSE {value} END)"


def _all_told(source: str, columns: Sequence[int]) -> str:
    """`source` with these columns cleaned once. Said anew in every expression over a column, it
    takes DuckDB gigabytes of intermediate values for a table of a hundred columns.
    """
    inner = ", ".join(f"{told(f'c{at}')} AS c{at}" for at in columns) or "1"
    return f"(SELECT {inner} FROM {source})"


def propose(connection: duckdb.DuckDBPyConnection, source: str, count: int) -> list[list[str]]:
    """For each column the readings that fit most of a first part of it, best first."""
    sums = ", ".join(
        f"count(c{at})" + "".join(f", count({r.sql.format(c=f'c{at}')})" for r in READINGS.values())
        for at in range(count)
    )
    sample = _all_told(f"(SELECT * FROM {source} LIMIT {SAMPLE_ROWS})", range(count))
    row = connection.execute(f"SELECT {sums} FROM {sample}").fetchone() or ()
    width = len(READINGS) + 1
    return [_fitting(row[at * width : (at + 1) * width]) for at in range(count)]


def _fitting(counts: Sequence[int]) -> list[str]:
    there, fits = counts[0], dict(zip(READINGS, counts[1:], strict=True))
    if not there:
        return []
    good = [word for word, number in fits.items() if number >= MOST * there]
    best = sorted(good, key=lambda word: (-fits[word], list(READINGS).index(word)))
    if best and best[0] == "integer":
        return ["integer", "number"]
    return best[:2]


@dataclass(frozen=True)
class Decided:
    """A column's reading, and where it is text for a few values: what most of them were."""

    reading: Reading
    mostly: Reading | None = None
    odd: int = 0


def decide(
    connection: duckdb.DuckDBPyConnection, source: str, proposed: list[list[str]]
) -> tuple[int, list[Decided]]:
    """How many rows there are, and each column's type, by every value. Reads all once."""
    parts = ["count(*)"]
    for at, words in enumerate(proposed):
        parts += [f"count(c{at})"] if words else []
        parts += [f"count({READINGS[w].sql.format(c=f'c{at}')})" for w in words]
    typed = [at for at, words in enumerate(proposed) if words]
    query = f"SELECT {', '.join(parts)} FROM {_all_told(source, typed)}"
    row = list(connection.execute(query).fetchall()[0])
    rows, made = int(row.pop(0)), []
    for words in proposed:
        there = row.pop(0) if words else 0
        fits = [(word, row.pop(0)) for word in words]
        whole = [word for word, number in fits if number == there]
        if whole:
            made.append(Decided(READINGS[whole[0]]))
            continue
        best = max(fits, key=lambda each: each[1], default=("", 0))
        mostly = READINGS[best[0]] if best[1] >= MOST * there and best[1] else None
        made.append(Decided(TEXT, mostly, there - best[1] if mostly else 0))
    return rows, made


def odd_values(
    connection: duckdb.DuckDBPyConnection, source: str, columns: list[str], decided: list[Decided]
) -> list[dict[str, Any]]:
    """The first values that keep a column from being what it mostly is, by row from 1."""
    found: list[dict[str, Any]] = []
    for at, each in enumerate(decided):
        if each.mostly is None:
            continue
        value = told(f"c{at}")
        wrong = f"{value} IS NOT NULL AND {each.mostly.sql.format(c=value)} IS NULL"
        rows = connection.execute(
            f"SELECT row, left(c{at}, 80) FROM (SELECT c{at}, row_number() OVER () AS row"
            f" FROM {source}) WHERE {wrong} LIMIT {NAMED}"
        ).fetchall()
        found += [
            {
                "code": "mixed-type",
                "row": int(row),
                "column": columns[at],
                "text": text,
                "type": each.mostly.word,
                "count": each.odd,
            }
            for row, text in rows
        ]
    return found


def select(columns: list[str], decided: list[Decided], source: str) -> str:
    """A query for the columns under their own names, each in its type."""
    inner = ", ".join(
        f"c{at}" if each.reading is TEXT else f"{told(f'c{at}')} AS c{at}"
        for at, each in enumerate(decided)
    )
    outer = ", ".join(
        f"{each.reading.sql.format(c=f'c{at}')} AS {name(column)}"
        for at, (column, each) in enumerate(zip(columns, decided, strict=True))
    )
    return f"SELECT {outer} FROM (SELECT {inner} FROM {source})"
