"""What is to be known of each column: how much is missing, its range, a sketch of its values."""

import math
from typing import Any

import duckdb

from repository.tables.reader.engine import name, one

BINS = 20
TOP = 8
FEW = 5000
TEXT = 80
ORDERED = ("integer", "number", "date", "datetime")
GROUP = 50


def describe(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[dict[str, str]]
) -> tuple[int, list[dict[str, Any]]]:
    """How many rows, and per column `missing`, `distinct` (an estimate), `min`, `max`, `mean`,
    `median`, `deviation`, and `bins` or `top`. Dates are ISO 8601.
    """
    rows = int(one(connection, f"SELECT count(*) FROM {table}")[0])
    made: list[dict[str, Any]] = []
    for start in range(0, len(columns), GROUP):
        made += _measured(connection, table, columns[start : start + GROUP], rows)
    for column in made:
        if column["type"] in ORDERED and column["distinct"] > 1:
            column["bins"] = _bins(connection, table, column)
        elif 0 < column["distinct"] <= FEW:
            column["top"] = _top(connection, table, column["name"])
    return rows, made


def _measured(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[dict[str, str]], rows: int
) -> list[dict[str, Any]]:
    parts = []
    for column in columns:
        c, word = name(column["name"]), column["type"]
        least = f"{c}" if word in ORDERED else f"left({c}::VARCHAR, {TEXT})"
        numeric = word in ("integer", "number")
        parts += [
            f"count({c})",
            f"approx_count_distinct({c})",
            f"min({least})::VARCHAR" if not numeric else f"min({c})",
            f"max({least})::VARCHAR" if not numeric else f"max({c})",
            f"avg({c}::DOUBLE)" if numeric else "NULL",
            f"approx_quantile({c}::DOUBLE, 0.5)" if numeric else "NULL",
            f"stddev_samp({c}::DOUBLE)" if numeric else "NULL",
        ]
    row = one(connection, f"SELECT {', '.join(parts)} FROM {table}")
    made = []
    for at, column in enumerate(columns):
        there, distinct, least, most, mean, median, deviation = row[at * 7 : at * 7 + 7]
        made.append(
            {
                **column,
                "missing": rows - int(there),
                "distinct": min(int(distinct), int(there)),
                "min": _plain(least),
                "max": _plain(most),
                "mean": _plain(mean),
                "median": _plain(median),
                "deviation": _plain(deviation),
            }
        )
    return made


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _bins(
    connection: duckdb.DuckDBPyConnection, table: str, column: dict[str, Any]
) -> list[int] | None:
    """How many values lie in each of at most twenty equal steps from the least to the greatest."""
    c = name(column["name"])
    dated = column["type"] in ("date", "datetime")
    value = f"epoch({c})" if dated else f"{c}::DOUBLE"
    least, most = one(connection, f"SELECT min({value}), max({value}) FROM {table}")
    if least is None or not math.isfinite(most - least) or most <= least:
        return None
    whole = column["type"] == "integer" and most - least < BINS
    bins = int(most - least) + 1 if whole else BINS
    step = 1.0 if whole else (most - least) / bins
    counts = [0] * bins
    rows = connection.execute(
        f"SELECT least({bins - 1}, greatest(0, floor(({value} - ?) / ?)))::INT, count(*)"
        f" FROM {table} WHERE {c} IS NOT NULL GROUP BY 1",
        [least, step],
    ).fetchall()
    for at, count in rows:
        counts[at] = count
    return counts


def _top(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> list[list[Any]]:
    """The values that occur most, cut to a length that can be shown, with how often each does."""
    c = name(column)
    rows = connection.execute(
        f"SELECT left({c}::VARCHAR, {TEXT}), count(*) FROM {table}"
        f" WHERE {c} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {TOP}"
    ).fetchall()
    return [[value, count] for value, count in rows]
