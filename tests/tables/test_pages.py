"""A table as visitors and programs see it: rows, filters, charts, and who may."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from flask.testing import FlaskClient

from repository.core.runtime import Runtime
from repository.records.models import TableProfile
from tests.discovery.library import Depositor
from tests.tables.conftest import RAIN
from tests.webapp import sign_in

PATH = quote("mưa ngày.csv")


@pytest.fixture
def record(depositor: Depositor) -> str:
    return depositor.publish({"mưa ngày.csv": RAIN, "đọc.txt": b"abc"})


def json_of(client: FlaskClient, url: str) -> Any:
    return client.get(url).json


def rows(client: FlaskClient, record: str, query: str = "") -> Any:
    return json_of(client, f"/api/records/{record}/files/{PATH}/rows?{query}")


def test_rows_come_typed_filtered_sorted_and_cut(client: FlaskClient, record: str) -> None:
    told = rows(client, record, "column=trạm&op=eq&value=T1&sort=-mưa&limit=2&show=ngày&show=mưa")
    assert told["columns"] == [
        {"name": "ngày", "type": "date"},
        {"name": "mưa", "type": "number"},
    ]
    assert told["rows"] == [["2024-01-28", 42.0], ["2024-01-25", 37.5]]
    assert told["total"] == 11
    assert rows(client, record, "offset=30")["rows"] == [["2024-01-31", "T1", None]]


def test_every_operator_means_what_it_says(client: FlaskClient, record: str) -> None:
    for query, total in (
        ("column=mưa&op=ge&value=40", 4),
        ("column=mưa&op=lt&value=3", 1),
        ("column=mưa&op=empty&value=", 1),
        ("column=mưa&op=filled&value=", 30),
        ("column=trạm&op=ne&value=T1", 20),
        ("column=trạm&op=contains&value=t2", 10),
        ("column=ngày&op=gt&value=2024-01-20&column=trạm&op=eq&value=T0", 4),
        ("column=ngày&op=starts&value=2024-01-1", 10),
    ):
        assert rows(client, record, query)["total"] == total, query


def test_anything_else_is_refused_by_name(client: FlaskClient, record: str) -> None:
    for query, pointer in (
        ("column=nope&op=eq&value=1", "/column/0"),
        ("column=mưa&op=like&value=1", "/op/0"),
        ("column=mưa&op=eq&value=1+OR+1%3D1", "/value/0"),
        ("column=ngày&op=eq&value=hôm+qua", "/value/0"),
        ("sort=nope", "/sort"),
        ("show=nope", "/show"),
        ("limit=100000", "/limit"),
        ("format=exe", "/format"),
    ):
        answer = client.get(f"/api/records/{record}/files/{PATH}/rows?{query}")
        assert answer.status_code == 400
        assert [each["pointer"] for each in (answer.json or {})["errors"]] == [pointer]


def test_names_and_values_are_never_sql(client: FlaskClient, depositor: Depositor) -> None:
    name = 'a"; DROP TABLE x; --'
    content = b'"a""; DROP TABLE x; --",b\n"\'; --",1\nz,2\n'
    record = depositor.publish({"a.csv": content})
    url = f"/api/records/{record}/files/a.csv/rows"
    told = client.get(url, query_string={"column": name, "op": "eq", "value": "'; --"}).json
    assert (told or {})["rows"] == [["'; --", 1]]


def test_csv_and_parquet_hold_the_same_rows(
    client: FlaskClient, record: str, tmp_path: Any
) -> None:
    query = "column=trạm&op=eq&value=T0&show=ngày&show=mưa"
    wanted = rows(client, record, query)["rows"]
    url = f"/api/records/{record}/files/{PATH}/rows?{query}"
    with client.get(f"{url}&format=csv") as text:
        assert text.mimetype == "text/csv"
        assert text.data.decode().splitlines()[:2] == ["ngày,mưa", "2024-01-03,4.5"]
    with client.get(f"{url}&format=parquet") as made:
        (tmp_path / "out.parquet").write_bytes(made.data)
    query = f'SELECT "ngày"::VARCHAR, "mưa" FROM \'{tmp_path / "out.parquet"}\''
    assert [list(each) for each in duckdb.execute(query).fetchall()] == wanted


def test_the_page_shows_rows_and_keeps_the_view_in_its_links(
    client: FlaskClient, record: str
) -> None:
    page = client.get(f"/records/{record}/table/{PATH}?column=trạm&op=eq&value=T1&sort=mưa")
    assert page.status_code == 200
    assert page.text.count("<tr>") - 1 == 11  # and the head
    assert 'aria-sort="ascending"' in page.text
    assert "sort=-m%C6%B0a" in page.text
    assert "column=tr%E1%BA%A1m" in page.text
    assert "<script" not in page.text.split("<main", 1)[1]
    assert "vega" not in page.text
    again = client.get(
        f"/records/{record}/table/{PATH}?column=trạm&op=eq&value=T1&sort=mưa",
        headers={"If-None-Match": page.headers["ETag"]},
    )
    assert again.status_code == 304


def test_of_many_columns_those_ticked_are_shown(client: FlaskClient, depositor: Depositor) -> None:
    names = [f"cột {n}" for n in range(45)]
    rows = [[str(n * 1234.5678901) for n in range(45)], [str(n * 2) + ".5" for n in range(45)]]
    wide = "\n".join(",".join(row) for row in [names, *rows])
    record = depositor.publish({"w.csv": wide.encode()})
    page = client.get(f"/records/{record}/table/w.csv?lang=vi").text
    assert "Còn 5 cột chưa hiện" in page
    assert page.count('type="checkbox" name="show"') == 45
    assert "1234,57" in page  # in summaries; cells are as they are
    assert "1234.5678901" in page
    page = client.get(f"/records/{record}/table/w.csv?show=cột 44&show=cột 1&lang=vi").text
    assert page.count('<th scope="col"') == 2
    assert page.count(" checked>") == 2


def test_charts_are_drawn_on_the_server_and_can_be_embedded(
    client: FlaskClient, record: str
) -> None:
    for query, mark in (
        ("chart=bar&x=trạm&y=mưa", '<rect class="mark"'),
        ("chart=bar&x=trạm", '<rect class="mark"'),
        ("chart=line&x=ngày&y=mưa", '<path class="line"'),
        ("chart=scatter&x=mưa&y=mưa", '<circle class="dot"'),
    ):
        assert mark in client.get(f"/records/{record}/table/{PATH}?{query}").text
    card = client.get(f"/records/{record}/chart/{PATH}?chart=bar&x=trạm")
    assert '<rect class="mark"' in card.text
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    assert "script-src" not in card.headers["Content-Security-Policy"]


def test_charts_come_as_vega_lite(client: FlaskClient, record: str) -> None:
    url = f"/records/{record}/chart.vl.json/{PATH}"
    for query, mark, count in (
        ("chart=bar&x=trạm&y=mưa", "bar", 3),
        ("chart=line&x=ngày&y=mưa", "line", 30),
        ("chart=scatter&x=mưa&y=mưa&column=trạm&op=eq&value=T2", "point", 10),
    ):
        answer = client.get(f"{url}?{query}&lang=vi")
        told: Any = answer.json
        assert (told["mark"]["type"], len(told["data"]["values"])) == (mark, count)
        assert told["config"]["locale"]["number"]["decimal"] == ","
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = json_of(client, f"{url}?chart=line&x=ngày&y=mưa&lang=en")
    assert told["data"]["values"][0] == {"x": "2024-01-01T00:00:00", "y": 1.5}
    assert told["encoding"]["x"]["title"] == "ngày"
    for query in ("", "chart=pie&x=trạm", "chart=line&x=trạm&y=mưa", "chart=map"):
        assert client.get(f"{url}?{query}").status_code == 404


def test_years_that_no_clock_has_are_left_out(
    client: FlaskClient, depositor: Depositor, tmp_path: Path
) -> None:
    days = "unnest([DATE '2024-01-01', DATE '12024-01-01', DATE '2025-01-01'])"
    far = tmp_path / "far.parquet"
    duckdb.sql(f"COPY (SELECT {days} AS day, unnest([1, 2, 3]) AS v) TO '{far}'")
    record = depositor.publish({"far.parquet": far.read_bytes()})
    told = json_of(client, f"/records/{record}/chart.vl.json/far.parquet?chart=line&x=day&y=v")
    assert [each["y"] for each in told["data"]["values"]] == [1, 3]


def test_places_are_drawn_on_a_map(client: FlaskClient, depositor: Depositor) -> None:
    """By the columns' names where none are chosen; what is no place on earth is left out."""
    rows = b"name,lat,lon,h\nA,10.5,106.2,3\nB,11,106.4,4\nC,,,5\nD,95,500,6\n"
    record = depositor.publish({"p.csv": rows, "q.csv": b"a,b\n1,2\n"})
    told = client.get(f"/records/{record}/table/p.csv?chart=map").text
    assert told.count('<circle class="dot"') == 2
    assert "<title>106.2, 10.5</title>" in told
    chosen = client.get(f"/records/{record}/chart/p.csv?chart=map&x=h&y=lat").text
    assert chosen.count('<circle class="dot"') == 2
    assert '<path class="land" d="M' in chosen
    layers = json_of(client, f"/records/{record}/chart.vl.json/p.csv?chart=map")["layer"]
    assert layers[0]["data"]["values"][0]["geometry"]["coordinates"]
    assert "TP. Hồ Chí Minh" in [
        each["name"] for layer in layers[1:-1] for each in layer["data"]["values"]
    ]
    shown = sorted(each["x"] for each in layers[-1]["data"]["values"])
    assert shown == [106.2, 106.4]
    none = client.get(f"/records/{record}/table/q.csv?chart=map&lang=en").text
    assert "hold nothing to draw" in none


