"""A repository for tests: a fresh database, a store in a folder, a clock that stands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.worker import import_all_jobs

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECRET_KEY = "a secret that is only for tests, forty chars"


def make_settings(data_dir: Path, database_url: str, **values: object) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": data_dir,
            "database_url": database_url,
            "secret_key": SECRET_KEY,
            "base_url": "http://repository.test",
            "job_retry_seconds": 1,
        }
        | values
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def runtime(database_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Runtime]:
    """On SQLite and on PostgreSQL: for tests of services."""
    yield from opened(make_settings(tmp_path / "data", database_url), clock)


@pytest.fixture
def sqlite_runtime(sqlite_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Runtime]:
    """On SQLite alone: for tests of pages and of what never touches SQL."""
    yield from opened(make_settings(tmp_path / "data", sqlite_url), clock)


@pytest.fixture
def postgres_runtime(
    postgres_tables_url: str, clock: FixedClock, tmp_path: Path
) -> Iterator[Runtime]:
    yield from opened(make_settings(tmp_path / "data", postgres_tables_url), clock)


def opened(settings: Settings, clock: FixedClock) -> Iterator[Runtime]:
    import_all_jobs()
    runtime = Runtime.from_settings(settings, clock)
    yield runtime
    runtime.close()
