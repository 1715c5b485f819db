"""The description and the server say the same: schemathesis over every operation."""

import os
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Api

EXPLORED = int(os.environ.get("TEST_EXPLORE", "0"))  # examples per operation, other ones each time
EXAMPLES = EXPLORED or 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_it_is_openapi_3_1(api: Api) -> None:
    spec = api.call("GET", "/openapi.json").json
    assert spec["openapi"] == "3.1.0"
    assert "/api/records/{id}/draft" in spec["paths"]


def test_the_docs_page_names_every_operation(api: Api) -> None:
    page = api.call("GET", "/docs").text
    for path in api.call("GET", "/openapi.json").json["paths"]:
        assert path in page


@pytest.mark.parametrize("signed_in", [True, False])
def test_no_500_and_no_undocumented_answer(app: Flask, api: Api, *, signed_in: bool) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    record, draft = api.published(), api.draft()
    api.add_file(draft)
    headers = {"Authorization": f"Bearer {api.token}"} if signed_in else {}
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        try_operation(operation, headers, record, draft)


def try_operation(
    operation: schemathesis.APIOperation[Any, Any, Any, Any],
    headers: dict[str, str],
    record: str,
    draft: str,
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not EXPLORED,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: schemathesis.Case[Any]) -> None:
        if "id" in case.path_parameters and hash(str(case.body)) % 2:
            case.path_parameters["id"] = draft if "draft" in operation.path else record
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()
