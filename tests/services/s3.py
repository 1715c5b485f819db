"""An S3 server of the tests' own (`rclone serve s3`), spoken to over the wire."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import urllib3
from minio import Minio

from storage.s3_http import http_client
from tests.services.process import carried_program, start
from tests.waiting import eventually

ACCESS_KEY = "example-access-key"
SECRET_KEY = "example-secret-key"
REGION = "us-east-1"
_LISTENING = re.compile(r"http://127\.0\.0\.1:(\d+)/")


def _is_stopped(pid: int) -> bool:
    """Each thread of it: the signal reaches them one by one."""
    states = (task / "status" for task in Path(f"/proc/{pid}/task").iterdir())
    return all("State:\tT" in each.read_text() for each in states)


@dataclass(frozen=True)
class S3:
    """The server: `endpoint` is host and port, without a scheme; plain HTTP."""

    endpoint: str
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    region: str = REGION
    guard: int = 0
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def http_client(self) -> urllib3.PoolManager:
        return http_client(30)

    def client(self) -> Minio:
        return Minio(
            self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            region=self.region,
            secure=False,
            http_client=self.http_client(),
        )

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections, and answers nothing, for as long as the block."""
        [server] = psutil.Process(self.guard).children()
        server.suspend()
        eventually(lambda: _is_stopped(server.pid))
        try:
            yield
        finally:
            server.resume()

    def kill(self) -> None:
        """`kill -9`."""
        [server] = psutil.Process(self.guard).children()
        server.kill()
        server.wait(20)

    def create_bucket(self, *, locks: bool = False) -> str:
        """The name of a new, empty bucket."""
        name = f"test-{next(self._numbers)}"
        self.client().make_bucket(name, object_lock=locks)
        return name


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


@contextmanager
def serving(folder: Path) -> Iterator[S3]:
    """A server over the buckets in `folder`, until the end of the block."""
    (folder / "buckets").mkdir(parents=True, exist_ok=True)
    server = start(
        [
            *(carried_program("rclone"), "serve", "s3", folder / "buckets"),
            *("--addr", "127.0.0.1:0", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}"),
            *("--allow-origin", "*", "--vfs-cache-mode", "off", "--use-server-modtime"),
        ],
        log=folder / "log",
        ready=lambda output: _LISTENING.search(output) is not None,
        env={"RCLONE_CONFIG": ""},
    )
    found = _LISTENING.search(server.output())
    assert found is not None
    try:
        yield S3(f"127.0.0.1:{found[1]}", guard=server.process.pid)
    finally:
        server.stop()


@pytest.fixture
def s3_bucket(s3: S3) -> str:
    """The name of a new, empty bucket."""
    return s3.create_bucket()
