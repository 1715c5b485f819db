"""A registry that behaves as DataCite's REST API does, over real HTTP, and fails when told to.

Each rule names where it is from: "docs" is support.datacite.org, "lupo" the API's own code
(github.com/datacite/lupo). Where the two leave something open, the stricter reading is taken.
"""

import base64
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]
# lupo app/models/doi.rb: validates_format_of :doi.
DOI = re.compile(r"10\.\d{4,5}/[-._;()/:a-zA-Z0-9*~$=]+", re.ASCII)
# lupo app/models/doi.rb: validations that hold for registered and findable DOIs; docs: "What are
# the required metadata fields" (creators, titles, publisher, publicationYear, resourceTypeGeneral).
REQUIRED = ("url", "creators", "titles", "publisher", "publicationYear", "types")
# docs "How do I make a findable DOI": publish: draft or registered to findable; register: draft to
# registered; hide: findable to registered. lupo app/models/doi.rb has `whiny_transitions: false`:
# an event that the state does not allow changes nothing and is no error.
EVENTS = {
    ("draft", "publish"): "findable",
    ("registered", "publish"): "findable",
    ("draft", "register"): "registered",
    ("findable", "hide"): "registered",
}


class Fault(StrEnum):
    """How a request can go wrong. Those called AFTER have done the work by then."""

    REFUSE = "the connection is reset before anything is read"
    HANG = "nothing is done and nothing answered"
    LATE = "AFTER: answered when the client has given up"
    ERROR = "500, nothing done"
    ERROR_AFTER = "AFTER: 500"
    DROP_AFTER = "AFTER: the connection breaks in the middle of the body"
    THROTTLE = "429 with Retry-After"


@dataclass
class Account:
    password: str
    prefixes: frozenset[str]


@dataclass
class Doi:
    """What the registry holds of one DOI, and what was sent for it, oldest first."""

    owner: str
    attributes: Json
    state: str = "draft"


