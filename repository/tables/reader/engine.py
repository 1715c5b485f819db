"""DuckDB, shut in: no network, no extensions, no files but those named."""

from pathlib import Path
from typing import Any

import duckdb

MIB = 1 << 20
ROW_NUMBER = "file_row_number"  # the column that DuckDB adds to what it reads of Parquet


def connect(task: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """An empty database in memory that may read the task's source and use its scratch folder."""
    limits = task["limits"]
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": "1",
            "memory_limit": f"{limits['memory'] // MIB}MiB",
            "temp_directory": str(Path(task["scratch"]) / "spill"),
            "max_temp_directory_size": f"{limits['disk'] // MIB}MiB",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
        },
    )
    folder, source = literal(task["scratch"]), literal(task["source"])
    connection.execute(f"SET allowed_directories = [{folder}]")
    connection.execute(f"SET allowed_paths = [{source}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def literal(text: str) -> str:
    """A string in SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """A column's name in SQL, whatever it holds."""
    return '"' + column.replace('"', '""') + '"'


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """The one row of an aggregate."""
    return connection.execute(sql).fetchone() or ()
