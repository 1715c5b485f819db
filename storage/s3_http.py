"""How S3 servers are spoken to."""

from typing import Any

import urllib3

# Every request of ours may run twice. A store may refuse one of two copies to the same key. One
# that takes requests and does not answer is waited for twice, not five times.
RETRIES = urllib3.Retry(
    total=4,
    read=1,
    backoff_factor=0.1,
    status_forcelist=(429, 500, 502, 503, 504),
    raise_on_status=False,
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
