"""Pages, scripts and styles go out compressed (gzip, RFC 9110 section 8.4.1.3) to whoever takes it.

Only what anyone may have: a page with a reader's own secrets beside words that another site can
put into its address would give them away by its length (BREACH). Files that people deposited go
out as they are; their digests are of the bytes as sent.
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, request
from werkzeug.wrappers import Response

SMALLEST = 600  # bytes: less hardly shrinks, and fits into one packet either way
PAGE_LEVEL, STATIC_LEVEL = 5, 9
STATIC_FILES = 128
TYPES = frozenset(("application/javascript", "application/json", "application/xml"))
SUFFIXES = ("+json", "+xml")


@lru_cache(STATIC_FILES)
def _static(path: Path, _etag: str) -> bytes:
    """Once for each state of a file, of which its ETag tells."""
    return gzip.compress(path.read_bytes(), STATIC_LEVEL, mtime=0)


def _shrinks(response: Response) -> bool:
    kind = response.mimetype or ""
    return kind.startswith("text/") or kind in TYPES or kind.endswith(SUFFIXES)


def _offered(response: Response) -> bool:
    """Whether the answer may be had compressed, by those who take that."""
    size = response.content_length or response.calculate_content_length() or 0
    whole = request.endpoint == "static" or not (response.is_streamed or "Range" in request.headers)
    return (
        response.status_code in (200, 404, 410)
        and whole
        and size >= SMALLEST
        and _shrinks(response)
        and "Content-Encoding" not in response.headers
        and "Repr-Digest" not in response.headers
        and (request.endpoint == "static" or bool(response.cache_control.public))
    )


def _compress(app: Flask, response: Response) -> Response:
    if not _offered(response):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip"):
        return response
    etag, _weak = response.get_etag()
    if request.endpoint == "static":
        path = Path(app.static_folder or "", (request.view_args or {})["filename"])
        body = _static(path, etag or "")
        response.close()  # the file, opened to be sent as it is
        response.direct_passthrough = False
    else:
        body = gzip.compress(response.get_data(), PAGE_LEVEL, mtime=0)
    response.set_data(body)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    if etag:
        response.set_etag(etag, weak=True)
    return response


def init_app(app: Flask) -> None:
    """To be registered before what finishes answers: Flask lets the first have the last word."""
    app.after_request(lambda response: _compress(app, response))
