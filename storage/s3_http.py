"""How S3 servers are spoken to."""

from types import TracebackType
from typing import Any, Self

import urllib3


class PatientRetry(urllib3.Retry):
    """A line that broke costs nothing to take up again; a server that takes requests and does not
    answer costs a whole timeout each time, and is waited for twice, not five times.
    """

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: urllib3.BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        waited = isinstance(error, urllib3.exceptions.ReadTimeoutError)
        left = self.new(total=1) if waited and self.total else self
        return super(PatientRetry, left).increment(method, url, response, error, _pool, _stacktrace)


# Every request of ours may run twice. A store may refuse one of two copies to the same key.
RETRIES = PatientRetry(
    total=4, backoff_factor=0.1, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
)


class XmlErrors(urllib3.PoolManager):
    """Names error answers `application/xml`, as S3 does and the minio client insists on.

    `rclone serve s3` says `text/xml`; the client would report an unreadable answer instead of
    `NoSuchKey`.
    """

    def urlopen(  # type: ignore[override]  # the parent's overloads end in the same call
        self, method: str, url: str, redirect: bool = True, **options: Any
    ) -> urllib3.BaseHTTPResponse:
        response = super().urlopen(method, url, redirect, **options)
        if response.headers.get("Content-Type", "").startswith("text/xml"):
            response.headers["Content-Type"] = "application/xml"
        return response


def http_client(seconds: float = 60) -> urllib3.PoolManager:
    """With a limit on each wait for the server, and a few tries."""
    return XmlErrors(timeout=urllib3.Timeout(connect=5, read=seconds), retries=RETRIES)
