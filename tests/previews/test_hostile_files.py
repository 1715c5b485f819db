"""Files made to do harm, opened in a real browser at every address they have: nothing runs.

Whatever ran would open a dialog, or ask for an address that has RAN in it.
"""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Dialog, Request

from repository.core.runtime import Runtime
from tests.discovery.library import Depositor
from tests.previews.test_previewers import BOMB, notebook

pytestmark = pytest.mark.browser
AS_IMAGE = """
(src) => new Promise((done) => Object.assign(new Image(), {onload: done, onerror: done, src}))
"""
RAN = "it-ran"
RUN = f"fetch('/{RAN}');alert(1)"
SCRIPT = f'<script>{RUN}</script><img src=x onerror="{RUN}"><a href="javascript:{RUN}">x</a>'
SVG = (
    f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{RUN}\"><script>{RUN}</script>"
    f"<image href='/{RAN}.png'/><foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml' "
    f"src='/{RAN}'/></foreignObject><text y='20'>x</text></svg>"
)
PAGE = f"<!doctype html><link rel='stylesheet' href='/{RAN}.css'>{SCRIPT}"
PDF = (  # its script stays in the browser's viewer, which may not be kept from showing a dialog
    "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.launchURL\\("
    f"'/{RAN}'\\);this.submitForm\\('/{RAN}'\\))>>>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]>>endobj\n"
    "trailer<</Root 1 0 R>>\n%%EOF"
)
FORMULAS = f'name,value\n"=HYPERLINK(""/{RAN}"")",1\n"{SCRIPT.replace(chr(34), chr(39))}",2\n'


def _archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd.txt", "out")
        archive.writestr("a.svg", SVG)
        archive.writestr("a.html", PAGE)
        archive.writestr(f"{SCRIPT.replace('/', '-')}.txt", "name")
        archive.writestr("bomb.txt", bytes(80 << 20))
    return packed.getvalue()


# How it is looked into, and what of it the page says: in words, never as markup.
HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "a.svg": (SVG.encode(), "preview", ""),
    "a.html": (PAGE.encode(), "preview", "<!doctype html>"),
    "a.xhtml": (f"<html xmlns='http://www.w3.org/1999/xhtml'>{SVG}</html>".encode(), "preview", ""),
    "bomb.xml": (BOMB, "preview", "<!ENTITY"),
    "a.xml": (
        f"<?xml-stylesheet href='/{RAN}.xsl' type='text/xsl'?><a>{RUN}</a>".encode(),
        "preview",
        RUN,
    ),
    "a.zip": (_archive(), "preview", "bomb.txt"),
    "a.ipynb": (
        notebook(
            {"output_type": "display_data", "data": {"text/html": PAGE, "image/svg+xml": SVG}}
        ),
        "preview",
        "1+1",
    ),
    "a.csv": (FORMULAS.encode(), "table", "=HYPERLINK"),
    "a.pdf": (PDF.encode("latin-1"), "preview", ""),
    "a.json": (b'{"a":' * 2000 + f'"{RUN}"'.encode() + b"}" * 2000, "preview", ""),
    "a.md": (f"# T\n\n{SCRIPT}\n\n[x](javascript:{RUN})".encode(), "preview", "T"),
    "a.geojson": (
        (
            b'{"type":"Feature","properties":{"name":"</title><script>alert(1)</script>"},'
            b'"geometry":{"type":"Point","coordinates":[105,21]}}'
        ),
        "preview",
        "</title><script>",
    ),
    "utf-7.txt": (b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "preview", "+ADw-script"),
    "utf-16.txt": (PAGE.encode("utf-16"), "preview", "<!doctype html>"),
    "a.js": (RUN.encode(), "preview", RUN),
    "a.css": (f"@import '/{RAN}.css';".encode(), "preview", "@import"),
}


@pytest.fixture
def record(sqlite_runtime: Runtime, tmp_path: Path) -> str:
    depositor = Depositor(sqlite_runtime, tmp_path / "sources")
    return depositor.publish({name: content for name, (content, _, _) in HOSTILE.items()})


def test_nothing_of_a_deposited_file_runs(browser: Browser, site: str, record: str) -> None:
    context = browser.new_context(locale="en")
    page = context.new_page()
    ran: list[str] = []

    def note(request: Request) -> None:
        if RAN in request.url:
            ran.append(request.url)

    def refuse(dialog: Dialog) -> None:
        ran.append(page.url)
        dialog.dismiss()

    page.on("dialog", refuse)
    page.on("request", note)
    for name, (_, how, said) in HOSTILE.items():
        url = f"{site}/records/{record}/{how}/{name}"
        answer = page.goto(url, wait_until="load")
        assert answer is not None
        assert answer.status == 200, (name, page.locator("main").inner_text())
        assert said in page.locator("main").inner_text(), name
        if name == "a.zip":
            for link in page.locator("main a[href*='member=']").all():
                member = context.request.get(site + (link.get_attribute("href") or ""))
                assert "script-src 'self'" in member.headers["content-security-policy"]
            page.goto(f"{url}?member=a.html", wait_until="load")
            page.goto(f"{url}?member=a.svg", wait_until="load")
            page.goto(f"{url}?member=bomb.txt", wait_until="load")
            assert len(page.content()) < 100_000
        image = f"{site}/records/{record}/files/{name}"
        page.evaluate(AS_IMAGE, image)
        for direct in (image, f"{image}?inline=1"):
            if _is_shown(context.request.get(direct)):
                page.goto(direct, wait_until="load")
        assert not ran, name
    context.close()


def _is_shown(answer: APIResponse) -> bool:
    """Whether a browser shows it in place; either way its headers let nothing run, and keep it
    from being read as what it does not say it is.
    """
    headers, kind = answer.headers, answer.headers["content-type"]
    assert headers["x-content-type-options"] == "nosniff", answer.url
    assert "script-src" not in headers["content-security-policy"], answer.url
    assert "default-src 'none'" in headers["content-security-policy"], answer.url
    assert "javascript" not in kind, answer.url
    assert "css" not in kind, answer.url
    if kind == "application/pdf" and headers["content-disposition"].startswith("inline"):
        return False  # the preview shows it in a frame
    assert "sandbox" in headers["content-security-policy"], answer.url
    return headers["content-disposition"].startswith("inline")
