"""`/oai2d` over HTTP: GET and POST, caching, compression, and a limit to harvests at a time."""

import gzip
import threading
from dataclasses import dataclass

from flask import Flask, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from repository.core.errors import Unavailable
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.oai import catalogue, operator, resourcesync_views, set_views, shell, verbs
from repository.oai.arguments import Arguments, read
from repository.oai.errors import BadArgument, BadVerb, OaiError
from repository.oai.harvesters import Client, Observer
from repository.oai.verbs import Answer
from repository.web.caching import public
from repository.web.context import runtime
from repository.web.limits import limiter

WAIT_SECONDS = 5
RETRY_SECONDS = 10
PAGE_SECONDS = 300
GZIP_FROM = 1000
BUSY = N_("Too many harvests are under way. Send the same request again a little later.")
_EXTENSION = "repository.oai"


@dataclass(frozen=True)
class _Parts:
    places: threading.BoundedSemaphore
    observer: Observer


def init_app(app: Flask) -> None:
    with app.app_context():
        parts = runtime()
    settings = parts.settings
    shell.init_app(app, settings, respond)
    app.extensions[_EXTENSION] = _Parts(
        threading.BoundedSemaphore(settings.oai_concurrency), Observer(parts)
    )
    limiter.exempt(respond)
    app.register_blueprint(operator.blueprint)
    app.register_blueprint(set_views.blueprint)
    app.register_blueprint(resourcesync_views.blueprint)
    app.register_blueprint(catalogue.blueprint)


def observer() -> Observer:
    return _parts().observer


def _parts() -> _Parts:
    parts: _Parts = current_app.extensions[_EXTENSION]
    return parts


def respond() -> ResponseReturnValue:
    """The endpoint. Harvests beyond `oai_concurrency` at a time wait a little and are then told
    to come back: they never take all the threads that readers need.
    """
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    if all(name == "lang" for name, _ in pairs) and _is_browser():
        return _about()
    places = _parts().places
    if not places.acquire(timeout=WAIT_SECONDS):
        raise Unavailable(BUSY, retry_after=RETRY_SECONDS)
    try:
        return _answer(pairs)
    finally:
        places.release()


def _is_browser() -> bool:
    return request.accept_mimetypes.quality("text/html") > request.accept_mimetypes["text/xml"]


def _about() -> Response:
    """For a person who followed the address: what it is for, in HTML."""
    settings = runtime().settings
    page = render_template(
        "oai/about.html", base_url=shell.base_url(settings), page_size=settings.oai_page_size
    )
    response = public(page)
    response.vary.add("Accept")
    return response


def _answer(pairs: list[tuple[str, str]]) -> Response:
    arguments: Arguments | None = None
    try:
        arguments = read(pairs)
        answer = verbs.answer(arguments)
    except OaiError as wrong:
        return _refuse(arguments, wrong)
    if answer.page is not None and answer.selection is not None:
        observer().page(_client(), answer.selection, answer.page)
    return _xml(answer.body, _caching(answer), answer.etag)


def _caching(answer: Answer) -> str:
    """A page that a token leads to says the same for as long as its items do not change, and one
    that has changed since is met again further on; so caches may keep it. The first page and the
    last must be asked for each time: there new items show.
    """
    page = answer.page
    lasting = page is not None and page.cursor and page.following is not None
    return f"public, max-age={PAGE_SECONDS}" if lasting else "public, no-cache"


def _refuse(arguments: Arguments | None, wrong: OaiError) -> Response:
    raw = arguments.raw if arguments else {}
    observer().error(_client(), raw.get("metadataPrefix", ""), raw.get("set", ""), wrong)
    echoed = None if isinstance(wrong, BadVerb | BadArgument) else arguments
    body = shell.error(runtime().settings, runtime().clock.now(), echoed, wrong)
    return _xml(body, "no-cache", None)


def _xml(body: bytes, caching: str, etag: str | None) -> Response:
    response = make_response(body)
    response.content_type = "text/xml; charset=utf-8"
    response.headers["Cache-Control"] = caching
    response.headers["Link"] = _dumps(runtime().settings)
    response.vary.add("Accept-Encoding")
    if etag is not None:
        response.set_etag(etag, weak=True)
        response.make_conditional(request.environ)
    if response.status_code == 200 and len(body) >= GZIP_FROM and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(body, compresslevel=1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _dumps(settings: Settings) -> str:
    """For those who want everything: the nightly dumps need no crawling."""
    return f'<{settings.base_url}/dumps/manifest.json>; rel="alternate"; type="application/json"'


def _client() -> Client:
    return Client.of(request.user_agent.string, request.remote_addr or "")
