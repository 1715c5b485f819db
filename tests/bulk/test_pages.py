"""Bulk edits by pages, tables and the API."""

import csv
import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from repository.accounts.models import Scope
from repository.accounts.tokens import create_token
from repository.bulk import tables
from repository.bulk.fields import FIELDS
from repository.core.errors import ValidationFailed
from tests.bulk.conftest import Desk
from tests.webapp import TOKEN, make_user, send_form, sign_in

PAGE = "/admin/bulk"
ACTION = {"actions/0/action": "add", "actions/0/field": "subject", "actions/0/value": "ford:1.5"}


def press(client: FlaskClient, page: str, step: str) -> None:
    found = TOKEN.search(client.get(page).text)
    assert found
    answer = client.post(f"{page}/{step}", data={"csrf_token": found[1]})
    assert answer.status_code == 303, answer.text


def test_a_curator_goes_all_the_way(site_desk: Desk, client: FlaskClient) -> None:
    desk = site_desk
    sign_in(client, desk.user)
    nothing = send_form(client, PAGE, **ACTION)
    assert nothing.status_code == 400
    assert 'value="ford:1.5"' in nothing.text, "nothing typed is lost"
    more = send_form(client, PAGE, **ACTION, q="khi hau", do="more")
    assert "actions/1/value" in more.text
    begun = send_form(client, PAGE, **ACTION, q="khi hau", note="Phân loại lại")
    assert begun.status_code == 303
    page = begun.location
    assert "Đang xem xét" in client.get(page).text
    desk.settle()
    looked = client.get(page).text
    assert looked.count("<ins>ford:1.5</ins>") == 4
    assert "<del>" not in looked, "what stays is not shown as going"
    assert "Sửa 3 bản ghi" in looked
    assert desk.version(desk.versions[0]).revision == 1
    press(client, page, "start")
    desk.settle()
    assert "Hoàn tác: khôi phục 3 bản ghi" in client.get(page).text
    press(client, page, "undo")
    desk.settle()
    undone = client.get(f"{page}?state=undone&lang=en").text
    assert "Undone" in undone
    assert desk.metadata(desk.versions[0])["subjects"][-1]["scheme"] == "FOR"
    assert "Phân loại lại" in client.get(PAGE).text


def test_terms_are_merged_from_the_page(site_desk: Desk, client: FlaskClient) -> None:
    sign_in(client, site_desk.user)
    found = TOKEN.search(client.get(PAGE).text)
    assert found
    sent = {"csrf_token": found[1], "old": "ford:1.5", "new": "ford:none"}
    wrong = client.post(f"{PAGE}/merge", data=sent)
    assert wrong.status_code == 400
    assert 'id="new-error"' in wrong.text
    assert 'value="ford:none"' in wrong.text, "nothing typed is lost"
    begun = client.post(f"{PAGE}/merge", data=sent | {"new": "ford:1.4"})
    assert begun.status_code == 303
    assert "ford:1.4" in client.get(begun.location).text


