"""Consistent copies of the database, and what proves that one came back whole.

SQLite through its backup API; PostgreSQL through `pg_dump`, which is told a snapshot, so that what
is counted and listed is what is dumped.
"""

import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from pydantic import BaseModel
from sqlalchemy import URL, Connection, create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool

from repository.core.db import Database
from repository.core.errors import RepositoryError
from repository.core.messages import N_
from repository.core.settings import Settings

MODULUS = 1 << 256
NO_PROGRAM = N_(
    "%(program)s was not found. Install PostgreSQL's client programs, or name their folder in "
    "REPOSITORY_POSTGRES_PROGRAMS."
)
PROGRAM_FAILED = N_("%(program)s failed: %(reason)s")


class TableDigest(BaseModel, frozen=True):
    """How many rows, and the sum of their SHA-256 modulo 2^256, whatever their order."""

    rows: int
    sha256: str


@contextmanager
def dumped(database: Database, settings: Settings, path: Path) -> Iterator[Connection]:
    """Dump to `path`; the connection reads the very state that was dumped.

    Raises RepositoryError when `pg_dump` is absent or fails.
    """
    if database.is_sqlite:
        _dump_sqlite(database, path)
        with opened_file(path) as connection:
            yield connection
        return
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        arguments = ["--format=custom", f"--snapshot={snapshot}", f"--file={path}"]
        _run(settings, "pg_dump", arguments, database.engine.url)
        yield connection


def _dump_sqlite(database: Database, path: Path) -> None:
    raw = database.engine.raw_connection()
    with closing(sqlite3.connect(path)) as copy, closing(raw):
        cast("sqlite3.Connection", raw.driver_connection).backup(copy)


@contextmanager
def opened_file(path: Path) -> Iterator[Connection]:
    """A SQLite file that nobody else has open, to be read and left as it is."""
    engine = create_engine(
        f"sqlite:///file:{path}?mode=ro&immutable=1&uri=true", poolclass=NullPool
    )
    with engine.connect() as connection:
        yield connection


def load_postgres(settings: Settings, path: Path, url: URL) -> None:
    """Put a dump into an empty database, all of it or nothing."""
    arguments = ["--no-owner", "--exit-on-error", "--single-transaction", str(path)]
    _run(settings, "pg_restore", arguments, url)


def table_digests(connection: Connection) -> dict[str, TableDigest]:
    """What the tables hold, in a way that does not depend on this release's models.

    Rows are added up and not strung together, since the order of texts is a matter of the server's
    collation.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET TIME ZONE 'UTC'"))
    inspector = inspect(connection)
    return {name: _digest(connection, name) for name in sorted(inspector.get_table_names())}


def _digest(connection: Connection, table: str) -> TableDigest:
    quote = connection.dialect.identifier_preparer.quote
    columns = sorted(column["name"] for column in inspect(connection).get_columns(table))
    query = f"SELECT {', '.join(map(quote, columns))} FROM {quote(table)}"  # noqa: S608 - quoted
    rows, total = 0, 0
    for row in connection.execute(text(query), execution_options={"stream_results": True}):
        canonical = json.dumps(list(row), sort_keys=True, default=_plain).encode()
        total += int.from_bytes(hashlib.sha256(canonical).digest(), "big")
        rows += 1
    return TableDigest(rows=rows, sha256=f"{total % MODULUS:064x}")


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes | memoryview) else str(value)


def is_empty(url: URL) -> bool:
    """Whether a PostgreSQL database has no tables."""
    engine = create_engine(url, poolclass=NullPool)
    return not inspect(engine).get_table_names()


@contextmanager
def scratch_database(url: URL, name: str) -> Iterator[URL]:
    """A database beside another one on the same PostgreSQL server, for as long as the block."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    quoted = engine.dialect.identifier_preparer.quote(name)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {quoted} TEMPLATE template0"))
        try:
            yield url.set(database=name)
        finally:
            connection.execute(text(f"DROP DATABASE {quoted} WITH (FORCE)"))


def _run(settings: Settings, program: str, arguments: list[str], url: URL) -> None:
    found = shutil.which(program, path=settings.postgres_programs or None)
    if found is None:
        raise RepositoryError(NO_PROGRAM, program=program)
    plain = make_url(url).set(drivername="postgresql", password=None)
    secret = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603 - a list, and the password is in no argument
        [found, *arguments, f"--dbname={plain.render_as_string(hide_password=False)}"],
        env={"LC_ALL": "C", **{name: str(value) for name, value in secret.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip()[-500:]
        raise RepositoryError(PROGRAM_FAILED, program=program, reason=reason)
