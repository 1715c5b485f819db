"""The API's blueprint, and how an operation says what it takes and answers."""

from collections.abc import Callable
from typing import Any, TypeVar

from apiflask import APIBlueprint
from pydantic import BaseModel

from repository.api.schemas import Problem

View = TypeVar("View", bound=Callable[..., Any])

blueprint = APIBlueprint("api", __name__, url_prefix="/api", tag="records")
MEANINGS = {
    200: "Done",
    201: "Made",
    202: "Accepted, and public at once; what follows from it is under way",
    204: "Done; nothing to tell",
    206: "Part of the file",
    301: "Elsewhere",
    304: "Not changed since",
    400: "The request, or values in it, are wrong",
    401: "No or no valid token",
    403: "The token may not do this",
    404: "Not there, or not for this user",
    406: "Not available in that form",
    409: "In conflict with what is there",
    410: "Withdrawn",
    412: "Saved by someone else meanwhile",
    413: "Too large",
    415: "Not JSON",
    416: "No such range",
    429: "Too many requests",
    507: "No space left",
}
EVERYWHERE = (400, 401, 404, 406, 429)
BYTES = {"schema": {"type": "string", "format": "binary"}}


def answers(
    status: int,
    model: type[BaseModel] | None,
    *others: int,
    summary: str,
    bearer: bool = True,
    made: bool = False,
) -> Callable[[View], View]:
    """Describe an operation: its good answer, its problems, and whether it needs a token. What any
    JSON body may be refused for is told of every operation that takes one. `made`: it answers the
    same with 201 where that was not there before.
    """

    def describe(view: View) -> View:
        with_body = (413, 415) if "body" in view.__dict__.get("_spec", {}) else ()
        good = (status, 201) if made else (status,)
        return _described(good, model, (*others, *with_body), summary, bearer)(view)

    return describe


def _described(
    good: tuple[int, ...],
    model: type[BaseModel] | None,
    others: tuple[int, ...],
    summary: str,
    bearer: bool,
) -> Callable[[View], View]:
    responses: dict[int, Any] = {status: {"description": MEANINGS[status]} for status in good}
    if model is not None:
        for status in good:
            responses[status]["content"] = {"application/json": {"schema": model}}
    for other in sorted({*EVERYWHERE, *others}):
        responses[other] = {
            "description": MEANINGS[other],
            "content": {"application/problem+json": {"schema": Problem}},
        }
    return blueprint.doc(
        summary=summary, responses=responses, security="bearer" if bearer else None
    )


def json_body(model: type[BaseModel]) -> Callable[[View], View]:
    """Describe an operation's JSON body. `inputs` reads it: APIFlask's own reading would answer in
    English, without pointers, whatever the reader's language.
    """

    def describe(view: View) -> View:
        spec = view.__dict__.setdefault("_spec", {})
        spec.update(body=model, body_example=None, body_examples=None)
        spec["content_type"] = "application/json"
        return view

    return describe


def query(model: type[BaseModel]) -> Callable[[View], View]:
    """Describe an operation's query parameters; read where every list's paging is read."""

    def describe(view: View) -> View:
        view.__dict__.setdefault("_spec", {}).setdefault("args", []).append((model, "query"))
        return view

    return describe
