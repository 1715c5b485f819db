"""The web application in tests: over a fresh SQLite repository, without a socket."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from repository.accounts import services
from repository.accounts.models import Role, User
from repository.app import create_app
from repository.core.runtime import Runtime
from repository.web.limits import limiter

PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def app(sqlite_runtime: Runtime) -> Iterator[Flask]:
    """Exceptions that nobody answers for reach the test."""
    app = create_app(sqlite_runtime)
    app.testing = True
    yield app
    limiter.reset()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor."""
    return app.test_client()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application on a loopback port, for browsers and clients; its address."""
    with serving(app) as address:
        yield address


@contextmanager
def serving(app: Callable[..., Any]) -> Iterator[str]:
    """A WSGI application on a loopback port; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _QuietHandler(WSGIRequestHandler):
    """The application logs requests itself."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 theirs
        return


def make_user(
    runtime: Runtime, email: str = "lan@example.org", role: Role = Role.RESEARCHER
) -> User:
    with runtime.work() as work:
        return services.create_user(
            work, email=email, password=PASSWORD, name="Nguyễn Thị Lan", role=role
        )


def send_form(client: FlaskClient, url: str, **fields: object) -> TestResponse:
    """Fill in the form of a page and send it, as a browser would: with the page's CSRF token."""
    page = client.get(url)
    found = TOKEN.search(page.text)
    assert found, f"{url} has no form: {page.status}"
    return client.post(url, data={"csrf_token": found[1], **fields})


def sign_in(client: FlaskClient, user: User, password: str = PASSWORD) -> TestResponse:
    answer = send_form(client, "/account/sign-in", email=user.email, password=password)
    assert answer.status_code == 302, answer.text
    return answer
