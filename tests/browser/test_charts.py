"""Charts as Vega draws them in a real browser, under the policy of every page."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from repository.core.runtime import Runtime
from tests.browser.depositing import look
from tests.discovery.library import Depositor
from tests.tables.conftest import RAIN

pytestmark = pytest.mark.browser
KINDS = {
    "mưa.csv?chart=bar&x=trạm&y=mưa": "mark-rect",
    "mưa.csv?chart=line&x=ngày&y=mưa": "mark-line",
    "mưa.csv?chart=scatter&x=mưa&y=mưa": "mark-symbol",
    "nơi.csv?chart=map": "mark-symbol",
}
PLACES = "image,lat,lon,năm\nhttps://elsewhere.example/a.png,10.5,106.2,2019\nB,11,106.4,2020\n"


@pytest.fixture
def record(sqlite_runtime: Runtime, tmp_path: Path) -> str:
    depositor = Depositor(sqlite_runtime, tmp_path / "deposited")
    return depositor.publish({"mưa.csv": RAIN, "nơi.csv": PLACES.encode(), "đọc.txt": b"abc"})


@pytest.mark.parametrize(("scheme", "width", "lang"), [("light", 1280, "vi"), ("dark", 375, "en")])
def test_charts_answer_the_pointer_and_the_keys(
    mai: BrowserContext, site: str, record: str, scheme: Any, width: int, lang: str
) -> None:
    """`mai` fails on whatever the console complains of, a refused style above all."""
    page = mai.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for path, mark in KINDS.items() if width > 400 else [*KINDS.items()][::3]:
        page.goto(f"{site}/records/{record}/table/{path}&lang={lang}")
        chart = page.locator(".chart-drawn .vega-embed")
        expect(chart.locator(f".{mark}").first).to_be_attached()
        look(page, path)
        page.locator(".chart-drawn").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".vg-tooltip.visible")).to_be_visible()
        assert page.locator("[data-mark]").inner_text()
    assert hosts <= {site.split("/")[2]} | {""}


def test_charts_are_taken_along(page: Page, site: str, record: str, tmp_path: Path) -> None:
    page.goto(f"{site}/records/{record}/table/mưa.csv?chart=bar&x=trạm&y=mưa&lang=vi")
    for format_, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
        with page.expect_download() as download:
            page.locator(f"[data-take={format_}]").click()
        download.value.save_as(tmp_path / "chart")
        assert (tmp_path / "chart").read_bytes().startswith(start)


def test_scripts_come_with_charts_alone_and_charts_without_scripts(
    browser: Browser, site: str, record: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/records/{record}/table/mưa.csv?lang=vi")
    assert page.locator("script[src*=vega]").count() == 0
    page.goto(f"{site}/records/{record}/table/mưa.csv?chart=bar&x=trạm&lang=vi")
    assert page.locator("script[src*=vega]").count() == 3
    expect(page.locator("svg.chart .mark").first).to_be_visible()
    expect(page.locator("[data-take=svg]")).to_be_hidden()
    context.close()
