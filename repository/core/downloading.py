"""A large file from an address outside, as a stream that goes on where a connection broke off.

Each redirect is an address of its own, and is asked what every other is (see `core.fetch`).
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from email.message import Message
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urljoin, urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from repository.core.errors import TooLarge
from repository.core.fetch import FetchFailed, FetchRefused, Limits, requested
from repository.core.messages import N_

REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
MOST_RESUMES = 5
MOST_SECONDS = 12 * 3600
LASTING = (400, 401, 403, 404, 405, 406, 410, 451)
BROKE_OFF = N_("The connection to %(host)s broke off too often.")


class Download:
    """Read it as a file. `size` is what the server announces, in bytes; None where it does not.

    Raises FetchRefused, FetchFailed, TooLarge when it is begun; the first and the last also while
    it is read. `tell` is called with each number of bytes that came.
    """

    def __init__(
        self, url: str, *, user_agent: str, limits: Limits, tell: Callable[[int], None]
    ) -> None:
        self._limits, self._tell = limits, tell
        self._headers = {"Accept": "*/*", "User-Agent": user_agent}
        self._open, self._resumes, self._read = ExitStack(), 0, 0
        self._end = time.monotonic() + MOST_SECONDS
        self._url = url
        self._answer = self._asked({})
        if self._answer.status != 200:
            self._refuse(self._answer.status)
        length = self._answer.headers.get("Content-Length", "")
        self.size = int(length) if length.isdigit() else None
        self.name = _name(self._answer.headers.get("Content-Disposition", ""), self._url)
        self._mark = self._answer.headers.get("ETag", "")
        if self.size is not None and self.size > limits.size:
            raise TooLarge(limit=limits.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._open.close()

    def _asked(self, more: dict[str, str]) -> BaseHTTPResponse:
        for _hop in range(MOST_REDIRECTS + 1):
            self._open.close()
            sent = self._headers | more
            answer, self._host = self._open.enter_context(requested(self._url, sent, self._limits))
            if answer.status not in REDIRECTS:
                return answer
            self._url = urljoin(self._url, answer.headers.get("Location", ""))
        raise FetchFailed(N_("%(host)s redirects too often."), host=self._host)

    def _refuse(self, status: int) -> None:
        kind = FetchFailed if status in LASTING else FetchRefused
        raise kind(
            N_("%(host)s answers with the status %(status)s."), host=self._host, status=status
        )

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; fewer where the server is slow, none at the end."""
        while True:
            if time.monotonic() > self._end:
                raise FetchRefused(N_("%(host)s answers too slowly."), host=self._host)
            try:
                chunk = self._answer.read1(size if size > 0 else 1 << 20)
            except (HTTPError, OSError) as error:
                self._go_on(error)
                continue
            if not chunk and self.size is not None and self._read < self.size:
                self._go_on(EOFError())
                continue
            self._read += len(chunk)
            self._tell(len(chunk))
            return chunk

    def _go_on(self, error: Exception) -> None:
        """From where it broke off, if the server can and it is still the same file."""
        self._resumes += 1
        if self._resumes > MOST_RESUMES or not self._mark or self._mark.startswith("W/"):
            raise FetchRefused(BROKE_OFF, host=self._host) from error
        self._answer = self._asked({"Range": f"bytes={self._read}-", "If-Range": self._mark})
        begins = self._answer.headers.get("Content-Range", "").startswith(f"bytes {self._read}-")
        if self._answer.status != 206 or not begins:
            raise FetchRefused(BROKE_OFF, host=self._host) from error


def _name(disposition: str, url: str) -> str:
    """What the server calls the file (RFC 6266), else the end of its address."""
    told = Message()
    told["Content-Disposition"] = disposition.replace("\n", " ").replace("\r", " ") or "inline"
    name = told.get_filename() or unquote(urlsplit(url).path)
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(each for each in name if each.isprintable()).strip()[:80] or "download"