@dataclass
class Registry:
    """The state behind the server. `faults` are used up first; then `chaos()` is asked."""

    accounts: dict[str, Account]
    dois: dict[str, Doi] = field(default_factory=dict)
    puts: list[tuple[str, Json]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    chaos: Callable[[], Fault | None] = lambda: None
    retry_after: int = 1
    hang_seconds: float = 1.0
    limit: int = 0
    window: float = 300.0
    times: deque[float] = field(default_factory=deque)
    most_in_window: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def next_fault(self) -> Fault | None:
        with self.lock:
            return self.faults.popleft() if self.faults else self.chaos()

    def over_limit(self) -> bool:
        """docs "DataCite API Rate Limits": so many requests within five minutes, then 429."""
        with self.lock:
            now = time.monotonic()
            while self.times and self.times[0] <= now - self.window:
                self.times.popleft()
            if self.limit and len(self.times) >= self.limit:
                return True
            self.times.append(now)
            self.most_in_window = max(self.most_in_window, len(self.times))
            return False

    def put(self, user: str, doi: str, sent: Json) -> tuple[int, Json]:
        """lupo DataciteDoisController#update: updates, or makes the DOI where there is none."""
        with self.lock:
            held = self.dois.get(doi)
            if held is None and not DOI.fullmatch(doi):
                return error(404, "The resource you are looking for doesn't exist.")
            # lupo app/models/ability.rb: `new` needs a prefix of one's own, `update` one's own DOI.
            owns = doi.split("/", maxsplit=1)[0] in self.accounts[user].prefixes
            if (held is None and not owns) or (held is not None and held.owner != user):
                return error(403, "You are not authorized to access this resource.")
            made = held is None
            after = held or Doi(user, {})
            attributes = after.attributes | {k: v for k, v in sent.items() if k != "event"}
            state = EVENTS.get((after.state, str(sent.get("event"))), after.state)
            missing = [name for name in REQUIRED if not attributes.get(name)]
            if state != "draft" and missing:
                # lupo serialize_errors: one entry for each wrong attribute, with source and uid.
                errors = [{"source": m, "title": "Can't be blank", "uid": doi} for m in missing]
                return 422, {"errors": errors}
            self.dois[doi] = Doi(user, attributes, state)
            self.puts.append((doi, sent))
            return 201 if made else 200, self.shown(doi)

    def shown(self, doi: str) -> Json:
        held = self.dois[doi]
        attributes = held.attributes | {"doi": doi, "state": held.state}
        return {"data": {"id": doi, "type": "dois", "attributes": attributes}}

    def get(self, user: str | None, doi: str) -> tuple[int, Json]:
        """lupo DataciteDoisController#show: what is not findable is there for its owner only."""
        with self.lock:
            held = self.dois.get(doi)
            if held is None or (held.state != "findable" and held.owner != user):
                return error(404, "The resource you are looking for doesn't exist.")
            return 200, self.shown(doi)


def error(status: int, title: str) -> tuple[int, Json]:
    """lupo ApplicationController: the body of every error that is not a validation."""
    return status, {"errors": [{"status": str(status), "title": title}]}


class _Handler(BaseHTTPRequestHandler):
    registry: Registry
    protocol_version = "HTTP/1.1"
    # One write to the socket for head and body: no delay between them on loopback.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's
        """Silence: what matters is in the registry's own record."""

    def do_GET(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        fault = self.registry.next_fault()
        if fault is Fault.REFUSE:
            return self._reset()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if fault is Fault.HANG:
            return self._hang()
        if fault is Fault.ERROR:
            return self._send(*error(500, "Internal Server Error"))
        if fault is Fault.THROTTLE or self.registry.over_limit():
            return self._send(*error(429, "Too Many Requests"))
        status, answer = self._answer(body)
        if fault is Fault.LATE:
            return self._hang()
        if fault is Fault.ERROR_AFTER:
            return self._send(*error(500, "Internal Server Error"))
        return self._send(status, answer, torn=fault is Fault.DROP_AFTER)

    def _answer(self, body: bytes) -> tuple[int, Json]:
        try:
            user = self._user()
        except PermissionError:
            return error(401, "Bad credentials.")
        address = urlsplit(self.path)
        parts = unquote(address.path).lstrip("/").split("/", 1)
        if parts[0] == "dois" and len(parts) == 2:
            # lupo: DOIs are compared without regard to case.
            doi = parts[1].lower()
            return (
                self._put(user, doi, body)
                if self.command == "PUT"
                else self.registry.get(user, doi)
            )
        if parts[0] == "repository-prefixes":
            return self._prefixes(parse_qs(address.query))
        return error(404, "The resource you are looking for doesn't exist.")

    def _put(self, user: str | None, doi: str, body: bytes) -> tuple[int, Json]:
        if user is None:
            # lupo: AccessDenied without a user is answered as 401.
            return error(401, "Bad credentials.")
        try:
            sent = json.loads(body)["data"]["attributes"]
        except (ValueError, KeyError, TypeError):
            # lupo safe_params.
            return error(400, "You need to provide a payload following the JSONAPI spec")
        return self.registry.put(user, doi, sent)

    def _prefixes(self, query: dict[str, list[str]]) -> tuple[int, Json]:
        """lupo RepositoryPrefixesController#index."""
        name, prefix = query["repository-id"][0], query["prefix-id"][0]
        account = {k.lower(): v for k, v in self.registry.accounts.items()}.get(name)
        held = account is not None and prefix in account.prefixes
        return 200, {"data": [{"type": "repository-prefixes", "id": prefix}] if held else []}

    def _user(self) -> str | None:
        """docs "Authentication": Basic, the repository's account id and its password."""
        sent = self.headers.get("Authorization")
        if not sent:
            return None
        try:
            name, _, password = (
                base64.b64decode(sent.removeprefix("Basic ")).decode().partition(":")
            )
        except ValueError:
            raise PermissionError from None
        account = self.registry.accounts.get(name)
        if account is None or account.password != password:
            raise PermissionError
        return name

    def _send(self, status: int, answer: Json, *, torn: bool = False) -> None:
        body = json.dumps(answer).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.api+json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if status == 429:
                self.send_header("Retry-After", str(self.registry.retry_after))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if torn else body)
            self.wfile.flush()
        if torn:
            self._reset()

    def _hang(self) -> None:
        time.sleep(self.registry.hang_seconds)
        self._reset()

    def _reset(self) -> None:
        with suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what this server is for."""


@contextmanager
def serving(registry: Registry, port: int = 0) -> Iterator[Registry]:
    """Serve on loopback until the block ends; `registry.url` says where."""
    handler = type("Handler", (_Handler,), {"registry": registry})
    with _Server(("127.0.0.1", port), handler) as server:
        registry.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()
