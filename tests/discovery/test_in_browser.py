"""A visitor's pages in a real browser: for everyone, light, and standing still."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from repository.core.runtime import Runtime
from tests.browser.depositing import look
from tests.discovery.library import Depositor

pytestmark = pytest.mark.browser
PHONE, DESK = (375, 740), (1280, 800)
MAX_FIRST_PAGE = 100_000  # bytes of scripts and styles, as they come over the wire
MAX_SHIFT = 0.1  # cumulative layout shift that counts as good (web.dev, "CLS")
SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
FILES = {
    "bảng.csv": b"year,lat,lon\n2019,10.1,106.2\n2020,10.4,106.5\n",
    "trạm.geojson": b'{"type": "Point", "coordinates": [106.2, 10.1]}',
    "đọc.md": b"# M\xe1\xbb\x9f \xc4\x91\xe1\xba\xa7u\n\nxin **ch\xc3\xa0o**\n",
    "cây.json": b'{"a": [1, {"b": "c"}]}',
}


@pytest.fixture
def records(sqlite_runtime: Runtime, tmp_path: Path) -> list[str]:
    """Two versions of one record, and one of another year."""
    depositor = Depositor(sqlite_runtime, tmp_path / "sources")
    other = depositor.publish(publication_date="2019", titles=[{"title": "Mùa lúa 2019"}])
    first = depositor.publish({"a.txt": b"a"})
    second = depositor.revise(FILES)
    return [second, first, other]


@pytest.mark.parametrize(("scheme", "size", "lang"), [("light", DESK, "vi"), ("dark", PHONE, "en")])
def test_every_page_of_a_visitor(
    browser: Browser, site: str, records: list[str], scheme: str, size: tuple[int, int], lang: str
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type] # playwright's is a Literal
        reduced_motion="reduce",
    )
    context.add_init_script(SHIFTS)
    page = context.new_page()
    record, first, _ = records
    for path in (
        *("/", "/search?q=mưa", "/search?q=khong-co-gi", "/search/advanced", "/collections/"),
        *(f"/records/{record}", f"/records/{first}", f"/records/{record}/changes"),
        *(f"/records/{record}/cite", f"/records/{record}/table/bảng.csv?chart=map"),
        *(f"/records/{record}/preview/{name}" for name in ("trạm.geojson", "đọc.md", "cây.json")),
        *("/about", "/no-such-page"),
    ):
        page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={lang}", wait_until="load")
        assert page.locator("html").get_attribute("lang") == lang, path
        look(page, path)
        assert page.evaluate("window.shift") < MAX_SHIFT, path
    context.close()


def test_a_first_page_is_light(browser: Browser, site: str, records: list[str]) -> None:
    for path in ("/", "/search", f"/records/{records[0]}"):
        page = browser.new_page()  # which has kept nothing
        page.goto(site + path, wait_until="load")
        sent = page.evaluate(
            """performance.getEntriesByType("resource")
            .filter((e) => ["script", "link", "css"].includes(e.initiatorType))
            .map((e) => [e.encodedBodySize, e.decodedBodySize])"""
        )
        assert len(sent) >= 4
        assert sum(size for size, _ in sent) < MAX_FIRST_PAGE, path
        assert sum(size for size, _ in sent) < sum(size for _, size in sent) / 2


def test_finding_by_keyboard_alone(page: Page, site: str, records: list[str]) -> None:
    page.goto(f"{site}/?lang=vi")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "hero-q"
    page.keyboard.type("dong vi du")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    page.locator(".result h2 a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/records/{records[0]}*")
    expect(page.locator("h1")).to_have_text("Lượng mưa ở Đồng Ví Dụ")


def test_filters_renew_the_results_and_keep_the_place(
    page: Page, site: str, records: list[str]
) -> None:
    page.goto(f"{site}/search?lang=vi")
    expect(page.locator(".result")).to_have_count(2)
    box = page.locator("[name=topic]").first
    box.focus()
    page.keyboard.press("Space")
    page.wait_for_url("**topic=*")
    expect(page.locator(".chosen .chip")).to_have_count(1)
    assert page.evaluate("document.activeElement.name") == "topic"
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.get_by_text("Bộ lọc", exact=True).click()
    page.locator("[name=topic]").first.click()
    page.wait_for_url(lambda url: "topic=" not in url)
    expect(page.locator(".chosen .chip")).to_have_count(0)
    expect(page.locator("[name=topic]").first).to_be_visible()  # the box stays open
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.goto(f"{site}/search?lang=vi")
    page.get_by_label("Từ năm").focus()
    page.keyboard.press("End")
    page.wait_for_url("**from=2024*")
    expect(page.locator(".result")).to_have_count(1)
    expect(page.locator("#from")).to_have_value("2024")
