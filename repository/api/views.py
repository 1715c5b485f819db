"""Puts the API together: operations, the OpenAPI description, pages to read it."""

from typing import Any

from apiflask import APIFlask
from flask import Response, current_app, jsonify, render_template
from werkzeug.wrappers import Response as BaseResponse

from repository import __version__
from repository.api import (
    access_requests,
    bulk,
    communities,
    draft_files,
    drafts,
    grants,
    importing,
    intakes,
    links,
    listing,
    notifications,
    owners,
    quality,
    records,
    requests,
    tables,
    terms,
    usage,
    vocabularies,
)
from repository.api.blueprint import BYTES, blueprint
from repository.api.ckan import actions  # noqa: F401 - registers the actions
from repository.api.ckan.envelope import blueprint as ckan
from repository.web.caching import public

OPERATIONS = (
    drafts,
    draft_files,
    importing,
    intakes,
    listing,
    records,
    grants,
    links,
    owners,
    terms,
    notifications,
    tables,
    communities,
    requests,
    access_requests,
    usage,
    quality,
    vocabularies,
    bulk,
)
DESCRIPTION = """Deposit, read and search, in the shapes of InvenioRDM's REST API v1.

Send `Authorization: Bearer TOKEN`; make a token in your profile. POST requests may carry an
`Idempotency-Key`. Errors are `application/problem+json` (RFC 9457) with a JSON pointer to each
wrong value. `Accept-Language` chooses between Vietnamese and English."""


@blueprint.get("/docs")
@blueprint.doc(hide=True)
def docs() -> BaseResponse:
    return public(render_template("api/docs.html", spec=_spec()), max_age=300)


def init_app(app: APIFlask) -> None:
    """Register the operations and describe them as OpenAPI 3.1 at `/api/openapi.json`."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        DESCRIPTION=DESCRIPTION,
        AUTO_OPERATION_ID=True,
        AUTO_404_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        SPEC_FORMAT="json",
        SYNC_LOCAL_SPEC=False,
        SECURITY_SCHEMES={"bearer": {"type": "http", "scheme": "bearer"}},
    )
    app.title, app.version = "Research data repository", __version__
    app.register_blueprint(ckan)
    for pages in app.blueprints.values():  # plain ones, of which APIFlask asks it all the same
        vars(pages).setdefault("enable_openapi", False)
    app.register_blueprint(blueprint)
    app.spec_processor(_complete)  # type: ignore[arg-type]  # the same


def _complete(spec: dict[str, Any]) -> dict[str, Any]:
    """What decorators cannot say: bodies that are bytes, and their answers."""
    for path, operations in spec["paths"].items():
        archive = path.endswith("/files-archive")
        if archive or path.endswith(("/content", "/content/{part}")):
            content = {"application/zip" if archive else "application/octet-stream": BYTES}
            if "put" in operations:
                operations["put"]["requestBody"] = {"required": True, "content": content}
            if "get" in operations:
                operations["get"]["responses"]["200"]["content"] = content
    return spec


@blueprint.get("/openapi.json")
@blueprint.doc(hide=True)
def openapi() -> Response:
    return jsonify(_spec())


def _spec() -> dict[str, Any]:
    app: APIFlask = current_app  # type: ignore[assignment]  # `create_app` makes no other
    spec: dict[str, Any] = app.spec  # type: ignore[assignment]  # a dict, as SPEC_FORMAT says
    return spec
