"""Large files from a browser: over a line that breaks, and on after a reload or a new sign-in.

Of 60 MiB, for the suite's sake; REPOSITORY_TEST_UPLOAD_MIB=300 makes them larger.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from repository.accounts.models import User
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import listing, placing
from repository.records.models import File
from repository.worker import import_all_jobs
from tests.browser.depositing import look, new_draft, sign_in
from tests.runtimes import make_settings
from tests.services.flaky_proxy import FlakyProxy

pytestmark = pytest.mark.browser
MIB, GIB = 1 << 20, 1 << 30
SIZE = int(os.environ.get("REPOSITORY_TEST_UPLOAD_MIB", "60"))  # MiB
PART = 4 * MIB
PICK = "[data-drop-zone] input:not([webkitdirectory])"


@pytest.fixture
def sqlite_runtime(sqlite_url: str, clock: FixedClock, tmp_path: Path) -> Iterator[Runtime]:
    """Parts are small, so that files need not be large; no job is needed to put them together."""
    settings = make_settings(
        tmp_path / "data", sqlite_url, upload_part_size=PART, upload_job_bytes=GIB
    )
    runtime = Runtime.from_settings(settings, clock)
    yield runtime
    runtime.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    block = hashlib.sha256(b"large").digest() * (MIB // 32)
    with path.open("wb") as file:
        for number in range(SIZE):
            file.write(bytes([number % 256]) + block)
    return path


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stored(runtime: Runtime, version_id: str) -> File:
    with runtime.read() as work:
        file = placing.find_file(work, version_id, "large.bin")
    assert file is not None
    return file


def watch_progress(page: Page) -> None:
    page.evaluate(
        "() => { window.seen = []; new MutationObserver(() => {"
        " const bar = document.querySelector('.uploads progress');"
        " if (bar) window.seen.push(bar.value); })"
        ".observe(document.querySelector('[data-uploads]'),"
        " {subtree: true, childList: true, characterData: true, attributes: true}); }"
    )


def test_a_line_that_breaks_three_times(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User, large: Path
) -> None:
    direct = urlsplit(site)
    drops = [SIZE * MIB * percent // 100 for percent in (16, 41, 70)]
    proxy = FlakyProxy((str(direct.hostname), int(direct.port or 0)), drops)
    page = mai.new_page()
    sign_in(page, f"http://127.0.0.1:{proxy.port}", lan)
    version_id = new_draft(page, f"http://127.0.0.1:{proxy.port}")
    watch_progress(page)
    page.set_input_files(PICK, large)
    all_arrived = page.locator("[data-upload-state]")
    expect(all_arrived).to_have_text("All files have arrived.", timeout=25_000 * SIZE // 60)
    proxy.close()
    assert proxy.dropped == 3
    assert proxy.sent_up < SIZE * MIB + 3 * (PART + 2 * MIB) + 4 * MIB, "only broken parts again"
    file = stored(sqlite_runtime, version_id)
    assert (file.sha256, file.committed) == (digest_of(large), True)
    seen = page.evaluate("window.seen")
    assert len({round(value, 2) for value in seen}) > 10, "progress was shown"
    assert seen[-1] == 1
    expect(page.locator("tr[data-path='large.bin']")).to_be_visible()
    look(page, "an upload that arrived")


def test_it_goes_on_after_a_pause_a_reload_and_a_new_sign_in(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User, large: Path
) -> None:
    direct = urlsplit(site)
    proxy = FlakyProxy((str(direct.hostname), int(direct.port or 0)), [])
    address = f"http://127.0.0.1:{proxy.port}"
    page = mai.new_page()
    sign_in(page, address, lan)
    version_id = new_draft(page, address)
    page.evaluate(
        "() => { const put = XMLHttpRequest.prototype.open; let count = 0;"
        " XMLHttpRequest.prototype.open = function (...all) {"
        " count += 1; if (count === 6) document.querySelector('.uploads button').click();"
        " return put.apply(this, all); }; }"
    )
    page.set_input_files(PICK, large)
    expect(page.locator(".upload-note")).to_have_text("paused")
    look(page, "a paused upload")
    page.close(run_before_unload=False)
    before = proxy.sent_up
    assert before < 40 * MIB

    page = mai.new_page()
    page.goto(f"{address}/deposit/{version_id}?lang=en")
    expect(page.locator("[data-unfinished]")).to_contain_text("large.bin")
    look(page, "an upload to go on with")
    mai.clear_cookies()
    page.set_input_files(PICK, large)
    expect(page.locator(".upload-note")).to_contain_text("Your sign-in has ended.")
    other = mai.new_page()
    sign_in(other, address, lan)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-upload-state]")).to_have_text(
        "All files have arrived.", timeout=25_000
    )
    proxy.close()
    assert proxy.sent_up - before < (SIZE - 15) * MIB, "parts that had arrived were not sent again"
    assert stored(sqlite_runtime, version_id).sha256 == digest_of(large)


def test_archives_are_unpacked_as_they_arrive(
    mai: BrowserContext, site: str, sqlite_runtime: Runtime, lan: User, tmp_path: Path
) -> None:
    """One in parts and one whole, and a file that is no archive."""
    for name, size in (("small.zip", 1000), ("large.zip", 5 * MIB)):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(f"{name[:-4]}/rain.bin", bytes(size))
    (tmp_path / "rain.csv").write_text("a,b\n1,2\n")
    page = mai.new_page()
    sign_in(page, site, lan)
    version_id = new_draft(page, site)
    page.get_by_label("Unpack ZIP and TAR archives").last.check()
    page.set_input_files(PICK, [tmp_path / n for n in ("small.zip", "large.zip", "rain.csv")])
    expect(page.locator("[data-upload-state]")).to_have_text("All files have arrived.")
    expect(page.get_by_text("arrived, and is being unpacked")).to_have_count(2)
    look(page, "archives that are being unpacked")
    sqlite_runtime.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    import_all_jobs()
    run_until_idle(sqlite_runtime)
    page.get_by_role("link", name="Reload").first.click()
    expect(page.get_by_text("1 file was unpacked.")).to_have_count(2)
    with sqlite_runtime.read() as work:
        found = [file.path for file in listing.draft_files(work, version_id, limit=9)]
    assert found == ["large/rain.bin", "rain.csv", "small/rain.bin"]
