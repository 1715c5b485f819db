"""Errors as programs see them: the Problem Details of RFC 9457, and a page explaining each type."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from repository.core import errors
from repository.core.errors import FieldError, RepositoryError
from repository.core.messages import N_
from repository.web.caching import public
from repository.web.context import runtime
from repository.web.messages import translate
from repository.web.urls import absolute_url

blueprint = Blueprint("problems", __name__)


class BadRequest(RepositoryError):
    status = 400
    code = "bad-request"
    title = N_("The request was not understood")
    message = N_("Something in the address or the data sent is not as it should be.")


class FormExpired(RepositoryError):
    status = 400
    code = "form-expired"
    title = N_("The form has expired")
    message = N_(
        "For your safety a form only counts for some hours and one sign-in. "
        "Go back, reload the page and send again; what you typed is still in the form."
    )


class MethodNotAllowed(RepositoryError):
    status = 405
    code = "method-not-allowed"
    title = N_("Not possible here")
    message = N_(
        "This address does not answer to this method; the Allow header names those it does."
    )


class NotAcceptable(RepositoryError):
    status = 406
    code = "not-acceptable"
    title = N_("Not available in that form")
    message = N_("None of the formats asked for in the Accept header can be given here.")


class BodyTooLarge(RepositoryError):
    status = 413
    code = "body-too-large"
    title = errors.TooLarge.title
    message = N_("More was sent than is accepted here.")


class AddressTooLong(RepositoryError):
    status = 414
    code = "address-too-long"
    title = N_("The address is too long")
    message = N_("Ask for less at once: shorten the search, or choose fewer values.")


class UnsupportedMediaType(RepositoryError):
    status = 415
    code = "unsupported-media-type"
    title = N_("Not readable here")
    message = N_("Send the data with the Content-Type that the documentation names.")


_FROM_HTTP: dict[int, type[RepositoryError]] = {
    400: BadRequest,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    409: errors.Conflict,
    410: errors.Gone,
    412: errors.PreconditionFailed,
    413: BodyTooLarge,
    414: AddressTooLong,
    415: UnsupportedMediaType,
    416: errors.RangeNotSatisfiable,
    429: errors.RateLimited,
    503: errors.Unavailable,
}


@dataclass(frozen=True)
class Problem:
    """An error in the reader's language, ready for a page or for JSON."""

    status: int
    code: str
    title: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    retry_after: int | None = None
    way: str = ""  # the path of a page where a way in may be found
    rel: str = "help"
    told: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """RFC 9457 section 3, with `errors` as in its appendix A, `help`: where to ask, and what
        else an error tells programs.
        """
        body: dict[str, Any] = {
            "type": absolute_url("problems.explain", code=self.code),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.way:
            body["help"] = self.way_url
        body |= {name: _whole(value) for name, value in self.told.items()}
        return {**body, "errors": self.errors} if self.errors else body

    @property
    def way_url(self) -> str:
        return _whole(self.way)


def _whole(path: str) -> str:
    return f"{runtime().settings.base_url}{path}" if path.startswith("/") else path


def of(error: RepositoryError) -> Problem:
    refused = error if isinstance(error, errors.Forbidden) else errors.Forbidden()
    return Problem(
        status=error.status,
        code=error.code,
        title=translate(error.title, {}),
        detail=translate(error.message, error.params),
        errors=[_field(wrong) for wrong in error.errors],
        retry_after=error.retry_after,
        way=refused.way,
        rel=refused.rel,
        told=refused.told,
    )


def of_http(error: HTTPException) -> Problem:
    """Werkzeug's own exceptions; their English descriptions are not shown, they may tell of us."""
    if isinstance(error, CSRFError):
        return of(FormExpired())
    status = error.code or 500
    kind = _FROM_HTTP.get(status, BadRequest if status < 500 else RepositoryError)
    problem = of(kind())
    retry_after = getattr(error, "retry_after", None)
    return Problem(
        status,
        problem.code,
        problem.title,
        problem.detail,
        retry_after=retry_after if isinstance(retry_after, int) else None,
    )


def _field(wrong: FieldError) -> dict[str, str]:
    return {"pointer": wrong.pointer, "detail": translate(wrong.message, wrong.params)}


def kinds(of: type[RepositoryError] = RepositoryError) -> Iterator[type[RepositoryError]]:
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


@blueprint.get("/problems/<code>")
def explain(code: str) -> Response:
    """What a problem `type` means, for the person who follows its address."""
    kind = next((kind for kind in kinds() if kind.code == code), None)
    if kind is None:
        raise errors.NotFound
    return public(render_template("errors/explain.html", kind=kind), max_age=3600)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