def test_text_in_cells_stays_text(client: FlaskClient, depositor: Depositor) -> None:
    record = depositor.publish({"x.csv": b"<b>h</b>,n\n<script>alert(1)</script>,1\n=1+1,2\n"})
    for query in ("", "?chart=bar&x=%3Cb%3Eh%3C/b%3E&y=n"):
        page = client.get(f"/records/{record}/table/x.csv{query}").text
        assert "<script>alert" not in page
        assert "<b>h</b>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_file_that_cannot_be_shown_says_why(client: FlaskClient, depositor: Depositor) -> None:
    record = depositor.publish({"bad.parquet": b"PAR1 no PAR1"})
    page = client.get(f"/records/{record}/table/bad.parquet?lang=en")
    assert page.status_code == 422
    assert "it may be damaged" in page.text
    assert "Download the file" in page.text
    told = json_of(client, f"/api/records/{record}/files/bad.parquet/table")
    assert told["type"].endswith("table-not-readable")


def test_only_those_who_may_download_see_columns_or_rows(
    client: FlaskClient, depositor: Depositor
) -> None:
    record = depositor.publish({"mưa ngày.csv": RAIN}, access={"files": "restricted"})
    addresses = [
        f"/records/{record}/table/{PATH}",
        f"/records/{record}/chart/{PATH}?chart=bar&x=trạm",
        f"/records/{record}/chart.vl.json/{PATH}?chart=bar&x=trạm",
        f"/api/records/{record}/files/{PATH}/rows",
        f"/api/records/{record}/files/{PATH}/table",
    ]
    assert {client.get(each).status_code for each in addresses} == {403}
    for name in ("croissant", "ddi", "data-package", "schema-org"):
        told = client.get(f"/records/{record}/export/{name}")
        assert "trạm" not in told.text
        assert "tr\\u1ea1m" not in told.text
    sign_in(client, depositor.user)
    page = client.get(addresses[0])
    assert page.status_code == 200
    assert "private" in page.headers["Cache-Control"]
    assert client.get(addresses[1]).status_code == 403
    mine = client.get(addresses[2])
    assert mine.status_code == 200
    assert "private" in mine.headers["Cache-Control"]


