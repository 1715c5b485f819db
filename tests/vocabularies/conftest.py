"""Vocabularies for tests: only those a test needs, for each takes time to load."""

import pytest

from repository.core.runtime import Runtime
from repository.vocabularies.builtin import load_builtin


@pytest.fixture
def lists(runtime: Runtime) -> Runtime:
    """On SQLite and PostgreSQL, with the two classifications."""
    load_builtin(runtime, only=("ford", "khcn", "khcn-2008"))
    return runtime


@pytest.fixture
def site_lists(sqlite_runtime: Runtime) -> Runtime:
    """On SQLite, for pages."""
    load_builtin(sqlite_runtime, only=("ford", "khcn", "khcn-2008"))
    return sqlite_runtime
