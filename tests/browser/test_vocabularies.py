"""A curator imports a list by keyboard; the pages of vocabularies in both languages, on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from repository.accounts.models import Role
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.vocabularies.builtin import load_builtin
from tests.browser.depositing import look, sign_in
from tests.browser.test_bulk import keep, press
from tests.webapp import make_user

pytestmark = pytest.mark.browser
LIST = "code,vi,en,parent\nA,Đất phù sa,Fluvisols,\nB,Đất mặn,Saline soils,A\n"


def test_a_curator_imports_a_list(
    sqlite_runtime: Runtime, mai: BrowserContext, site: str, tmp_path: Path
) -> None:
    load_builtin(sqlite_runtime, only=("ford",))
    (tmp_path / "đất.csv").write_text(LIST, encoding="utf-8")
    page = mai.new_page()
    sign_in(page, site, make_user(sqlite_runtime, "curator@example.org", Role.CURATOR))
    page.goto(f"{site}/admin/vocabularies?lang=en")
    page.locator("#name").focus()
    page.keyboard.type("soils")
    page.locator("#version").focus()
    page.keyboard.type("2026")
    page.set_input_files("#file", tmp_path / "đất.csv")
    press(page, "Look at the changes")
    page.wait_for_url("**/imports/1*")
    run_until_idle(sqlite_runtime)
    expect(page.get_by_text("New: 2")).to_be_visible()  # the page asks by itself
    look(page, "an import")
    keep(page, "import-en")
    press(page, "Bring in 2 terms")
    expect(page.get_by_text("being brought in")).to_be_visible()
    run_until_idle(sqlite_runtime)
    expect(page.get_by_role("link", name="Look at the list soils")).to_be_visible()
    for path, name, lang, width in (
        ("", "vocabularies", "vi", 375),
        ("/ford", "vocabulary", "en", 375),
        ("/soils/terms/A", "term", "vi", 1280),
        ("/imports/1", "import", "vi", 375),
    ):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site}/admin/vocabularies{path}?lang={lang}")
        look(page, f"{name} in {lang} at {width}")
        keep(page, f"{name}-{lang}")
