"""The pages on which an owner shares a record, by keyboard, in both languages, on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from repository.access.entries import DOWNLOAD, note_access
from repository.access.grants import grant_access, grant_to_domain, managed_record
from repository.access.links import create_link
from repository.accounts.identities import link
from repository.accounts.models import Actor, User
from repository.accounts.oidc import Told
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.records.models import Version
from tests.browser.depositing import look, sign_in
from tests.browser.test_bulk import keep, press
from tests.discovery.library import Depositor
from tests.runtimes import make_settings, opened
from tests.webapp import make_user

pytestmark = pytest.mark.browser
ISSUER = "https://id.university.test"
PROVIDER = {"issuer": ISSUER, "client_id": "x", "title": "Đại học Ví Dụ", "title_en": "Example"}
MAI = "mai@university.test"


@pytest.fixture
def sqlite_runtime(sqlite_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Runtime]:
    yield from opened(make_settings(tmp_path / "data", sqlite_url, oidc={"vd": PROVIDER}), clock)


def _shared(runtime: Runtime, folder: Path) -> tuple[User, str]:
    """A record with grants of each kind, links, and somebody who had its files."""
    depositor = Depositor(runtime, folder)
    record = depositor.publish({"số liệu.csv": b"a,b\n1,2\n"}, access={"files": "restricted"})
    make_user(runtime, MAI)
    soon = runtime.clock.now() + timedelta(days=9)
    with runtime.work() as work:
        owner, mine = depositor.actor, managed_record(work, depositor.actor, record)
        grant_access(work, owner, mine, email=MAI, permission="download", expires_at=soon)
        grant_to_domain(
            *(work, owner, mine), domain="university.test", subdomains=True, permission="view"
        )
        create_link(work, owner, mine, permission="download", note="Hội đồng", expires_at=soon)
        link(work, depositor.user.id, Told(ISSUER, "s", MAI, True, "", {}))
        version = work.session.get_one(Version, record)
        note_access(work, Actor.of(depositor.user), version, "số liệu.csv", DOWNLOAD)
    return depositor.user, record


def test_an_owner_shares_a_record(
    sqlite_runtime: Runtime, mai: BrowserContext, site: str, tmp_path: Path
) -> None:
    owner, record = _shared(sqlite_runtime, tmp_path / "sources")
    page = mai.new_page()
    sign_in(page, site, owner)
    page.goto(f"{site}/deposit/{record}/access?lang=en")
    page.get_by_label("Identity provider").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Whom of them")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("university.test")
    press(page, "Give them access")
    expect(page.get_by_text("Everyone who signs in by Example")).to_be_visible()
    page.get_by_role("region", name="Who has access").focus()
    expect(page.get_by_role("region", name="Who has access")).to_be_focused()
    for path, lang, width in (
        (f"/deposit/{record}/access", "en", 1280),
        (f"/deposit/{record}/access", "vi", 375),
        (f"/deposit/{record}/access/log", "vi", 375),
        (f"/records/{record}/request-settings", "en", 375),
        ("/access-requests", "vi", 375),
        ("/account/identities", "en", 375),
        ("/account/identities", "vi", 1280),
    ):
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(f"{site}{path}?lang={lang}")
        assert answer
        assert answer.status == 200, path
        look(page, f"{path} in {lang} at {width}")
        keep(page, f"sharing-{path.rsplit('/', 1)[1]}-{lang}-{width}")
    page.context.clear_cookies()
    page.goto(f"{site}/account/sign-in?lang=vi")
    look(page, "signing in")
    keep(page, "sharing-sign-in-vi")
