from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from tests.oai.harvesting import Endpoint, make_app
from tests.oai.publishing import Publisher
from tests.runtimes import make_settings


@pytest.fixture
def publisher(runtime: Runtime) -> Publisher:
    return Publisher(runtime)


@pytest.fixture
def endpoint(runtime: Runtime) -> Endpoint:
    return Endpoint(make_app(runtime))


@pytest.fixture
def small_pages(sqlite_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Runtime]:
    """A repository on SQLite with three records a page."""
    settings = make_settings(tmp_path / "data", sqlite_url, oai_page_size=3)
    opened = Runtime.from_settings(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def small_app(small_pages: Runtime) -> Flask:
    return make_app(small_pages)
