"""Commands print what they made, alone on the last line."""

import pytest
from click.testing import CliRunner, Result

from repository.accounts import services, tokens
from repository.accounts.cli import token, user
from repository.core.errors import NotFound, ValidationFailed
from repository.core.runtime import Runtime

PASSWORD = "correct horse battery staple"


def run(runtime: Runtime, command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=lambda: runtime)  # type: ignore[arg-type]


def test_making_a_user_and_a_token(sqlite_runtime: Runtime) -> None:
    made = run(
        sqlite_runtime, user,
        *("create", "--email", "Lan@example.org", "--password", PASSWORD, "--role", "admin"),
    )  # fmt: skip
    assert made.output.splitlines()[-1] == "lan@example.org"
    given = run(
        sqlite_runtime, token,
        *("create", "--email", "lan@example.org", "--scopes", "user:read, deposit:write"),
    )  # fmt: skip
    text = given.output.splitlines()[-1]
    with sqlite_runtime.read() as work:
        found = tokens.authenticate_token(work, text)
        assert found is not None
        assert (found.user.role, found.user.name) == ("admin", "Lan")
        assert found.scopes == ["user:read", "deposit:write"]
        assert found.expires_at is None


def test_a_password_may_be_asked_for(sqlite_runtime: Runtime) -> None:
    answers = f"{PASSWORD}\n{PASSWORD}\n"
    made = CliRunner().invoke(
        user, ["create", "--email", "lan@example.org"], input=answers, obj=lambda: sqlite_runtime
    )
    assert made.output.splitlines()[-1] == "lan@example.org"
    assert PASSWORD not in made.output
    with sqlite_runtime.read() as work:
        assert services.authenticate(work, "lan@example.org", PASSWORD) is not None


@pytest.mark.parametrize(
    ("command", "arguments", "error"),
    [
        (user, ("create", "--email", "x", "--password", "short"), ValidationFailed),
        (token, ("create", "--email", "nobody@example.org"), NotFound),
    ],
)
def test_what_cannot_be_made(
    sqlite_runtime: Runtime, command: object, arguments: tuple[str, ...], error: type[Exception]
) -> None:
    result = run(sqlite_runtime, command, *arguments)
    assert result.exit_code != 0
    assert isinstance(result.exception, error)
