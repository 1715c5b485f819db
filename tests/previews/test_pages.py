"""The pages on which one looks inside files, and to whom they are open."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from repository.core.runtime import Runtime
from tests.discovery.library import Depositor
from tests.previews.test_previewers import PNG, notebook, png
from tests.webapp import sign_in


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("trong/đọc.md", "# Bên trong")
        opened.writestr("ảnh.png", PNG)
    return packed.getvalue()


FILES = {
    "ghi chú.txt": "Lượng <mưa>".encode(),
    "đọc.md": b"# Ti\xc3\xaau \xc4\x91\xe1\xbb\x81",
    "ảnh.png": PNG,
    "lớn.png": png(60_000, 60_000),
    "hình.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a.json": b'{"a": {"b": "<script>alert(1)</script>"}}',
    "a.geojson": json.dumps({"type": "Point", "coordinates": [105.8, 21.0]}).encode(),
    "a.ipynb": notebook({"output_type": "stream", "text": "<script>alert(1)</script>"}),
    "a.zip": archive(),
    "a.pdf": b"%PDF-1.7",
    "a.bin": b"\x00\x01",
}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish(FILES)


def test_each_kind_has_its_page(client: FlaskClient, record: str) -> None:
    for path, said in {
        "ghi chú.txt": "Lượng &lt;mưa&gt;",
        "đọc.md": "<h3>Tiêu đề</h3>",
        "ảnh.png": f'<img src="/records/{record}/files/',
        "lớn.png": "60000 × 60000",
        "hình.svg": f'<img src="/records/{record}/files/',
        "a.json": "&lt;script&gt;alert(1)",
        "a.geojson": "<circle",
        "a.ipynb": "&lt;script&gt;alert(1)",
        "a.zip": "member=trong/%C4%91%E1%BB%8Dc.md",
        "a.pdf": "<iframe",
    }.items():
        page = client.get(f"/records/{record}/preview/{path}")
        assert page.status_code == 200, path
        assert said in page.text, path
        assert "<script>alert" not in page.text, path
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"].startswith("public")
    assert client.get(f"/records/{record}/preview/a.bin").status_code == 404
    assert client.get(f"/records/{record}/preview/none.txt").status_code == 404


def test_a_member_of_an_archive(client: FlaskClient, record: str) -> None:
    url = f"/records/{record}/preview/a.zip"
    page = client.get(url, query_string={"member": "trong/đọc.md"})
    assert "<h3>Bên trong</h3>" in page.text
    image = client.get(url, query_string={"member": "ảnh.png"})
    assert 'src="data:image/png;base64,' in image.text
    assert client.get(url, query_string={"member": "../none"}).status_code == 404
    other = client.get(f"/records/{record}/preview/a.json", query_string={"member": "x"})
    assert other.status_code == 404


def test_pdf_is_given_to_the_browsers_viewer_alone(client: FlaskClient, record: str) -> None:
    with client.get(f"/records/{record}/files/a.pdf?inline=1", buffered=True) as answer:
        assert answer.content_type == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
    with client.get(f"/records/{record}/files/hình.svg?inline=1", buffered=True) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_file_lists_offer_it_where_a_kind_is_known(client: FlaskClient, record: str) -> None:
    page = client.get(f"/records/{record}?lang=en").text
    assert f"/records/{record}/preview/a.json" in page
    assert f"/records/{record}/preview/a.bin" not in page


def test_an_embargoed_file_is_refused(client: FlaskClient, depositor: Depositor) -> None:
    closed = depositor.publish(
        {"a.txt": b"secret"},
        access={
            "record": "public",
            "files": "restricted",
            "embargo": {"active": True, "until": "2030-01-01"},
        },
    )
    url = f"/records/{closed}/preview/a.txt"
    assert client.get(url).status_code == 403
    sign_in(client, depositor.user)
    page = client.get(url)
    assert "secret" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
