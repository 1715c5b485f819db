"""How much one address may ask for, and how much one request may carry."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import RequestURITooLarge

from repository.core.settings import Settings
from repository.web.context import runtime
from repository.web.windows import Windows

P = ParamSpec("P")
R = TypeVar("R")
_STREAMS = "streams_body"
WINDOWS = f"{Windows.STORAGE_SCHEME[0]}://"
MAX_ADDRESS = 8_190  # bytes of path and query; RFC 9110, 4.1, asks for 8,000 at least


def _general() -> str:
    return runtime().settings.rate_limit


def sign_in_limit() -> str:
    return runtime().settings.rate_limit_sign_in


limiter = Limiter(
    get_remote_address,
    default_limits=[_general],
    in_memory_fallback_enabled=True,
    headers_enabled=False,
)


@limiter.request_filter
def _operation() -> bool:
    return request.path.startswith(("/health", "/metrics"))


def streams_body(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that reads its body as a stream: a file, up to `max_file_size`.

    Every other request is bounded by `max_request_json` before a byte of it is read.
    """
    setattr(view, _STREAMS, None)
    return view


def takes_files(limit: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view whose form carries files, `limit` bytes at most: they wait on the server's
    disk until all have come, so that less is taken than of a stream.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _STREAMS, limit)
        return view

    return mark


def _allow_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if hasattr(view, _STREAMS):
        limit: int | None = getattr(view, _STREAMS)
        request.max_content_length = limit or runtime().settings.max_file_size


def _refuse_long_addresses() -> None:
    """The web server takes much longer ones (`supervisor`), so that they are answered as all
    errors are.
    """
    if len(request.query_string) + len(quote(request.path)) > MAX_ADDRESS:
        raise RequestURITooLarge


def init_app(app: Flask, settings: Settings) -> None:
    broker = settings.broker_url.get_secret_value()
    app.config.update(
        RATELIMIT_STORAGE_URI=broker if broker.startswith("redis") else WINDOWS,
        MAX_CONTENT_LENGTH=settings.max_request_json,
        MAX_FORM_MEMORY_SIZE=settings.max_request_json,
    )
    limiter.init_app(app)
    app.before_request(_refuse_long_addresses)
    app.before_request(_allow_files)
