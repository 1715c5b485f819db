"""The whole path as a new depositor walks it, in both languages and without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from repository.accounts.models import User
from repository.core.runtime import Runtime
from repository.records.models import Version
from tests.browser.depositing import look, new_draft, sign_in, title
from tests.webapp import PASSWORD

pytestmark = pytest.mark.browser
TITLES = {"vi": "Lượng mưa ngày tại trạm Láng", "en": "Daily rainfall at Láng station"}
SAID = {
    "vi": {"offline": "Mất kết nối", "saved": "Đã lưu lúc", "arrived": "Tất cả các tệp đã tới."},
    "en": {"offline": "No connection", "saved": "Saved at", "arrived": "All files have arrived."},
}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_whole_path(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, tmp_path: Path, lang: str
) -> None:
    page = mai.new_page()
    register(page, site, lang)
    page.goto(f"{site}/deposit?lang={lang}")
    look(page, "my data, nothing yet")
    version_id = new_draft(page, site, lang)
    look(page, "an empty form")
    describe(page, lang)
    upload_a_folder(page, tmp_path, lang)
    page.select_option("[id='rights/0/id']", "cc-by-4.0")
    expect(page.locator(".ready")).to_be_visible()
    look(page, "a filled form")
    page.set_viewport_size({"width": 375, "height": 740})
    look(page, "a filled form on a phone")
    page.set_viewport_size({"width": 1280, "height": 900})
    publish(page, lang)
    page.wait_for_url(f"**/records/{version_id}*")
    with sqlite_runtime.read() as work:
        version = work.session.get_one(Version, version_id)
        assert (version.state, version.file_count) == ("published", 2)
        people = [c["person_or_org"]["name"] for c in version.metadata_json["creators"]]
    assert people == ["Trần, Thị Mai", "Lê"]
    expect(page.locator(".notice.success")).to_contain_text(version.doi or "no DOI")
    expect(page.locator("h1")).to_contain_text(TITLES[lang])
    look(page, "the landing page")
    page.goto(f"{site}/deposit?lang={lang}")
    look(page, "my data")


def register(page: Page, site: str, lang: str) -> None:
    page.goto(f"{site}/account/register?lang={lang}")
    page.fill("#name", "Trần Thị Mai")
    page.fill("#email", "mai@example.org")
    page.fill("#password", PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/account/*")


def describe(page: Page, lang: str) -> None:
    """Type the description, part of it without a connection."""
    state, said = page.locator("[data-save-state]"), SAID[lang]
    page.fill(title(0), TITLES["vi"])
    page.fill(title(1), TITLES["en"])
    page.fill("[id='creators/0/family_name']", "Trần")
    page.fill("[id='creators/0/given_name']", "Thị Mai")
    expect(state).to_contain_text(said["saved"])
    page.context.set_offline(True)
    page.fill("[id='descriptions/0/description']", "Số liệu **mưa** của trạm Láng.")
    expect(state).to_contain_text(said["offline"])
    page.locator("#creators > [data-add]").click()
    page.fill("[id='creators/1/family_name']", "Lê")
    page.context.set_offline(False)
    expect(state).to_contain_text(said["saved"])
    page.locator(".kind-markdown button").first.click()
    expect(page.locator(".markdown-preview strong").first).to_have_text("mưa")


def upload_a_folder(page: Page, tmp_path: Path, lang: str) -> None:
    folder = tmp_path / "mưa"
    (folder / "trạm Láng").mkdir(parents=True)
    (folder / "đọc.md").write_text("# Mưa\n")
    (folder / "trạm Láng" / "2024.csv").write_text("ngày,mm\n2024-05-01,12\n")
    page.locator("input[webkitdirectory]").set_input_files(folder)
    expect(page.locator("[data-upload-state]")).to_have_text(SAID[lang]["arrived"])
    expect(page.locator("tr[data-path='mưa/trạm Láng/2024.csv']")).to_be_visible()


def publish(page: Page, lang: str) -> None:
    page.locator("button[value=preview]").click()
    page.wait_for_url("**/preview*")
    expect(page.locator("h1")).to_contain_text(TITLES[lang])
    look(page, "preview")
    page.locator("main a[href*='/publish']").first.click()
    page.wait_for_url("**/publish*")
    look(page, "before publishing")
    page.locator("main form[action*='/publish'] button").click()


def test_without_scripts(browser: Browser, site: str, lan: User) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, lan)
    page.goto(f"{site}/deposit/new?lang=en")
    page.locator("main form[action*='/deposit/new'] button").click()
    page.fill("[id='titles/0/title']", "Without a script")
    page.locator("button[value='add:creators']").click()
    page.fill("[id='creators/1/family_name']", "Lê")
    page.set_input_files("#plain-files", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"1"})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[id='titles/0/title']")).to_have_value("Without a script")
    expect(page.locator("[id='creators/1/family_name']")).to_have_value("Lê")
    page.set_input_files("#plain-files", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"1"})
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Remove a.csv").click()
    page.get_by_role("button", name="Undo").click()
    page.locator("button[value=publish]").click()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/records/*")
    context.close()
