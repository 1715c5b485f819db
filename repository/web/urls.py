"""Addresses: absolute ones under the public address, and those it is safe to send a reader to."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, current_app, request
from werkzeug.routing import IntegerConverter, ValidationError

from repository.web.context import runtime

_MAX_INTEGER = 2**63 - 1


def absolute_url(endpoint: str, **values: Any) -> str:
    """The public address of a page, under `base_url` and without a language.

    Never made from the Host header, which whoever asks may set to what they like.
    """
    base = urlsplit(runtime().settings.base_url)
    adapter = current_app.url_map.bind(
        base.netloc, script_name=base.path or "/", url_scheme=base.scheme
    )
    return adapter.build(endpoint, values, force_external=True)


def safe_next(target: str | None, fallback: str) -> str:
    r"""`target` when it is a path on this site, else `fallback`.

    `//host`, `/\host` and control characters are refused: browsers read them as other sites.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return fallback
    if "\\" in target or any(ord(character) < 0x20 for character in target):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target


class DatabaseInteger(IntegerConverter):
    """`<int:...>` of an address, as far as a database counts (64 bits): no larger one names a row,
    and asking for it would be an error of the driver's instead of 404. Longer ones do not match at
    all: refused later, they would be 405 where another method's address is the same.
    """

    regex = r"\d{1,19}"

    def to_python(self, value: str) -> int:
        number = int(super().to_python(value))
        if abs(number) > _MAX_INTEGER:
            raise ValidationError
        return number


@cache
def _digest(path: Path, _modified: int) -> str:
    """Once for each state of a file: a page names half a dozen of them."""
    return sha256(path.read_bytes()).hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Version static files by their content, so that browsers may keep them for ever."""
    app.url_map.converters["int"] = DatabaseInteger
    app.jinja_env.globals.update(absolute_url=absolute_url, here=here)

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            path = Path(app.static_folder or "", values["filename"])
            if path.is_file():
                values["v"] = _digest(path, path.stat().st_mtime_ns)

    @app.after_request
    def keep(response: Any) -> Any:
        if request.endpoint == "static" and "v" in request.args and response.status_code < 400:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def here(**changes: Any) -> str:
    """The present page with some query arguments changed; None takes one out."""
    arguments = {**request.args.to_dict(flat=False), **changes}
    kept = {name: value for name, value in arguments.items() if value is not None}
    path = request.script_root + "/" + quote(request.path.lstrip("/"))
    return f"{path}?{urlencode(kept, doseq=True)}" if kept else path
