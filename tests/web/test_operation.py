"""What operators look at: health, metrics, and the log."""

import io
import json
import logging
import shutil
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from repository.core.runtime import Runtime
from repository.web import logging as web_logging


def test_alive(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "ok"}


def test_ready(client: FlaskClient) -> None:
    answer = client.get("/health/ready")
    assert answer.json == {"status": "ok", "parts": {"database": "ok", "store": "ok"}}
    assert "Set-Cookie" not in answer.headers


def test_not_ready_without_its_store(
    client: FlaskClient, sqlite_runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    files = sqlite_runtime.settings.data_dir / "files"
    shutil.rmtree(files)
    files.write_text("not a folder")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["parts"] == {"database": "ok", "store": "unavailable"}


def test_metrics_count_requests_and_jobs(client: FlaskClient, sqlite_runtime: Runtime) -> None:
    client.get("/account/sign-in")
    with sqlite_runtime.work() as work:
        work.enqueue("test.nothing", "test.nothing:1", {})
    text = client.get("/metrics").text
    assert 'endpoint="accounts.sign_in",method="GET",status="200"' in text
    assert 'repository_jobs{state="queued"} 1.0' in text


@pytest.fixture
def logged(sqlite_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    web_logging.configure(sqlite_runtime.settings)
    yield stream
    root.handlers, root.level = before, level
    structlog.reset_defaults()


def lines(logged: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in logged.getvalue().splitlines()]


def test_log_lines_are_json_with_the_request(logged: io.StringIO, app: Flask) -> None:
    answer = app.test_client().get(
        "/account/sign-in?token=do-not-log-me", headers={"X-Request-ID": "proxy-0123456789"}
    )
    assert answer.headers["X-Request-ID"] == "proxy-0123456789"
    [line] = [line for line in lines(logged) if line["event"] == "request"]
    assert line["request_id"] == "proxy-0123456789"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/account/sign-in", 200)
    assert "do-not-log-me" not in logged.getvalue()


def test_secrets_are_taken_out_of_log_lines(logged: io.StringIO) -> None:
    structlog.get_logger("test").info(
        "event", password="p4ss", s3_secret_key="s3cr3t", Authorization="Bearer x1", size=3
    )
    [line] = lines(logged)
    assert line["size"] == 3
    assert all(secret not in logged.getvalue() for secret in ("p4ss", "s3cr3t", "x1"))


def test_a_bug_is_logged_with_the_id_that_the_page_shows(logged: io.StringIO, app: Flask) -> None:
    def bug() -> str:
        raise RuntimeError("a bug")

    app.add_url_rule("/bug", "bug", bug)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/bug")
    failed = [line for line in lines(logged) if "a bug" in str(line.get("exception"))]
    assert [line["request_id"] for line in failed] == [answer.headers["X-Request-ID"]]


@pytest.mark.parametrize("given", ["short", "with space 0123", "x" * 65, "new\\nline-0123"])
def test_a_request_id_that_could_forge_a_log_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/health/live", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
