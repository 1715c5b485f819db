"""An HTTP proxy before an S3 server that fails when it is told to."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length")
Matches = Callable[[BaseHTTPRequestHandler], bool]


@dataclass
class FaultyStore:
    """Passes requests on to `target`, signatures and all. Those that `fails` matches are answered
    with 500: unseen by the server, or with `late` after it did what was asked.
    """

    target: str
    fails: Matches = field(default=lambda _request: False)
    late: bool = False
    failed: int = 0

    def __post_init__(self) -> None:
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

            def handle_request(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                bad = store.fails(self)
                if bad and not store.late:
                    store.fail(self)
                    return
                server = http.client.HTTPConnection(store.target, timeout=30)
                server.putrequest(
                    self.command, self.path, skip_host=True, skip_accept_encoding=True
                )
                for name, value in self.headers.items():
                    server.putheader(name, value)
                server.endheaders(body)
                answer = server.getresponse()
                data = answer.read()
                server.close()
                if bad:
                    store.fail(self)
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                told = answer.headers.get("Content-Length") if self.command == "HEAD" else None
                self.send_header("Content-Length", told or str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_request  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def fail(self, request: BaseHTTPRequestHandler) -> None:
        self.failed += 1
        request.send_response(500)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
