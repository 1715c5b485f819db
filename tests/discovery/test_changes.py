"""What a reader is told of the difference between versions."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from repository.core.runtime import Runtime
from repository.records.models import Version
from tests.discovery.library import METADATA, Depositor
from tests.webapp import sign_in

OLD = {"a.csv": b"a\n1\n", "b.csv": b"b\n", "c/d.txt": b"moved", "e.txt": b"gone"}
NEW = {"a.csv": b"a\n1\n", "b.csv": b"b\n2\n", "f/d.txt": b"moved", "g.txt": b"new"}
BETTER = "Mưa từng ngày ở trạm Đồng Ví Dụ, đo bằng thùng."


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


def changes(client: FlaskClient, version: str, query: str = "") -> str:
    page = client.get(f"/records/{version}/changes?lang=en{query}")
    assert page.status_code == 200
    return re.sub(r'<span class="visually-hidden">.*?</span> ', "", page.text)


def test_files_and_words_that_changed(client: FlaskClient, depositor: Depositor) -> None:
    first = depositor.publish(OLD)
    description = {"description": "Mưa từng ngày ở trạm Đồng Ví Dụ.", "lang": "vi"}
    second = depositor.revise(NEW, descriptions=[{**description, "type": {"id": "abstract"}}])
    better = {**description, "description": BETTER, "type": {"id": "abstract"}}
    third = depositor.revise({**NEW, "h.txt": b"h"}, descriptions=[better])
    assert len({first, second, third}) == 3

    page = changes(client, second)
    assert "<ins>g.txt</ins>" in page
    assert "<del>e.txt</del>" in page
    assert "<del>c/d.txt</del> → <ins>f/d.txt</ins>" in page
    assert "b.csv <span" in page
    assert "1 file is the same" in page
    assert "<del>Daily rainfall.</del>" in page
    assert f'href="/records/{second}/changes"' in client.get(f"/records/{second}").text
    assert f'href="/records/{first}/changes"' not in client.get(f"/records/{first}").text

    page = changes(client, third)
    assert "Đồng Ví <del>Dụ.</del> <ins>Dụ, đo bằng thùng.</ins></p>" in page
    assert "<ins>h.txt</ins>" in changes(client, third, f"&since={first}")
    assert "no earlier version" in changes(client, first)
    assert client.get(f"/records/{first}/changes?since={third}").status_code == 404
    assert client.get("/records/00000-00000/changes").status_code == 404


def test_nothing_is_told_of_what_is_hidden(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime
) -> None:
    first = depositor.publish({"bí mật.txt": b"a"}, titles=[{"title": "Tên bí mật"}])
    second = depositor.revise({"mở.txt": b"b"}, titles=METADATA["titles"])
    with sqlite_runtime.work() as work:
        hidden = work.session.get_one(Version, first)
        hidden.record_access = hidden.files_access = "restricted"
        work.changed(hidden.record_id)
    page = changes(client, second)
    assert "bí mật" not in page
    assert "no earlier version" in page
    assert client.get(f"/records/{second}/changes?since={first}").status_code == 404
    sign_in(client, depositor.user)
    assert "<del>bí mật.txt</del>" in changes(client, second)


def test_what_people_wrote_stays_text(client: FlaskClient, depositor: Depositor) -> None:
    depositor.publish({"a": b"a"}, subjects=[{"subject": "<b>old</b>"}])
    second = depositor.revise({"<i>.txt": b"b"}, subjects=[{"subject": "<b>new</b>"}])
    page = changes(client, second)
    assert "<del>&lt;b&gt;old&lt;/b&gt;</del>" in page
    assert "<b>" not in page
    assert "<i>" not in page
