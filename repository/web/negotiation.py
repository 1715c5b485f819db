"""What kind of answer a request wants: a page, a part of a page, or data."""

from flask import after_this_request, request
from werkzeug.wrappers import Response

API = "/api"
OAI = "/oai2d"
MACHINE_PATHS = (API, OAI, "/static", "/health", "/metrics", "/.well-known")


def is_api() -> bool:
    """Whether the request is to the REST API, where a bearer token counts."""
    return _under(request.path, API)


def is_machine(path: str) -> bool:
    """Whether a path is for programs: no language in its links, no session behind it (but API)."""
    return any(_under(path, prefix) for prefix in MACHINE_PATHS)


def wants_problem() -> bool:
    """Whether an error should be `application/problem+json` rather than a page."""
    if is_api():
        return True
    offered = ["text/html", "application/problem+json", "application/json"]
    return request.accept_mimetypes.best_match(offered, default="text/html") != "text/html"


def wants_fragment() -> bool:
    """Whether htmx asks, so that a part of the page is enough; tells caches that it matters."""

    @after_this_request
    def vary(response: Response) -> Response:
        response.vary.add("HX-Request")
        return response

    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def _under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")
