"""Which requests are use, and where the numbers are shown."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.core.jobs import handler_for
from repository.core.runtime import Runtime
from repository.stats.services import totals
from repository.stats.views import EXTENSION
from tests.discovery.library import Depositor
from tests.stats.test_counting import FIREFOX
from tests.webapp import sign_in

READER = {"User-Agent": FIREFOX}


@pytest.fixture
def depositor(sqlite_runtime: Runtime, tmp_path: Path) -> Depositor:
    return Depositor(sqlite_runtime, tmp_path / "sources")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish({"a.txt": b"0123456789", "b.png": b"\x89PNG\r\n\x1a\n"})


def count(app: Flask, runtime: Runtime) -> None:
    app.extensions[EXTENSION].write(runtime, all_of_it=True)
    handler_for("stats.count")(runtime, {})


def test_looks_and_downloads(
    app: Flask, client: FlaskClient, sqlite_runtime: Runtime, record: str
) -> None:
    page = f"/records/{record}"
    for url, headers in (
        (page, READER),
        (page, {"User-Agent": "Googlebot/2.1"}),
        (f"{page}/files/a.txt", READER),
        (f"{page}/files/a.txt", READER | {"Range": "bytes=5-"}),
        (f"{page}/files/b.png?inline=1", READER),
        (f"{page}/files.zip", READER | {"Range": "bytes=0-"}),
        (f"{page}/files/none.txt", READER),
        ("/search?q=a", READER),
    ):
        client.get(url, headers=headers, buffered=True).close()
    client.head(page, headers=READER)
    client.get(f"/api{page}", headers={"User-Agent": "python-requests/2.32"})
    count(app, sqlite_runtime)
    with sqlite_runtime.read() as work:
        found = totals(work, [record])[record]
    assert (found.views, found.downloads) == (2, 2)
    assert found.bytes > 10


def test_numbers_are_shown(
    app: Flask, client: FlaskClient, sqlite_runtime: Runtime, record: str
) -> None:
    before = client.get(f"/records/{record}", headers=READER)
    count(app, sqlite_runtime)
    page = client.get(f"/records/{record}?lang=en", headers=READER)
    assert "Usage" in page.text
    assert '<rect class="views"' in page.text
    assert page.headers["ETag"] != before.headers["ETag"]
    body: Any = client.get(f"/api/records/{record}").json
    assert body["stats"]["this_version"]["views"] == 1
    assert body["stats"]["all_versions"]["unique_views"] == 1
    stats: Any = client.get(f"/api/records/{record}/stats").json
    assert stats["this_version"] == body["stats"]["this_version"]
    assert stats["months"][-1] == {"month": "2026-11", "views": 1, "downloads": 0}


def test_the_monthly_report(
    app: Flask, client: FlaskClient, sqlite_runtime: Runtime, depositor: Depositor, record: str
) -> None:
    hidden = depositor.publish(
        {"a.txt": b"x"}, access={"record": "restricted", "files": "restricted"}
    )
    owner = app.test_client()
    sign_in(owner, depositor.user)
    for each in (record, hidden):
        owner.get(f"/records/{each}", headers=READER)
    client.get(f"/api/records/{record}/files/a.txt/content", headers=READER, buffered=True)
    count(app, sqlite_runtime)
    report: Any = client.get("/api/reports/dsr?month=2026-11").json
    assert report["report-header"]["report-id"] == "dsr"
    (dataset,) = report["report-datasets"]
    assert dataset["dataset-id"] == [{"type": "doi", "value": f"10.5072/{record}"}]
    assert dataset["performance"][0]["instance"] == [
        {"access-method": method, "metric-type": f"{name}-dataset-{kind}", "count": 1}
        for method, kinds in (
            ("regular", ("investigations",)),
            ("machine", ("investigations", "requests")),
        )
        for kind in kinds
        for name in ("total", "unique")
    ]
    mine: Any = owner.get("/api/reports/dsr?month=2026-11").json
    assert len(mine["report-datasets"]) == 2
    empty: Any = client.get("/api/reports/dsr?month=2026-10").json
    assert empty["report-datasets"] == []
    assert [each["code"] for each in empty["report-header"]["exceptions"]] == [3030]
    for span in (
        "begin_date=2026-10&end_date=2026-11",
        "begin_date=2026-11-01&end_date=2026-12-01",
    ):
        spanned: Any = client.get(f"/api/reports/dsr?{span}").json
        assert len(spanned["report-datasets"]) == 1
        assert [each["code"] for each in spanned["report-header"]["exceptions"]] == [3040]
        assert span.split("&")[0] in spanned["links"]["self"]
    for wrong, at in (
        ("begin_date=2026-11", "/end_date"),
        ("begin_date=2026-13&end_date=2026-12", "/begin_date"),
        ("begin_date=2026-11&end_date=2026-10-31", "/end_date"),
        ("begin_date=2026-11&end_date=2026-11&month=2026-11", "/month"),
        ("month=2026-11-01", "/month"),
    ):
        refused: Any = client.get(f"/api/reports/dsr?{wrong}").json
        assert [each["pointer"] for each in refused["errors"]] == [at]
    assert client.get("/api/reports/dsr?month=october").status_code == 400


def test_what_is_hidden_has_no_numbers(client: FlaskClient, depositor: Depositor) -> None:
    hidden = depositor.publish({}, access={"record": "restricted", "files": "restricted"})
    assert client.get(f"/api/records/{hidden}/stats").status_code == 404


def test_counting_never_breaks_an_answer(
    app: Flask, client: FlaskClient, sqlite_runtime: Runtime, record: str
) -> None:
    client.get(f"/records/{record}", headers=READER)
    with sqlite_runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE usage_events")
    app.extensions[EXTENSION].write(sqlite_runtime, all_of_it=True)
    assert client.get(f"/records/{record}", headers=READER).status_code == 200
