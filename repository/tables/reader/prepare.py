"""From a file to a Parquet file with typed columns, and what is known of each of them."""

from pathlib import Path
from typing import Any

import duckdb

from repository.tables.reader import delimited, profile, sheets, texts, types
from repository.tables.reader.engine import connect, literal, name
from repository.tables.reader.refusal import Refused

TABLE = "table.parquet"
MIB = 1 << 20
WORDS = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "FLOAT": "number",
    "DOUBLE": "number",
}


def prepare(task: dict[str, Any]) -> dict[str, Any]:
    """Write `table.parquet` into the scratch folder; its columns, their statistics, its faults."""
    scratch, source = Path(task["scratch"]), Path(task["source"])
    connection = connect(task)
    told: dict[str, Any] = {"sheets": [], "sheet": 0, "encoding": "", "delimiter": ""}
    problems: list[dict[str, Any]] = []
    if task["kind"] == "parquet":
        columns = _copy_parquet(connection, source, scratch / TABLE)
    elif task["kind"] == "xlsx":
        text = scratch / "sheet.csv"
        names, sheet = sheets.as_csv(source, task.get("sheet"), text, task["limits"]["memory"])
        told |= {"sheets": names, "sheet": sheet}
        columns, _delimiter = _from_text(connection, text, ",", scratch, problems)
    else:
        _refuse_long_lines(source)
        encoding = texts.encoding_of(source)
        if encoding.bad_count:
            bad = {"row": encoding.bad_line, "count": encoding.bad_count}
            problems.append({"code": "bad-encoding", **bad})
        text = texts.as_utf8(source, encoding, scratch / "utf8.csv")
        delimiter = "\t" if task["kind"] == "tsv" else None
        told["encoding"] = encoding.name.removesuffix("-sig")
        columns, told["delimiter"] = _from_text(connection, text, delimiter, scratch, problems)
    table = f"read_parquet({literal(str(scratch / TABLE))})"
    rows, described = profile.describe(connection, table, columns)
    return told | {"rows": rows, "columns": described, "problems": problems}


def _refuse_long_lines(source: Path) -> None:
    """Before gigabytes of one line are decoded. In no encoding that is known here does a line take
    more than twice the bytes that it has in UTF-8. Raises Refused.
    """
    if line := texts.long_line(source, 2 * delimited.MAX_LINE):
        raise Refused("long-line", row=line, limit=delimited.MAX_LINE)


def _from_text(
    connection: duckdb.DuckDBPyConnection,
    text: Path,
    delimiter: str | None,
    scratch: Path,
    problems: list[dict[str, Any]],
) -> tuple[list[dict[str, str]], str]:
    dialect = delimited.dialect_of(connection, text, delimiter)
    problems += delimited.header_problems(delimited.read_header(text, dialect), dialect)
    proposed = types.propose(connection, dialect.sql(text), len(dialect.columns))
    stored = f", store_rejects = true, rejects_limit = {delimited.REJECTS}"
    _rows, decided = types.decide(connection, dialect.sql(text, stored), proposed)
    named, counts = delimited.rejects(connection)
    for each in named:
        problems.append(each | {"count": counts[each["code"]]})
    if counts.get("short-row"):
        # Read once more with what is missing left empty, so that those rows are not lost.
        dialect = delimited.Dialect(
            dialect.delimiter, dialect.quote, dialect.header, dialect.skip, dialect.columns, True
        )
        _rows, decided = types.decide(connection, dialect.sql(text), proposed)
    plain = dialect.sql(text)
    problems += types.odd_values(connection, plain, dialect.columns, decided)
    _write(connection, types.select(dialect.columns, decided, plain), scratch)
    columns = [
        {"name": column, "type": each.reading.word}
        for column, each in zip(dialect.columns, decided, strict=True)
    ]
    return columns, dialect.delimiter


def _write(connection: duckdb.DuckDBPyConnection, query: str, scratch: Path) -> None:
    target = literal(str(scratch / TABLE))
    connection.execute(
        f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"
    )


def _copy_parquet(
    connection: duckdb.DuckDBPyConnection, source: Path, target: Path
) -> list[dict[str, str]]:
    """Every column in one of our types: what is nested or odd becomes text."""
    read = f"read_parquet({literal(str(source))})"
    told = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
    if len(told) > delimited.MAX_COLUMNS:
        raise Refused("columns", columns=len(told), limit=delimited.MAX_COLUMNS)
    columns, parts = [], []
    named = delimited.unique([str(column) for column, *_rest in told])
    for (column, type_, *_rest), own in zip(told, named, strict=True):
        word = _word(str(type_))
        columns.append({"name": own, "type": word})
        parts.append(f"{_cast(str(column), word)} AS {name(own)}")
    _write(connection, f"SELECT {', '.join(parts)} FROM {read}", target.parent)
    return columns


def _word(type_: str) -> str:
    if type_ in WORDS:
        return WORDS[type_]
    if type_.startswith("TIMESTAMP"):
        return "datetime"
    if type_.startswith("DECIMAL"):
        return "number"
    return "integer" if type_.endswith("INT") or type_ == "INTEGER" else "string"


def _cast(column: str, word: str) -> str:
    target = {
        "integer": "BIGINT",
        "number": "DOUBLE",
        "datetime": "TIMESTAMP",
        "date": "DATE",
        "boolean": "BOOLEAN",
    }.get(word, "VARCHAR")
    return f"TRY_CAST({name(column)} AS {target})"
