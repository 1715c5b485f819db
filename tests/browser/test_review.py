"""A researcher and a curator go through a review, each by keyboard alone: two changes are suggested
and taken over, one is undone, a file is asked about beside the file, and the record is published.
"""

import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from repository.accounts.models import Role
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.curation import reviews
from repository.deposit import drafts
from repository.deposit.files import put_file, receive
from repository.records.models import State, Version
from tests.browser.depositing import look, sign_in
from tests.browser.test_bulk import keep
from tests.curation.conftest import People, _people
from tests.oai.publishing import METADATA
from tests.webapp import make_user

pytestmark = pytest.mark.browser
TITLE = "/metadata/titles/0/title"
ABSTRACT = "/metadata/descriptions/0/description"


@pytest.fixture
def curators_window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def at_work(sqlite_runtime: Runtime) -> tuple[People, str]:
    """Everybody, and a draft with a file; its collection reviews what is submitted."""
    people = _people(sqlite_runtime)
    people.collection("kho", submission="review", checklist="Tiêu đề\nGiấy phép")
    people.member("kho", "curator", "curator")
    owner = people.actor("stranger")
    with sqlite_runtime.work() as work:
        draft = drafts.create_draft(work, owner, METADATA, files_enabled=True).version_id
    stored = receive(sqlite_runtime, io.BytesIO(b"a,b\n1,2\n"))
    with sqlite_runtime.work() as work:
        put_file(work, owner, draft, "mưa/a.csv", stored)
    return people, draft


def reach(page: Page, wanted: Locator) -> None:
    """Go there by Tab, as who has no mouse does."""
    expect(wanted).to_be_visible()
    for _ in range(200):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by Tab")


def press(page: Page, selector: str) -> None:
    reach(page, page.locator(selector).first)
    page.keyboard.press("Enter")


def write(page: Page, selector: str, text: str) -> None:
    reach(page, page.locator(selector).first)
    page.keyboard.type(text)


def suggest(page: Page, pointer: str, text: str, *, suggestion: str = "") -> None:
    """Say something of a field or a file, in the form below the conversation."""
    said = page.locator(".conversation > li").count()
    choice = page.locator("#pointer")
    reach(page, choice)
    while choice.input_value() != pointer:
        before = choice.input_value()
        page.keyboard.press("ArrowDown")
        assert choice.input_value() != before, f"{pointer} is not offered"
    write(page, "#text", text)
    write(page, "#suggestion", suggestion)
    press(page, "form[action*='/comment'] button")
    expect(page.locator(".conversation > li")).to_have_count(said + 1)


def test_a_review_by_keyboard(
    mai: BrowserContext, curators_window: Page, site: str, at_work: tuple[People, str]
) -> None:
    (people, draft), page, theirs = at_work, mai.new_page(), curators_window
    sign_in(page, site, people.users["stranger"], "vi")
    page.goto(f"{site}/deposit/{draft}/submit?lang=vi")
    look(page, "submitting")
    reach(page, page.locator("input[name=community]").first)
    page.keyboard.press("Space")
    write(page, "textarea[name=text]", "Nhờ xem giúp")
    press(page, "main form[method=post] button[type=submit]")
    page.wait_for_url("**/reviews/1*")

    sign_in(theirs, site, people.users["curator"])
    theirs.goto(f"{site}/reviews?lang=en")
    look(theirs, "the queue")
    press(theirs, "main a[href*='/reviews/1']")
    theirs.wait_for_url("**/reviews/1*")
    suggest(theirs, TITLE, "Shorter", suggestion="Mưa ngày")
    suggest(theirs, ABSTRACT, "Say where", suggestion="Mưa ngày ở trạm Ví Dụ.")
    suggest(theirs, "/files/mưa/a.csv", "Which unit has b?")
    look(theirs, "the conversation")
    keep(theirs, "review-curator-en")
    write(theirs, "#changes-text", "Two places")
    press(theirs, "form[action*='/changes'] button")
    expect(theirs.locator(".badge").first).to_have_text("Changes asked for")

    page.goto(f"{site}/deposit/{draft}?lang=vi")
    look(page, "what was said beside the fields")
    keep(page, "review-beside-vi")
    expect(page.locator("[data-files] .said")).to_contain_text("Which unit has b?")
    for change, left in (("apply", 1), ("apply", 0), ("undo", 1)):
        press(page, f".said button[value^='{change}:']")
        expect(page.locator(f".said button[value^='{change}:']")).to_have_count(left)
    write(page, "[data-files] .said textarea", "Milimét")
    press(page, "[data-files] .said button[value^='reply:']")
    expect(page.locator("[data-files] .said")).to_contain_text("Milimét")
    page.set_viewport_size({"width": 375, "height": 800})
    look(page, "what was said, on a phone")
    keep(page, "review-beside-phone")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/deposit/{draft}/submit?lang=vi")
    press(page, "main form[method=post] button[type=submit]")
    page.wait_for_url("**/reviews/1*")

    theirs.goto(f"{site}/reviews/1?lang=en")
    expect(theirs.locator(".conversation")).to_contain_text("Milimét")
    look(theirs, "what changed")
    press(theirs, "form[action*='/accept'] button")
    theirs.wait_for_url(f"**/records/{draft}*")
    assert_published_with_one_change(people.runtime, draft)
    run_until_idle(people.runtime)
    mai.clear_cookies()
    sign_in(page, site, make_user(people.runtime, "second@example.org", Role.CURATOR), "vi")
    for path in (
        "admin/quality",
        "admin/duplicates",
        "collections/kho",
        f"records/{draft}/quality",
    ):
        page.goto(f"{site}/{path}?lang=vi")
        look(page, path)
        keep(page, path.replace("/", "-"))


def assert_published_with_one_change(runtime: Runtime, record: str) -> None:
    with runtime.read() as work:
        version = work.session.get_one(Version, record)
        assert version.state == State.PUBLISHED
        assert reviews.of_version(work, record) is None, "the review is over"
        metadata = version.metadata_json
    renamed = metadata["titles"][0]["title"] == "Mưa ngày"
    placed = "trạm Ví Dụ" in metadata["descriptions"][0]["description"]
    assert renamed != placed, "one change stays, the other was undone"
