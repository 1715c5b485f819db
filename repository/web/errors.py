"""Every error's way out: a page for people, `application/problem+json` for programs."""

import structlog
from flask import Flask, g, jsonify, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from repository.core.db import is_full
from repository.core.errors import InsufficientStorage, RepositoryError, Unavailable
from repository.web import problems
from repository.web.negotiation import MACHINE_PATHS, OAI, wants_problem
from repository.web.problems import Problem
from storage.base import StorageError, StoreFull

log = structlog.get_logger(__name__)
RETRY_SECONDS = 30
LAST_RESORT = (
    "<!doctype html><meta charset=utf-8><title>503</title>"
    "<p lang=vi>Hệ thống đang gặp sự cố. Vui lòng thử lại sau.</p>"
    "<p lang=en>The service has a fault just now. Please try again later.</p>"
)


def answer(problem: Problem) -> Response:
    """The response for a problem, in the form that the request wants."""
    if request.path.startswith(OAI):
        response = make_response(f"{problem.title}. {problem.detail}\n")
        response.content_type = "text/plain; charset=utf-8"
    elif wants_problem():
        response = jsonify(problem.as_json())
        response.content_type = "application/problem+json"
    else:
        response = make_response(_page(problem))
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    if problem.way:  # RFC 8288, of registered relations
        response.headers["Link"] = f'<{problem.way_url}>; rel="{problem.rel}"'
    if problem.status in (429, 503):
        response.headers["Retry-After"] = str(problem.retry_after or RETRY_SECONDS)
    if not request.path.startswith(MACHINE_PATHS):
        response.vary.add("Accept")
    return response


def _page(problem: Problem) -> str:
    try:
        return render_template("errors/problem.html", problem=problem, request_id=g.request_id)
    except Exception:
        log.exception("the error page itself failed")
        return LAST_RESORT


def _known(error: RepositoryError) -> Response:
    if error.status >= 500:
        log.error("request failed", exc_info=error)
    return answer(problems.of(error))


def _http(error: HTTPException) -> Response:
    if error.code is not None and 300 <= error.code < 400:
        return error.get_response()
    response = answer(problems.of_http(error))
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _unexpected(_error: InternalServerError) -> Response:
    """Flask has logged what happened, with the request's id, before it comes here."""
    return answer(problems.of(RepositoryError()))


def _database(error: OperationalError) -> Response:
    full = is_full(error)
    return _known_as(
        InsufficientStorage() if full else Unavailable(retry_after=RETRY_SECONDS), error
    )


def _store(error: StorageError) -> Response:
    full = isinstance(error, StoreFull)
    return _known_as(InsufficientStorage() if full else Unavailable(), error)


def _known_as(known: RepositoryError, cause: Exception) -> Response:
    known.__cause__ = cause
    return _known(known)


def init_app(app: Flask) -> None:
    app.register_error_handler(RepositoryError, _known)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(StorageError, _store)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _unexpected)
