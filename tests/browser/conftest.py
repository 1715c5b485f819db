"""Who sits before the browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

from repository.accounts.models import User
from repository.core.runtime import Runtime
from tests.webapp import make_user


@pytest.fixture
def mai(browser: Browser) -> Iterator[BrowserContext]:
    """A depositor's browser; what it complains of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        expected = re.search(
            r"status of 4|ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_CONNECTION|ERR_SOCKET|ERR_EMPTY",
            message.text,
        )
        if message.type in ("error", "warning") and not expected:
            complaints.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def lan(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)
