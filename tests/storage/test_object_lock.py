"""What counts as object lock: a version that is there after its deletion, and nothing less.

The servers at hand have no lock; this one speaks the few requests that the trial makes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from storage.backup.s3 import S3Target
from storage.backup.targets import Lock
from storage.base import StorageError

DATE = "Mon, 23 Nov 2026 09:30:00 GMT"
WAYS = {
    "keeps it": True,
    "says that it keeps it": False,
    "says that it deletes it": True,
    "has no versions": False,
    "takes no lock": False,
    "is at a loss": False,
}


class Bucket(BaseHTTPRequestHandler):
    """One object, dealt with in the way that the server was made for."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self._way == "takes no lock":
            assert self.headers["x-amz-object-lock-mode"] == "COMPLIANCE"
            return self._answer(400, "InvalidRequest")
        self._there.add("1")
        versioned = {"x-amz-version-id": "1"} if self._way != "has no versions" else {}
        return self._answer(200, **({"ETag": '"e"'} | versioned))

    def do_DELETE(self) -> None:
        if "versionId=1" not in self.path:
            return self._answer(204)
        if self._way == "is at a loss":
            return self._answer(409, "OperationAborted")
        if self._way == "says that it keeps it":
            self._there.clear()
        refuses = self._way != "says that it deletes it"
        return self._answer(403, "AccessDenied") if refuses else self._answer(204)

    def do_HEAD(self) -> None:
        self._answer(200 if self._there else 404, ETag='"e"', **{"Last-Modified": DATE})

    def _answer(self, status: int, code: str = "", **headers: str) -> None:
        body = f"<Error><Code>{code}</Code></Error>".encode() if code else b""
        self.send_response(status)
        told = {"Content-Type": "application/xml", "Content-Length": str(len(body))}
        for name, value in (told | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @property
    def _way(self) -> str:
        return str(self.server.way)  # type: ignore[attr-defined]  # set by `bucket`

    @property
    def _there(self) -> set[str]:
        return self.server.there  # type: ignore[attr-defined,no-any-return]  # set by `bucket`

    def log_message(self, *_told: object) -> None:
        """Nothing: it answers as it was told to."""


@contextmanager
def bucket(way: str) -> Iterator[S3Target]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        server.way, server.there = way, set[str]()  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        endpoint = f"127.0.0.1:{server.server_port}"
        yield S3Target(endpoint, "kho", "a", "key", "secret", secure=False)
        server.shutdown()


@pytest.mark.parametrize("way", WAYS)
def test_a_lock_is_what_keeps_a_version(way: str) -> None:
    with bucket(way) as target:
        assert target.lock(Lock("COMPLIANCE", 30)) is WAYS[way]


def test_one_that_does_not_answer_is_told() -> None:
    gone = S3Target("127.0.0.1:1", "kho", "a", "key", "secret", secure=False)
    with pytest.raises(StorageError, match="does not answer"):
        gone.lock(Lock("COMPLIANCE", 30))
