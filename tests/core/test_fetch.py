"""Fetching from outside: what is reached, what is refused, on real sockets."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from repository.core import fetch as module
from repository.core.fetch import Answer, FetchRefused, Limits, fetch, is_public

Reply = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(reply: Reply) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that has seen enough."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def get(url: str, **limits: object) -> Answer:
    asked = Limits(**({"private": True, "seconds": 5.0} | limits))  # type: ignore[arg-type]
    return fetch(url, accept="application/json", user_agent="test", limits=asked)


def answered(body: bytes, status: int = 200, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def test_an_answer_comes_with_its_status_and_type() -> None:
    with serving(answered(b'{"a": 1}', 404)) as url:
        assert get(url) == Answer(404, "application/json", b'{"a": 1}')


def test_what_is_too_long_or_too_slow_is_given_up() -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(0.05)

    with serving(answered(b"x" * 2000)) as url, pytest.raises(FetchRefused, match="too large"):
        get(url, size=1000)
    with serving(trickle) as url, pytest.raises(FetchRefused, match="too slowly"):
        get(url, seconds=0.3)


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "https://example.org/", "/there"])
def test_redirects_are_refused(target: str) -> None:
    moved = answered(b"", 302, Location=target)
    with serving(moved) as url, pytest.raises(FetchRefused, match="redirect"):
        get(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
def test_addresses_inside_are_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(FetchRefused, match=r"public internet|not known"):
        get(url, private=False)


@pytest.mark.parametrize(
    "url", ["http://example.org/", "file:///etc/passwd", "https:///", "ftp://a"]
)
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(FetchRefused, match="https"):
        get(url, private=False)


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the first answer of the name server is what is connected to, and it is public."""
    asked: list[str] = []
    tried: list[str] = []

    def resolver(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    class Refusing:
        def __init__(self, address: str, *_: object, **__: object) -> None:
            tried.append(address)
            raise OSError("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(module, "HTTPSConnectionPool", Refusing)
    with pytest.raises(OSError, match="no network"):
        get("https://rebinding.example.org/", private=False)
    assert (asked, tried) == (["rebinding.example.org"], ["93.184.215.14"])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:220:1::1", True),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a00:1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public
