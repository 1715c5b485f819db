"""Every error has one shape: a page for people, problem+json for programs."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from repository.core.errors import FieldError, RateLimited, ValidationFailed
from storage.base import StorageError, StoreFull

PROBLEM = "application/problem+json"


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    """An application with views that fail, each in its way."""
    failures: dict[str, Exception] = {
        "invalid": ValidationFailed(
            errors=[FieldError("/titles/0", "Use at most %(count)s characters.", {"count": 9})]
        ),
        "limited": RateLimited(retry_after=17),
        "database": OperationalError("SELECT secret", {}, Exception("no connection to db-7")),
        "store": StorageError("bucket internal-3 is away"),
        "full": StoreFull("disk"),
        "bug": RuntimeError("a secret in the traceback"),
    }

    def fail(kind: str) -> str:
        raise failures[kind]

    app.add_url_rule("/fail/<kind>", "fail", fail, methods=["GET", "POST"])
    app.add_url_rule("/api/fail/<kind>", "api_fail", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


def test_a_page_for_people_in_their_language(client: FlaskClient) -> None:
    vietnamese, english = client.get("/nowhere"), client.get("/nowhere?lang=en")
    assert vietnamese.status_code == english.status_code == 404
    assert vietnamese.mimetype == "text/html"
    assert "<h1>Không tìm thấy</h1>" in vietnamese.text
    assert "<h1>Not found</h1>" in english.text
    assert vietnamese.headers["Cache-Control"] == "no-store"


def test_a_problem_for_programs(failing: FlaskClient) -> None:
    answer = failing.get("/api/fail/invalid?lang=en")
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert answer.json == {
        "type": "http://repository.test/problems/validation-failed",
        "title": "Some values need attention",
        "status": 400,
        "detail": "Correct the values named below and send again.",
        "errors": [{"pointer": "/titles/0", "detail": "Use at most 9 characters."}],
    }


@pytest.mark.parametrize("accept", ["application/json", PROBLEM])
def test_accept_chooses_on_pages(client: FlaskClient, accept: str) -> None:
    answer = client.get("/nowhere", headers={"Accept": accept})
    assert answer.mimetype == PROBLEM
    assert "Accept" in answer.headers["Vary"]


def test_the_api_speaks_the_language_that_the_program_accepts(client: FlaskClient) -> None:
    for language, title in (("en", "Not found"), ("vi", "Không tìm thấy")):
        answer = client.get("/api/nowhere", headers={"Accept-Language": language})
        assert answer.json is not None
        assert answer.json["title"] == title
        assert "Accept-Language" in answer.headers["Vary"]


def test_the_harvesting_address_gives_neither_page_nor_json(client: FlaskClient) -> None:
    assert client.get("/oai2d/nowhere").mimetype == "text/plain"


@pytest.mark.parametrize(
    ("kind", "status", "wait"),
    [("limited", 429, "17"), ("database", 503, "30"), ("store", 503, "30"), ("full", 507, None)],
)
def test_statuses_and_when_to_come_back(
    failing: FlaskClient, kind: str, status: int, wait: str | None
) -> None:
    answer = failing.get(f"/fail/{kind}")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == wait


@pytest.mark.parametrize("kind", ["bug", "database", "store"])
@pytest.mark.parametrize("path", ["/fail", "/api/fail"])
def test_internals_are_logged_and_not_shown(
    failing: FlaskClient, kind: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = failing.get(f"{path}/{kind}")
    assert answer.status_code >= 500
    for word in ("secret", "SELECT", "db-7", "internal-3", "Traceback"):
        assert word not in answer.text
    if path == "/fail":
        assert answer.headers["X-Request-ID"] in answer.text


def test_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.get("/account/sign-out", headers={"Accept": "application/json"})
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_every_problem_type_is_explained(client: FlaskClient) -> None:
    from repository.web.problems import kinds

    for kind in kinds():
        page = client.get(f"/problems/{kind.code}")
        assert page.status_code == 200, kind
        assert kind.code in page.text
    assert client.get("/problems/no-such-thing").status_code == 404


def test_an_error_page_that_fails_still_answers(failing: FlaskClient, app: Flask) -> None:
    def broken() -> None:
        raise RuntimeError("the template is broken")

    app.jinja_env.globals["site_name"] = broken
    answer = failing.get("/fail/database")
    assert answer.status_code == 503
    assert "thử lại sau" in answer.text
    assert "try again later" in answer.text
