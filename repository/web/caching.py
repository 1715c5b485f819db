"""HTTP caching (RFC 9111), in one way for every page.

A view says `public(…)`, and only then may anyone keep its answer; everything else is
`private, no-store`. A reader with a session always gets a page of their own.
"""

from datetime import datetime
from functools import cache
from hashlib import sha256

from flask import Flask, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.http import is_resource_modified
from werkzeug.wrappers import Response

import repository
from repository.core.paths import templates_dir

PAGE_SECONDS = 60
_PUBLIC = "repository.public"


def public(
    answer: ResponseReturnValue,
    *,
    max_age: int = PAGE_SECONDS,
    etag: str | None = None,
    last_modified: datetime | None = None,
) -> Response:
    """Let shared caches keep this answer for `max_age` seconds, and ask again with its ETag.

    Without an `etag` one is made from the body. A conditional request is answered with 304.
    """
    response = make_response(answer)
    setattr(response, _PUBLIC, max_age)
    if etag is not None:
        response.set_etag(etag, weak=True)
    if last_modified is not None:
        response.last_modified = last_modified
    return response


def etag_of(*parts: object) -> str:
    """An ETag for a page made of `parts` (ids, revisions), in this language and release."""
    text = "\0".join(map(str, (*parts, get_locale(), _release())))
    return sha256(text.encode()).hexdigest()[:32]


def unchanged(etag: str) -> bool:
    """Whether a visitor's copy is still right, so that the page need not be made at all."""
    if has_session() or request.method not in ("GET", "HEAD"):
        return False
    return not is_resource_modified(request.environ, etag=etag)


def not_modified(etag: str, *, max_age: int = PAGE_SECONDS) -> Response:
    """The 304 for a copy that `unchanged` found right."""
    response = public("", max_age=max_age, etag=etag)
    response.status_code = 304
    return response


def has_session() -> bool:
    """Whether the reader has a session: signed in, amid a form, or just told something."""
    return bool(session) or session.modified


@cache
def _release() -> str:
    """Changes when a template does: a page kept from before an upgrade is no longer right."""
    newest = max((path.stat().st_mtime_ns for path in templates_dir().rglob("*.*")), default=0)
    return f"{repository.__version__}-{newest}"


def _finish(response: Response) -> Response:
    if "Cache-Control" in response.headers:
        return response
    max_age: int | None = getattr(response, _PUBLIC, None)
    if max_age is None or response.status_code not in (200, 203, 304, 404, 410):
        response.headers["Cache-Control"] = "private, no-store"
        return response
    if has_session():
        response.headers["Cache-Control"] = "private, no-store"
        return response
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    response.vary.update(("Cookie", "Accept-Encoding"))
    if response.status_code == 200:
        if not response.is_streamed and not response.get_etag()[0]:
            response.set_etag(sha256(response.get_data()).hexdigest()[:32], weak=True)
        response.make_conditional(request.environ)
    return response


def init_app(app: Flask) -> None:
    app.after_request(_finish)
