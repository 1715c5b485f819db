"""How CKAN's action API is called and answers: parameters, the JSON envelope, errors.

https://docs.ckan.org/en/2.11/api/: GET or POST; parameters in the query, a form or a JSON object.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, jsonify, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from repository.accounts import tokens
from repository.accounts.identities import actor_of
from repository.accounts.identity import current_actor
from repository.accounts.models import Actor
from repository.core.errors import NotFound, Unauthenticated
from repository.core.messages import N_
from repository.web import caching
from repository.web.context import reading
from repository.web.cors import readable_elsewhere
from repository.web.security import has_bearer
from repository.web.urls import absolute_url

Parameters = dict[str, Any]
Action = Callable[[Parameters], Any]
blueprint = Blueprint("ckan", __name__, url_prefix="/api")
ACTIONS: dict[str, Action] = {}
MAX_NUMBER = 1_000_000
PUBLIC_SECONDS = 60


class Refused(Exception):
    """An error in CKAN's words; `told` are the error's other members."""

    def __init__(self, status: int, kind: str, **told: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.body = {"__type": kind, **told}


def not_found() -> Refused:
    return Refused(404, "Not Found Error", message="Not found")


def invalid(name: str, reason: str) -> Refused:
    return Refused(409, "Validation Error", **{name: [reason]})


def action(function: Action) -> Action:
    """Offer a function as the action of its name; its docstring is what `help_show` says."""
    ACTIONS[function.__name__] = function
    return function


@blueprint.before_request
def _read_key() -> None:
    """CKAN's clients send a token bare, as `Authorization` or `X-CKAN-API-Key`."""
    key = request.headers.get("Authorization") or request.headers.get("X-CKAN-API-Key")
    if key and not has_bearer():
        token = tokens.authenticate_token(reading(), key.strip())
        if token is None:
            raise Unauthenticated(N_("This token is not known here, was revoked, or has expired."))
        g.actor = actor_of(reading(), token.user, frozenset(token.scopes))
        g.ckan_key = True


@blueprint.get("/3")
@blueprint.get("/3/")
def version() -> Response:
    return jsonify({"version": 3})


@blueprint.route("/3/action/<action_name>", methods=["GET", "POST"])
@blueprint.route("/action/<action_name>", methods=["GET", "POST"])
def call(action_name: str) -> Response:
    """Run an action. Always JSON, in CKAN's envelope; only what the reader may see."""
    help_url = absolute_url("ckan.call", action_name="help_show") + f"?name={action_name}"
    if action_name not in ACTIONS:
        return _answer(f"Bad request - Action name not known: {action_name}", 400)
    try:
        result = ACTIONS[action_name](_parameters())
    except Refused as error:
        return _answer({"help": help_url, "success": False, "error": error.body}, error.status)
    except NotFound:
        body = {"help": help_url, "success": False, "error": not_found().body}
        return _answer(body, 404)
    return _answer({"help": help_url, "success": True, "result": result}, 200)


@blueprint.errorhandler(Unauthenticated)
def _unknown_token(_error: Unauthenticated) -> Response:
    error = {"__type": "Authorization Error", "message": "Access denied"}
    return _answer({"success": False, "error": error}, 403)


def _answer(body: Any, status: int) -> Response:
    response: Response = jsonify(body)
    response.status_code = status
    if status == 200 and request.method == "GET" and not has_bearer() and "ckan_key" not in g:
        response = caching.public(response, max_age=PUBLIC_SECONDS)
    response.vary.update(("Authorization", "X-CKAN-API-Key"))
    return readable_elsewhere(response)


def _parameters() -> Parameters:
    """Those of the query, then those of the body, which win; repeated ones as lists."""
    found: Parameters = {}
    for source in (request.args, request.form):
        for name, values in source.lists():
            found[name] = values if len(values) > 1 else values[0]
    if request.mimetype == "application/json" or (request.data and not request.form):
        try:
            body = json.loads(request.get_data() or b"{}")
        except (ValueError, RecursionError) as error:
            raise BadRequest from error
        if not isinstance(body, dict):
            raise BadRequest
        found |= body
    return found


def text(parameters: Parameters, *names: str) -> str:
    """The first parameter of these names that there is. Raises Refused where none is."""
    for name in names:
        if parameters.get(name) not in (None, ""):
            return str(parameters[name])
    raise invalid(names[0], "Missing value")


def number(parameters: Parameters, name: str, default: int, maximum: int = MAX_NUMBER) -> int:
    """A whole number from 0, cut at `maximum` as CKAN does."""
    value = parameters.get(name)
    if value in (None, ""):
        return default
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise invalid(name, "Invalid integer" if value is not None else "Missing value")
    return min(int(str(value)[:10]), maximum)


def flag(parameters: Parameters, name: str, *, default: bool = False) -> bool:
    value = parameters.get(name, default)
    return str(value).lower() in ("true", "1", "yes", "on", "t")


def listed(parameters: Parameters, name: str) -> list[str]:
    """A list: repeated, as JSON, or one word."""
    value = parameters.get(name)
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise invalid(name, "Must be a list") from error
    if isinstance(value, str):
        return [value] if value else []
    return [str(each) for each in value or ()]


def actor() -> Actor:
    return current_actor()
