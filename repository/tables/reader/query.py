"""Rows of a prepared table: filtered, sorted, cut. Values come as parameters, never as SQL."""

from pathlib import Path
from typing import Any

import duckdb

from repository.tables.reader.engine import ROW_NUMBER, connect, literal, name

OPERATORS = {"eq": "=", "ne": "IS DISTINCT FROM", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
CAST = {
    "integer": "DOUBLE",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
CELL = 2000


def rows(task: dict[str, Any]) -> dict[str, Any]:
    """`count` of all rows that pass, and either `rows` of `columns` or a file `out.<format>`.

    `columns` are names, `filters` lists of name, type, operator, value; `sort` a name and whether
    it descends; all are of the table's own columns, as the one that asked made sure.
    """
    connection = connect(task)
    table = f"read_parquet({literal(task['source'])}, {ROW_NUMBER} = true)"
    where, values = _where(task["filters"])
    order = _order(task.get("sort"))
    counting = connection.execute(f"SELECT count(*) FROM {table}{where}", values)
    counted = int(counting.fetchall()[0][0])
    selected = ", ".join(name(column) for column in task["columns"])
    limits = f" LIMIT {int(task['limit'])} OFFSET {int(task['offset'])}"
    sql = f"SELECT {selected} FROM {table}{where}{order}{limits}"
    if task["format"] != "json":
        _export(connection, sql, values, task)
        return {"count": counted}
    if task.get("group"):
        return {"count": counted, "rows": _grouped(connection, table, where, values, task)}
    shown = ", ".join(_shown(column, task["types"][column]) for column in task["columns"])
    if task.get("sample"):
        inner = f"SELECT * FROM {table}{where}"
        limits, order = f" USING SAMPLE reservoir({int(task['limit'])} ROWS) REPEATABLE (1)", ""
        sql = f"SELECT {shown} FROM ({inner}){limits}"
    else:
        sql = f"SELECT {shown} FROM {table}{where}{order}{limits}"
    found = connection.execute(sql, values).fetchall()
    return {"count": counted, "rows": [list(row) for row in found]}


def _shown(column: str, word: str) -> str:
    """As JSON can hold it: dates as ISO 8601 text, long text cut."""
    if word in ("integer", "number", "boolean"):
        return name(column)
    if word == "datetime":
        return f"strftime({name(column)}, '%Y-%m-%dT%H:%M:%S')"
    return f"left({name(column)}::VARCHAR, {CELL})"


def _where(filters: list[list[str]]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for column, word, operator, value in filters:
        c = name(column)
        if operator == "empty":
            parts.append(f"({c} IS NULL OR {c}::VARCHAR = '')")
        elif operator == "filled":
            parts.append(f"({c} IS NOT NULL AND {c}::VARCHAR <> '')")
        elif operator in ("contains", "starts"):
            function = "contains" if operator == "contains" else "starts_with"
            parts.append(f"{function}(lower({c}::VARCHAR), lower(?))")
            values.append(value)
        else:
            cast = f"CAST(? AS {CAST.get(word, 'VARCHAR')})"
            parts.append(f"{c} {OPERATORS[operator]} {cast}")
            values.append(value)
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), values


def _order(sort: list[Any] | None) -> str:
    """In the order of the file where nothing else was asked, and among equals."""
    if not sort:
        return f" ORDER BY {ROW_NUMBER}"
    column, descending = sort
    direction = "DESC" if descending else "ASC"
    return f" ORDER BY {name(column)} {direction} NULLS LAST, {ROW_NUMBER}"


def _grouped(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    where: str,
    values: list[Any],
    task: dict[str, Any],
) -> list[list[Any]]:
    """One number for each value of a column: the mean of another, or how many rows there are."""
    by, of, ordered = task["group"]
    order = f"min({name(by)})" if ordered else f"min({ROW_NUMBER})"
    measure = f"avg({name(of)}::DOUBLE)" if of else "count(*)"
    found = connection.execute(
        f"SELECT left({name(by)}::VARCHAR, 80), {measure} FROM {table}{where}"
        f" GROUP BY 1 ORDER BY {order} LIMIT {int(task['limit'])}",
        values,
    ).fetchall()
    return [list(row) for row in found]


def _export(
    connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any], task: dict[str, Any]
) -> None:
    target = literal(str(Path(task["scratch"]) / f"out.{task['format']}"))
    options = "FORMAT csv, HEADER" if task["format"] == "csv" else "FORMAT parquet"
    connection.execute(f"COPY ({sql}) TO {target} ({options})", values)
