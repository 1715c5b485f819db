"""Metadata that scripts of other sites may read."""

from werkzeug.wrappers import Response

EXPOSED = "Link, Content-Location, ETag, Last-Modified, Location"


def readable_elsewhere(response: Response) -> Response:
    """Let any site's script read this answer, and the headers that FAIR clients follow.

    Only as a stranger: browsers send no cookie along where the answer allows every origin
    (Fetch standard, section 3.3), so that nothing a session opens can leak.
    """
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    return response
