"""Databases for tests: each fresh, and cheap because it is a copy of a template."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.core.db import Database
from repository.migrate import upgrade
from tests.services.postgres import Postgres


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a database with the tables of this release, to be copied."""
    name = postgres.create()
    database = Database(postgres.url(name))
    upgrade(database)
    database.dispose()
    return name


@pytest.fixture
def postgres_tables_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The URL of a database with the tables of this release, and no rows."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables of this release, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database with the tables of this release, and no rows."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'repository.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs a test twice: on each database, with the tables of this release and no rows."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_tables_url"
    return str(request.getfixturevalue(name))