def test_the_profile_is_kept_and_told_in_every_format(
    client: FlaskClient, record: str, sqlite_runtime: Runtime
) -> None:
    with sqlite_runtime.read() as work:
        profile = work.session.query(TableProfile).one()
    assert profile.details["rows"] == 31
    assert [each["name"] for each in profile.variables] == ["ngày", "trạm", "mưa"]
    croissant = json_of(client, f"/records/{record}/export/croissant")
    fields = croissant["recordSet"][0]["field"]
    assert [each["dataType"] for each in fields] == ["sc:Date", "sc:Text", "sc:Float"]
    package = json_of(client, f"/records/{record}/export/data-package")
    assert package["resources"][0]["schema"]["fields"][2] == {"name": "mưa", "type": "number"}


def test_a_lost_cache_is_made_again(
    client: FlaskClient, record: str, sqlite_runtime: Runtime
) -> None:
    cached = list((sqlite_runtime.settings.data_dir / "tables" / "cache").rglob("*.parquet"))
    assert len(cached) == 1
    cached[0].unlink()
    assert rows(client, record, "limit=1")["total"] == 31
    assert cached[0].exists()


def test_a_depositor_describes_columns(
    client: FlaskClient, depositor: Depositor, sqlite_runtime: Runtime
) -> None:
    from repository.deposit.drafts import edit_published

    record = depositor.publish({"mưa ngày.csv": RAIN})
    with sqlite_runtime.work() as work:
        edit_published(work, depositor.actor, record)
    sign_in(client, depositor.user)
    url = f"/deposit/{record}/columns/{PATH}"
    page = client.get(url)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {
        "csrf_token": token,
        "name": ["ngày", "trạm", "mưa"],
        "variables/2/label": "Lượng mưa ngày",
        "variables/2/unit": "mm",
        "variables/2/concept": "not an address",
    }
    refused = client.post(url, data=fields)
    assert refused.status_code == 400
    assert "Lượng mưa ngày" in refused.text
    fields["variables/2/concept"] = "http://vocab.nerc.ac.uk/standard_name/lwe_precipitation"
    assert client.post(url, data=fields).status_code == 302
    told = json_of(client, f"/api/records/{record}/files/{PATH}/table")["columns"][2]
    assert (told["label"], told["unit"], told["type"]) == ("Lượng mưa ngày", "mm", "number")
    assert "Lượng mưa ngày (mm)" in client.get(f"/records/{record}/table/{PATH}").text
    assert "lwe_precipitation" in client.get(f"/records/{record}/export/data-package").text
