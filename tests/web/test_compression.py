"""What anyone may have goes out compressed; what is a reader's own, or a file, as it is."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.core.runtime import Runtime
from repository.web import caching
from tests.webapp import make_user, sign_in

TEXT = "Lượng mưa ở Đồng Ví Dụ. " * 100
TAKES = {"Accept-Encoding": "gzip, br;q=0.1"}
STATIC = "/static/vendor/pico/pico.classless.min.css"


@pytest.fixture
def pages(app: Flask) -> FlaskClient:
    app.add_url_rule("/public", "public_", lambda: caching.public(TEXT))
    app.add_url_rule("/short", "short", lambda: caching.public("short"))
    app.add_url_rule("/own", "own", lambda: TEXT)
    return app.test_client()


@pytest.mark.parametrize("path", ["/public", STATIC])
def test_whoever_takes_it_gets_the_same_in_less(pages: FlaskClient, path: str) -> None:
    plain, packed = pages.get(path, buffered=True), pages.get(path, headers=TAKES)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data) < len(plain.data) / 4
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in packed.vary
    etag = packed.headers["ETag"]
    assert etag.startswith("W/")
    again = pages.get(path, buffered=True, headers={**TAKES, "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    head = pages.head(path, headers=TAKES)
    assert (head.content_length, head.data) == (packed.content_length, b"")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/short", TAKES),
        ("/own", TAKES),
        ("/public", {"Accept-Encoding": "gzip;q=0"}),
        (STATIC, {**TAKES, "Range": "bytes=0-9999"}),
    ],
)
def test_what_goes_out_as_it_is(pages: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = pages.get(path, buffered=True, headers=headers)
    assert "Content-Encoding" not in answer.headers
    assert answer.status_code in (200, 206)


def test_a_page_with_a_session_is_not_compressed(
    pages: FlaskClient, sqlite_runtime: Runtime
) -> None:
    """Its length would tell of the tokens in it."""
    sign_in(pages, make_user(sqlite_runtime))
    assert "Content-Encoding" not in pages.get("/public", headers=TAKES).headers
