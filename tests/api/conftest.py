"""A depositor with a token, and the calls they make."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.accounts.models import Scope, User
from repository.accounts.tokens import create_token
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from tests.webapp import make_user

METADATA: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "title": "Nhiệt độ Hà Nội",
    "additional_titles": [
        {
            "title": "Temperature in Ha Noi",
            "type": {"id": "translated-title"},
            "lang": {"id": "eng"},
        }
    ],
    "publication_date": "2026-11-23",
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Nguyễn",
                "given_name": "Minh An",
            }
        }
    ],
}


def make_token(runtime: Runtime, user: User, *scopes: str) -> str:
    with runtime.work() as work:
        chosen = scopes or tuple(scope.value for scope in Scope)
        return create_token(work, user, name="test", scopes=list(chosen))[1]


@dataclass
class Api:
    """Calls with a bearer token; bodies and answers are JSON."""

    client: FlaskClient
    runtime: Runtime
    token: str | None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response, whose `json` is there when the test expects it to be."""
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = {"data": body} if isinstance(body, bytes) else {"json": body}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(
            f"/api{path}", method=method, headers=named, **(sent if body is not None else {})
        )

    def download(self, path: str) -> bytes:
        with self.call("GET", path) as answer:
            assert answer.status_code == 200, answer.text
            return bytes(answer.data)

    def draft(self, metadata: dict[str, Any] = METADATA, **more: Any) -> str:
        answer = self.call("POST", "/records", {"metadata": metadata, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def add_file(self, record: str, key: str = "hà nội.csv", data: bytes = b"a,b\n1,2\n") -> None:
        files = f"/records/{record}/draft/files"
        assert self.call("POST", files, [{"key": key}]).status_code == 201
        assert self.call("PUT", f"{files}/{key}/content", data).status_code == 200
        assert self.call("POST", f"{files}/{key}/commit").status_code == 200

    def publish(self, record: str) -> Any:
        answer = self.call("POST", f"/records/{record}/draft/actions/publish")
        assert answer.status_code == 202, answer.text
        run_until_idle(self.runtime)
        return answer

    def published(self, **more: Any) -> str:
        record = self.draft(**more)
        self.add_file(record)
        self.publish(record)
        return record


@pytest.fixture
def api(app: Flask, sqlite_runtime: Runtime) -> Api:
    """A researcher's."""
    token = make_token(sqlite_runtime, make_user(sqlite_runtime))
    return Api(app.test_client(use_cookies=False), sqlite_runtime, token)


@pytest.fixture
def stranger(app: Flask, sqlite_runtime: Runtime) -> Api:
    """Another researcher's."""
    user = make_user(sqlite_runtime, email="stranger@example.org")
    return Api(app.test_client(use_cookies=False), sqlite_runtime, make_token(sqlite_runtime, user))


@pytest.fixture
def nobody(app: Flask, sqlite_runtime: Runtime) -> Api:
    return Api(app.test_client(use_cookies=False), sqlite_runtime, None)