def test_others_have_no_business_there(site_desk: Desk, client: FlaskClient) -> None:
    bulk = site_desk.begin({"action": "set", "field": "version", "value": "2"})
    sign_in(client, make_user(site_desk.runtime, "other@example.org"))
    for path in ("", f"/{bulk}", "/table.csv", "/table.xlsx"):
        assert client.get(PAGE + path).status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_goes_out_and_comes_back(
    site_desk: Desk, client: FlaskClient, kind: str, tmp_path: Path
) -> None:
    desk = site_desk
    desk.publisher.edit(desk.versions[2], version="=1+1")
    desk.settle()
    sign_in(client, desk.user)
    sent = client.get(f"{PAGE}/table.{kind}?q=*").data
    path = tmp_path / f"t.{kind}"
    path.write_bytes(sent)
    rows = (
        CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        if kind == "xlsx"
        else list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))
    )
    header = [str(cell) for cell in rows[0]]
    assert header == ["id", "revision", *FIELDS]
    lines = {str(row[0]): [str(cell) for cell in row] for row in rows[1:]}
    place = header.index
    if kind == "csv":
        assert lines[desk.versions[2]][place("version")] == "'=1+1", "no formula"
    lines[desk.versions[0]][place("keyword")] = "khí hậu || đồng bằng"
    lines[desk.versions[1]][place("subject")] += " || ford:1.5"
    lines[desk.versions[1]][place("license")] = "no-such"
    lines[desk.versions[2]][place("title_en")] = "New"
    desk.publisher.edit(desk.versions[2], publisher="Khác")
    back = tmp_path / f"back.{kind}"
    table = [header, *lines.values()]
    if kind == "csv":
        with back.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows(table)
    else:
        with Workbook(str(back)) as book:
            sheet = book.add_worksheet()
            for number, line in enumerate(table):
                for column, cell in enumerate(line):
                    sheet.write_string(number, column, cell)
    found = TOKEN.search(client.get(PAGE).text)
    assert found
    upload = (io.BytesIO(back.read_bytes()), back.name)
    begun = client.post(f"{PAGE}/table", data={"csrf_token": found[1], "file": upload})
    assert begun.status_code == 303, begun.text
    desk.settle()
    states = {item.given: item.state for item in desk.items(begun.location.rpartition("/")[2])}
    assert states == dict(zip(desk.versions, ("change", "refused", "conflict"), strict=True))
    press(client, begun.location, "start")
    desk.settle()
    subjects = [each["subject"] for each in desk.metadata(desk.versions[0])["subjects"]]
    assert subjects == ["khí hậu", "đồng bằng", "Climatology"]
    assert desk.metadata(desk.versions[0])["titles"][0]["title"] == "Bộ dữ liệu 0"


def test_a_table_left_alone_changes_nothing(site_desk: Desk, client: FlaskClient) -> None:
    desk = site_desk
    sign_in(client, desk.user)
    sent = client.get(f"{PAGE}/table.csv?q=*").data
    with desk.runtime.work() as work:
        from repository.bulk import services

        rows = tables.edits_in(sent, "records.csv")
        bulk = services.begin_with_rows(work, desk.curator, rows).id
    desk.settle()
    assert desk.bulk(bulk).counts == {"same": 3}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\xff\xfe\x00", "a.csv"),
        (b"title\nx\n", "a.csv"),
        (b"id,nothing\n1,2\n", "a.csv"),
        (b"PK\x03\x04 no zip", "a.xlsx"),
        (b"", "a.xlsx"),
    ],
)
def test_tables_that_are_none_are_refused(data: bytes, name: str) -> None:
    with pytest.raises(ValidationFailed):
        tables.edits_in(data, name)


def test_a_list_names_records_in_its_column() -> None:
    assert tables.ids_in(b"title;DOI\nx;10.1/a\ny;10.1/b\n", "l.csv") == ["10.1/a", "10.1/b"]
    assert tables.ids_in(b"aaaaa-bbbbb\nccccc-ddddd\n", "l.txt") == ["aaaaa-bbbbb", "ccccc-ddddd"]


def test_programs_do_the_same(site_desk: Desk, client: FlaskClient) -> None:
    desk = site_desk
    with desk.runtime.work() as work:
        token = create_token(work, desk.user, name="t", scopes=[*Scope])[1]
    headers = {"Authorization": f"Bearer {token}"}
    body = {
        "selection": {"ids": desk.versions},
        "actions": [{"action": "set", "field": "publisher", "value": "Nhà Mẫu"}],
    }
    wrong = client.post("/api/bulk-edits", json=body | {"selection": {}}, headers=headers)
    assert wrong.status_code == 400
    made = client.post("/api/bulk-edits", json=body, headers=headers)
    assert made.status_code == 201
    assert made.json is not None
    link = made.json["links"]["self"].partition("repository.test")[2]
    desk.settle()
    changes = client.get(f"{link}/changes?state=change", headers=headers).json
    assert changes is not None
    assert changes["hits"]["total"] == 3
    assert changes["hits"]["hits"][0]["changes"][0]["added"] == ["Nhà Mẫu"]
    assert client.post(f"{link}/actions/start", headers=headers).status_code == 202
    assert client.post(f"{link}/actions/start", headers=headers).status_code == 409
    desk.settle()
    read = client.get(link, headers=headers).json
    assert read is not None
    assert (read["status"], read["counts"]) == ("done", {"done": 3})
    ledger = client.get("/api/bulk-edits", headers=headers).json
    assert ledger is not None
    assert ledger["hits"]["total"] == 1
    assert client.get("/api/bulk-edits").status_code == 401
