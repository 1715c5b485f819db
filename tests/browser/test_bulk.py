"""A curator edits many records and undoes it: by keyboard alone, in both languages, on a phone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from repository.accounts.models import User
from repository.core.runtime import Runtime
from repository.records.models import Draft
from repository.vocabularies.builtin import load_builtin
from tests.browser.depositing import look, new_draft, sign_in
from tests.bulk.conftest import Desk, make_desk
from tests.waiting import eventually

pytestmark = pytest.mark.browser
SAID = {
    "vi": ("Xem các thay đổi", "Sửa 3 bản ghi", "Hoàn tác: khôi phục 3 bản ghi", "Đã hoàn tác"),
    "en": ("Look at the changes", "Change 3 records", "Undo: restore 3 records", "Undone"),
}


@pytest.fixture
def desk(sqlite_runtime: Runtime) -> Desk:
    return make_desk(sqlite_runtime)


def press(page: Page, words: str) -> None:
    """Go to a button by Tab, as who has no mouse does, and press it."""
    button = page.get_by_role("button", name=words, exact=True).first
    expect(button).to_be_visible()
    for _ in range(120):
        if button.evaluate("node => node === document.activeElement"):
            return page.keyboard.press("Enter")
        page.keyboard.press("Tab")
    raise AssertionError(f"{words} is not reached by Tab")


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_curator_edits_and_undoes(mai: BrowserContext, site: str, desk: Desk, lang: str) -> None:
    page = mai.new_page()
    look_at, change, undo, undone = SAID[lang]
    sign_in(page, site, desk.user, lang)
    page.goto(f"{site}/admin/bulk?lang={lang}")
    look(page, "bulk edits")
    keep(page, f"bulk-{lang}")
    page.locator("#q").focus()
    page.keyboard.type("khi hau")
    page.keyboard.press("Tab")
    page.locator("[id='actions/0/action']").press("ArrowDown")
    page.locator("[id='actions/0/field']").focus()
    page.locator("[id='actions/0/value']").focus()
    page.keyboard.type("ford:1.5")
    page.keyboard.press("Escape")
    press(page, look_at)
    page.wait_for_url("**/admin/bulk/*")
    desk.settle()
    expect(page.get_by_role("button", name=change)).to_be_visible()
    look(page, "the preview")
    page.set_viewport_size({"width": 375, "height": 740})
    look(page, "the preview on a phone")
    keep(page, f"bulk-preview-phone-{lang}")
    page.set_viewport_size({"width": 1280, "height": 900})
    keep(page, f"bulk-preview-{lang}")
    bulk = page.url.partition("?")[0].rpartition("/")[2]
    press(page, change)
    eventually(lambda: desk.bulk(bulk).state == "running")
    desk.settle()
    expect(page.get_by_role("button", name=undo)).to_be_visible(timeout=15_000)
    press(page, undo)
    eventually(lambda: desk.bulk(bulk).state == "undoing")
    desk.settle()
    expect(page.locator("#bulk-state strong").first).to_have_text(undone, timeout=15_000)
    look(page, "undone")
    assert desk.version(desk.versions[0]).revision == 3


def test_a_subject_is_chosen_while_typing(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User
) -> None:
    load_builtin(sqlite_runtime, only=("ford",))
    page = mai.new_page()
    sign_in(page, site, lan, "vi")
    version = new_draft(page, site, "vi")
    page.locator("[id='subjects/0/subject']").press_sequentially("trai dat")
    options = page.locator(".suggested [role=option]")
    expect(options).to_have_count(1)
    look(page, "suggestions")
    keep(page, "suggestions")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    label = "Khoa học trái đất và môi trường liên quan"
    expect(page.locator("[id='subjects/0/subject']")).to_have_value(label)
    expect(options).to_have_count(0)

    def coded() -> bool:
        with sqlite_runtime.read() as work:
            told = work.session.get_one(Draft, version).metadata_json.get("subjects") or [{}]
            return bool(told[0].get("classification_code") == "1.5")

    eventually(coded)
