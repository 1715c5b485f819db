"""What goes wrong while one deposits, and that nothing typed is lost by it."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from repository.accounts.models import Actor, User
from repository.core.runtime import Runtime
from repository.deposit import drafts, listing
from repository.records.models import Draft
from tests.browser.depositing import look, new_draft, saved_titles, sign_in, title
from tests.waiting import eventually

pytestmark = pytest.mark.browser


def test_the_second_window_is_told_and_loses_nothing(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User
) -> None:
    first, second = mai.new_page(), mai.new_page()
    sign_in(first, site, lan)
    version_id = new_draft(first, site)
    second.goto(first.url)
    first.fill(title(), "From the first window")
    eventually(lambda: saved_titles(sqlite_runtime, version_id) == ["From the first window"])
    second.fill(title(), "From the second window")
    told = second.locator("[data-overtaken]")
    expect(told).to_contain_text("Nothing was overwritten")
    look(second, "overtaken")
    assert saved_titles(sqlite_runtime, version_id) == ["From the first window"]
    told.get_by_role("button", name="Keep mine as a copy").click()
    second.wait_for_url(lambda url: "/deposit/" in url and version_id not in url)
    expect(second.locator(title())).to_have_value("From the second window")
    assert saved_titles(sqlite_runtime, version_id) == ["From the first window"]


def test_a_closed_tab_comes_back_with_what_was_typed(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User
) -> None:
    page = mai.new_page()
    sign_in(page, site, lan)
    version_id = new_draft(page, site)
    address = page.url
    mai.set_offline(True)
    page.fill(title(), "Typed without a connection")
    page.locator("#subjects > [data-add]").click()
    page.fill("[id='subjects/1/subject']", "rain")
    page.close()
    mai.set_offline(False)
    again = mai.new_page()
    again.goto(address)
    expect(again.get_by_role("alert")).to_contain_text("was put back")
    expect(again.locator(title())).to_have_value("Typed without a connection")
    expect(again.locator("[id='subjects/1/subject']")).to_have_value("rain")
    eventually(lambda: saved_titles(sqlite_runtime, version_id) == ["Typed without a connection"])
    eventually(lambda: again.evaluate("Object.keys(localStorage)") == [])


def test_a_closed_tab_whose_draft_was_saved_elsewhere_is_offered_its_text(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User
) -> None:
    page = mai.new_page()
    sign_in(page, site, lan)
    version_id = new_draft(page, site)
    address = page.url
    mai.set_offline(True)
    page.fill(title(), "Mine")
    page.close()
    mai.set_offline(False)
    with sqlite_runtime.work() as work:
        other = {"titles": [{"title": "Theirs", "lang": "vi"}]}
        drafts.save_draft(work, Actor.of(lan), version_id, metadata=other)
    again = mai.new_page()
    again.goto(address)
    expect(again.locator(title())).to_have_value("Theirs")
    again.get_by_role("button", name="Keep mine as a copy").click()
    again.wait_for_url(lambda url: version_id not in url)
    expect(again.locator(title())).to_have_value("Mine")
    assert saved_titles(sqlite_runtime, version_id) == ["Theirs"]


def test_a_session_that_ended_loses_nothing(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User
) -> None:
    page = mai.new_page()
    sign_in(page, site, lan)
    version_id = new_draft(page, site)
    mai.clear_cookies()
    page.fill(title(), "Typed after the session")
    expect(page.locator("[data-save-state]")).to_contain_text("Your sign-in has ended")
    sign_in(mai.new_page(), site, lan)
    page.locator("[data-save-button]").click()
    eventually(lambda: saved_titles(sqlite_runtime, version_id) == ["Typed after the session"])


def test_uploads_are_tried_again_replaced_and_taken_back(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User, tmp_path: Path
) -> None:
    page = mai.new_page()
    sign_in(page, site, lan)
    version_id = new_draft(page, site)
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if not lost:
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/files/*.csv*", lose_the_first)
    content = tmp_path / "a.csv"
    content.write_text("one")
    pick = page.locator("input[type=file][multiple][hidden]")
    pick.set_input_files(content)
    expect(page.locator("[data-upload-state]")).to_have_text("All files have arrived.")
    assert len(lost) == 1

    content.write_text("another")
    pick.set_input_files(content)
    page.get_by_role("button", name="Replace it").click()
    expect(page.locator("tr[data-path='a.csv'] .size")).to_have_text("7 B")
    look(page, "uploads")

    page.get_by_role("button", name="Remove a.csv").click()
    expect(page.locator("tr[data-path='a.csv']")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("tr[data-path='a.csv']")).to_be_visible()
    with sqlite_runtime.read() as work:
        (file,) = listing.draft_files(work, version_id, limit=9)
        assert (file.path, file.size, file.committed) == ("a.csv", 7, True)


def test_rows_by_keyboard(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User
) -> None:
    page = mai.new_page()
    sign_in(page, site, lan)
    version_id = new_draft(page, site)
    page.focus("[id='subjects/0/subject']")
    page.keyboard.type("mưa")
    page.keyboard.press("Enter")
    page.keyboard.type("khí hậu")
    page.focus("#creators > [data-add]")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Lê")
    page.focus("[id='creators/1'] > .row-buttons > [data-up]")
    page.keyboard.press("Space")

    def saved() -> bool:
        with sqlite_runtime.read() as work:
            metadata = work.session.get_one(Draft, version_id).metadata_json
        names = [c["person_or_org"].get("family_name") for c in metadata["creators"]]
        words = [s["subject"] for s in metadata.get("subjects", ())]
        return names == ["Lê", "Nguyễn"] and words == ["mưa", "khí hậu"]

    eventually(saved)
