"""Asking ClamAV's daemon about bytes: INSTREAM, as clamd(8) has it, over a socket.

Each command ends in a NUL; chunks have their length before them as four bytes, big-endian; one of
length zero ends the stream.
"""

import socket
from collections.abc import Iterable
from dataclasses import dataclass

from repository.core.errors import Unavailable
from repository.core.messages import N_

MOST_ANSWER = 4096


@dataclass(frozen=True)
class Clamd:
    """`address` is `unix:/path` or `tcp:host:port`; `seconds` bounds each step of the talk."""

    address: str
    seconds: float = 120.0

    def scan(self, chunks: Iterable[bytes]) -> str | None:
        """The name of what was found in the bytes, or None. Raises Unavailable."""
        try:
            with self._connected() as line:
                line.sendall(b"zINSTREAM\0")
                self._send(line, chunks)
                answer = self._answer(line)
        except OSError as error:
            raise Unavailable(N_("The malware scanner does not answer.")) from error
        if answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        if answer != "stream: OK":
            raise Unavailable(N_("The malware scanner says: %(answer)s"), answer=answer)
        return None

    def ping(self) -> None:
        """Raises Unavailable."""
        try:
            with self._connected() as line:
                line.sendall(b"zPING\0")
                answer = self._answer(line)
        except OSError as error:
            raise Unavailable(N_("The malware scanner does not answer.")) from error
        if answer != "PONG":
            raise Unavailable(N_("The malware scanner says: %(answer)s"), answer=answer)

    @staticmethod
    def _send(line: socket.socket, chunks: Iterable[bytes]) -> None:
        """A scanner that has had enough closes the line, after saying why."""
        try:
            for chunk in chunks:
                line.sendall(len(chunk).to_bytes(4, "big") + chunk)
            line.sendall(bytes(4))
        except (BrokenPipeError, ConnectionResetError):
            return

    @staticmethod
    def _answer(line: socket.socket) -> str:
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < MOST_ANSWER:
            more = line.recv(MOST_ANSWER)
            if not more:
                break
            answer += more
        return answer.rstrip(b"\0").decode(errors="replace").strip()

    def _connected(self) -> socket.socket:
        kind, _, place = self.address.partition(":")
        if kind == "tcp":
            host, _, port = place.rpartition(":")
            return socket.create_connection((host, int(port)), timeout=self.seconds)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(self.seconds)
            line.connect(place)
        except OSError:
            line.close()
            raise
        return line
