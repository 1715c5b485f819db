"""What tests of identifiers share: a registry to register at, and a way to publish."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.worker import import_all_jobs
from tests.pid.helpers import PREFIX, datacite_settings
from tests.services.datacite_registry import Account, Registry, serving


@pytest.fixture(autouse=True, scope="session")
def _handlers() -> None:
    import_all_jobs()


@pytest.fixture
def registry() -> Iterator[Registry]:
    accounts = {
        "TEST.REPO": Account("registry password", frozenset({PREFIX})),
        "TEST.OTHER": Account("another password", frozenset({"10.82002"})),
    }
    with serving(Registry(accounts)) as running:
        yield running


@pytest.fixture
def registered(
    database_url: str, clock: FixedClock, tmp_path: Path, registry: Registry
) -> Iterator[Runtime]:
    """A repository on each database that registers at the simulator."""
    runtime = Runtime.from_settings(
        datacite_settings(tmp_path / "data", database_url, registry.url), clock
    )
    yield runtime
    runtime.close()
