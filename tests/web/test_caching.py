"""Public pages may be kept by anyone; a reader with a session gets a page of their own."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from repository.core.runtime import Runtime
from repository.web import caching
from tests.webapp import make_user, sign_in

CHANGED = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def pages(app: Flask) -> FlaskClient:
    made: list[str] = []

    def public() -> ResponseReturnValue:
        return caching.public("words", last_modified=CHANGED)

    def plain() -> str:
        return "words"

    def costly() -> ResponseReturnValue:
        etag = caching.etag_of("record", 7)
        if caching.unchanged(etag):
            return caching.not_modified(etag)
        made.append("made")
        return caching.public(f"made {len(made)} times", etag=etag)

    for view in (public, plain, costly):
        app.add_url_rule(f"/{view.__name__}", view.__name__, view)
    return app.test_client()


def test_a_public_page_for_a_visitor(pages: FlaskClient) -> None:
    answer = pages.get("/public")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.last_modified == CHANGED
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" in answer.vary
    again = pages.get("/public", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_the_same_page_for_a_signed_in_reader(pages: FlaskClient, sqlite_runtime: Runtime) -> None:
    etag = pages.get("/public").headers["ETag"]
    sign_in(pages, make_user(sqlite_runtime))
    answer = pages.get("/public", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_what_no_view_made_public_is_kept_by_nobody(pages: FlaskClient) -> None:
    assert pages.get("/plain").headers["Cache-Control"] == "private, no-store"


def test_an_unchanged_page_is_not_made_again(pages: FlaskClient) -> None:
    etag = pages.get("/costly").headers["ETag"]
    assert pages.get("/costly", headers={"If-None-Match": etag}).status_code == 304
    assert pages.get("/costly").text == "made 2 times"


def test_each_language_has_its_own_etag(pages: FlaskClient) -> None:
    assert pages.get("/costly").headers["ETag"] != pages.get("/costly?lang=en").headers["ETag"]


def test_static_files_are_versioned_and_kept_for_ever(client: FlaskClient, app: Flask) -> None:
    with app.test_request_context():
        url = app.url_for("static", filename="site.css")
    answer = client.get(url, buffered=True)
    assert "v=" in url
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
