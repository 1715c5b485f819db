"""Fixtures for every test. The services behind them start only where a test asks."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from repository.accounts import passwords
from tests.shared import SHARED

pytest_plugins = (
    "tests.services.browser",
    "tests.services.clamav",
    "tests.services.nginx",
    "tests.services.postgres",  # before databases, which imports it
    "tests.services.redis",
    "tests.services.s3",
    "tests.services.ceph",  # after s3, which it imports
    "tests.services.smtp",
    "tests.services.databases",
    "tests.compiled",
    "tests.longest",
    "tests.runtimes",
    "tests.webapp",
    "tests.services.oidc",  # after webapp, which it imports
)
NO_SHARED = "the shared sample data is not beside this checkout (or in REPOSITORY_SHARED_DIR)"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_shared") and SHARED is None:
        pytest.skip(NO_SHARED)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    """Nearly every test makes a user or two; at full cost that is minutes of the whole run."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def _imports_are_no_garbage() -> Iterator[None]:
    """Nothing that was imported is ever let go; to look for garbage in it takes a third of a
    second, and happens once in a few tests.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def needs_shared() -> Path:
    """The folder of shared sample data; skips the test where there is none."""
    if SHARED is None:
        pytest.skip(NO_SHARED)
    return SHARED
