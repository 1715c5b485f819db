"""The account's pages in a real browser: usable by everyone, in both languages and schemes."""

import json
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from repository.accounts.models import User
from repository.core.runtime import Runtime
from tests.webapp import PASSWORD, make_user

pytestmark = pytest.mark.browser
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = (375, 740), (1280, 800)
MAX_FIRST_PAGE = 100_000


@pytest.fixture
def user(sqlite_runtime: Runtime) -> User:
    return make_user(sqlite_runtime)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page. Evaluated from outside the page, which allows no script
    but its own."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    return [
        f"{each['id']}: {json.dumps(each['nodes'][0]['target'])}" for each in found["violations"]
    ]


@pytest.fixture(
    params=[
        ("light", DESK, "vi"),
        ("dark", PHONE, "en"),
        ("dark", DESK, "vi"),
        ("light", PHONE, "en"),
    ],
    ids=lambda setting: f"{setting[0]}-{setting[1][0]}-{setting[2]}",
)
def seen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str]]:
    """A page and its language; what the browser complains of fails the test."""
    scheme, (width, height), lang = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    complaints: list[str] = []
    page = context.new_page()

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, lang
    context.close()
    assert complaints == []


def test_every_page_of_the_account(seen: tuple[Page, str], site: str, user: User) -> None:
    page, lang = seen

    def look(where: str) -> None:
        assert page.locator("html").get_attribute("lang") == lang, where
        assert violations(page) == [], where
        too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0, where

    page.goto(f"{site}/nowhere?lang={lang}")
    look("not found")
    page.goto(f"{site}/account/register?lang={lang}")
    look("register")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.locator("main button[type=submit]").click()
    page.wait_for_selector("#email-error")
    assert page.evaluate("document.activeElement.id") == "name", "the first wrong field"
    look("register, refused")
    page.goto(f"{site}/account/sign-in?lang={lang}")
    look("sign in")
    page.fill("#email", user.email)
    page.fill("#password", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/account/*")
    look("profile")
    page.goto(f"{site}/account/tokens?lang={lang}")
    page.fill("#name", "Máy tính phòng thí nghiệm")
    page.locator("main button[type=submit]").click()
    page.wait_for_selector("#created-token")
    look("tokens")
    page.locator("details.menu summary").click()
    look("menu")


def test_by_keyboard_alone(page: Page, site: str, user: User) -> None:
    page.goto(f"{site}/account/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")
    page.locator("details.menu summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("details.menu").get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert page.locator("details.menu").get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_without_scripts(browser: Browser, site: str, user: User) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/account/sign-in?lang=en")
    page.fill("#email", user.email)
    page.fill("#password", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    assert page.get_by_text("You are signed out.").is_visible()
    context.close()


def test_scripts_and_styles_of_a_first_page_are_light(browser: Browser, site: str) -> None:
    import gzip

    context = browser.new_context()
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on(
        "response",
        lambda answer: (
            sizes.update({answer.url: len(gzip.compress(answer.body()))})
            if answer.request.resource_type in ("script", "stylesheet")
            else None
        ),
    )
    page.goto(f"{site}/account/sign-in", wait_until="networkidle")
    assert len(sizes) == 4
    assert sum(sizes.values()) < MAX_FIRST_PAGE
    context.close()
