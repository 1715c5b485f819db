"""How much one address may ask for, and how much one request may carry."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from repository.core.settings import Settings
from repository.web.context import runtime

P = ParamSpec("P")
R = TypeVar("R")
_STREAMS = "streams_body"


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


def init_app(app: Flask, settings: Settings) -> None:
    broker = settings.broker_url.get_secret_value()
    app.config.update(
        RATELIMIT_STORAGE_URI=broker if broker.startswith("redis") else "memory://",
        MAX_CONTENT_LENGTH=settings.max_request_json,
        MAX_FORM_MEMORY_SIZE=settings.max_request_json,
    )
    limiter.init_app(app)
    app.before_request(_allow_files)
