"""What a depositor does in a browser, and what is looked for on every page."""

import json
import re
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

from repository.accounts.models import User
from repository.core.runtime import Runtime
from repository.records.models import Draft
from tests.webapp import PASSWORD

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def look(page: Page, where: str) -> None:
    """Nothing for axe to find, nothing wider than the window."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )["violations"]
    wrong = [(v["id"], json.dumps(v["nodes"][0]["target"])) for v in found]
    assert wrong == [], f"{where}: {wrong}"
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0, where


def sign_in(page: Page, site: str, user: User, lang: str = "en") -> None:
    page.goto(f"{site}/account/sign-in?lang={lang}")
    page.fill("#email", user.email)
    page.fill("#password", PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/account/*")


def new_draft(page: Page, site: str, lang: str = "en") -> str:
    page.goto(f"{site}/deposit/new?lang={lang}")
    page.locator("main form[action*='/deposit/new'] button").click()
    page.wait_for_url(re.compile(r"/deposit/\w{5}-\w{5}"))
    return str(page.locator("#deposit-form").get_attribute("data-id"))


def saved_titles(runtime: Runtime, version_id: str) -> list[str]:
    with runtime.read() as work:
        metadata = work.session.get_one(Draft, version_id).metadata_json
        return [title["title"] for title in metadata.get("titles", ())]


def title(number: int = 0) -> str:
    return f"[id='titles/{number}/title']"
