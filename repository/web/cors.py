"""Metadata that scripts of other sites may read."""

from flask import Flask, request
from werkzeug.wrappers import Response

READ = ("GET", "HEAD")
ASKED = "Accept, Accept-Language, If-Modified-Since, If-None-Match, Range"
EXPOSED = "Link, Content-Location, ETag, Last-Modified, Location"


def readable_elsewhere(response: Response) -> Response:
    """Let any site's script read this answer, and the headers that FAIR clients follow.

    Only as a stranger: browsers send no cookie along where the answer allows every origin
    (Fetch standard, section 3.3), so that nothing a session opens can leak.
    """
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    return response


def _preflight(response: Response) -> Response:
    """Tell a browser that it may ask, for an Accept with a profile or an If-None-Match; whether a
    script may read the answer, the answer says (Fetch standard, section 3.2.2).
    """
    if request.method == "OPTIONS" and request.headers.get("Access-Control-Request-Method") in READ:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = ", ".join(READ)
        response.headers["Access-Control-Allow-Headers"] = ASKED
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def init_app(app: Flask) -> None:
    app.after_request(_preflight)
