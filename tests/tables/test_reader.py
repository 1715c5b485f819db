"""What the process that opens tables finds in them, and how it refuses what would hurt."""

import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

from repository.core.settings import Settings
from repository.tables import readers, sandbox
from repository.tables.kinds import table_kind
from repository.tables.refusals import TableRefused
from tests.tables.conftest import row, workbook

Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    settings = Settings(data_dir=tmp_path / "data")

    def read(name: str, content: bytes = b"", *, seconds: int = 20) -> dict[str, Any]:
        path = tmp_path / name
        if content:
            path.write_bytes(content)
        kind = table_kind(name, "")
        with sandbox.scratch(settings) as folder:
            task = {"do": "prepare", "source": str(path), "kind": kind, "sheet": None}
            return sandbox.run(settings, folder, task, seconds=seconds)

    return read


def types(told: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["type"] for each in told["columns"]}


def codes(told: dict[str, Any]) -> list[tuple[str, object, object]]:
    return [(p["code"], p.get("row"), p.get("column")) for p in told["problems"]]


def test_columns_get_the_type_that_all_their_values_have(read: Read) -> None:
    told = read(
        "a.csv",
        b"id,code,price,day,seen,ok,vn\n"
        b"1,007,1.5,2024-02-29,2024-01-01 10:00:00,true,05/03/2024\n"
        b"2,010,NA,2024-03-01,2024-01-02 11:30:00,false,31/12/2024\n"
        b"-3,123,2e3,,2024-01-03 00:00:00,true,01/01/2024\n",
    )
    assert types(told) == {
        "id": "integer",
        "code": "string",  # its zeros mean something
        "price": "number",
        "day": "date",
        "seen": "datetime",
        "ok": "boolean",
        "vn": "date",
    }
    price = told["columns"][2]
    assert (price["missing"], price["min"], price["max"], price["mean"]) == (1, 1.5, 2000, 1000.75)
    assert told["columns"][6]["max"] == "2024-12-31"
    assert told["rows"] == 3
    assert told["problems"] == []


def test_statistics_are_those_of_the_values(read: Read) -> None:
    told = read(
        "a.csv", b"n,w\n" + b"".join(b"%d,%s\n" % (n, b"xyz"[n % 3 :][:1]) for n in range(100))
    )
    number, word = told["columns"]
    assert (number["min"], number["max"], number["mean"], sum(number["bins"])) == (0, 99, 49.5, 100)
    assert word["top"] == [["x", 34], ["y", 33], ["z", 33]]


def test_faults_are_named_with_row_and_column(read: Read) -> None:
    lines = [b"a,b,a,", b"1,2,3,4", b"5,6", b"1,2,3,4,5", b"x,1,1,1", *[b"1,2,3,4"] * 20]
    told = read("a.csv", b"\n".join(lines))
    assert set(codes(told)) == {
        ("repeated-column", 1, "a"),
        ("unnamed-column", 1, "4"),
        ("short-row", 3, None),
        ("long-row", 4, None),
        ("mixed-type", 3, "a"),
    }
    assert told["rows"] == 23  # the short row is kept, the long one is not
    assert [c["name"] for c in told["columns"]] == ["a", "b", "a_2", "column4"]


def test_names_of_columns_are_never_taken_for_our_own(read: Read) -> None:
    told = read("a.csv", b"value,n,Value,bin,file_row_number\nx,1,5,2,9\ny,2,6,3,8\n")
    names = ["value", "n", "Value_2", "bin", "file_row_number_2"]
    assert [c["name"] for c in told["columns"]] == names
    assert [c["min"] for c in told["columns"][1:]] == [1, 5, 2, 8]
    assert told["columns"][0]["top"] == [["x", 1], ["y", 1]]
    assert codes(told) == [("repeated-column", 1, "Value")]


def _in_windows_1258(text: str) -> bytes:
    """As Vietnamese Windows wrote it: tones stand after their letters."""
    made = b""
    for letter in unicodedata.normalize("NFC", text):
        marks = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(m for m in marks if m not in tones))
        made += (base + tones).encode("cp1258")
    return made


TEXT = "tỉnh;năng suất\nHà Nội;5,3\nĐồng Tháp;6,1\nCần Thơ;7,25\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (_in_windows_1258(TEXT), "cp1258"),
    ],
)
def test_the_encoding_is_found(read: Read, content: bytes, encoding: str) -> None:
    told = read("a.csv", content)
    assert told["encoding"] == encoding
    assert types(told) == {"tỉnh": "string", "năng suất": "number"}
    assert told["columns"][0]["top"][0][0] == "Cần Thơ"
    assert told["columns"][1]["max"] == 7.25


def test_bytes_that_are_no_text_are_named(read: Read) -> None:
    good = "Hà Nội,1\n".encode() * 400
    told = read("a.csv", "nơi,số\n".encode() + good + b"H\xff,1\n" + good)
    assert told["problems"] == [{"code": "bad-encoding", "row": 402, "count": 1}]
    assert told["encoding"] == "utf-8"


def test_a_workbook_and_a_parquet_file_are_tables_too(read: Read, tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx", row("tên", "số"), row("x", 1.5), row("y", 2))
    told = read("b.xlsx")
    assert (types(told), told["sheets"]) == ({"tên": "string", "số": "number"}, ["Bảng"])
    query = "SELECT 1 AS a, [1, 2] AS l, DATE '2024-01-01' AS d"
    duckdb.sql(f"COPY ({query}) TO '{tmp_path / 'c.parquet'}' (FORMAT parquet)")
    assert types(read("c.parquet")) == {"a": "integer", "l": "string", "d": "date"}


def _bomb(folder: Path) -> None:
    workbook(folder / "bomb.xlsx", row("a" * 1_000_000), times=100)


def _corners(folder: Path) -> None:
    """Two cells as far apart as a sheet allows: 17 billion cells for a careless reader."""
    near, far = '<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>'
    workbook(folder / "corners.xlsx", f'<row r="1">{near}</row>', f'<row r="1048576">{far}</row>')


def _wide(folder: Path) -> None:
    (folder / "wide.csv").write_text(",".join(f"c{n}" for n in range(100_000)))


def _cell(folder: Path) -> None:
    (folder / "cell.csv").write_text('a,b\n1,2\n3,"' + "x" * 20_000_000 + '"\n')


def _commas(folder: Path) -> None:
    (folder / "commas.csv").write_text("," * 20_000_000)


def _damaged(folder: Path) -> None:
    (folder / "damaged.parquet").write_bytes(b"PAR1" + b"\xff" * 1000 + b"PAR1")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_bomb, "unpacks-too-large"),
        (_corners, "memory"),
        (_wide, "columns"),
        (_cell, "long-line"),
        (_commas, "long-line"),
        (_damaged, "unreadable"),
    ],
)
def test_hostile_files_end_in_a_clear_message(
    read: Read, tmp_path: Path, make: Callable[[Path], None], reason: str
) -> None:
    make(tmp_path)
    name = next(path.name for path in tmp_path.iterdir() if path.is_file())
    with pytest.raises(TableRefused) as caught:
        read(name)
    assert caught.value.reason == reason


def test_a_hostile_file_is_read_beside_others_that_feel_nothing(read: Read, tmp_path: Path) -> None:
    _corners(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        hostile = pool.submit(read, "corners.xlsx")
        assert [read(f"{n}.csv", b"a\n1\n")["rows"] for n in range(3)] == [1, 1, 1]
        assert isinstance(hostile.exception(), TableRefused)


def test_one_process_serves_many_tasks_and_is_replaced_when_it_ends(read: Read) -> None:
    read("a.csv", b"a\n1\n")
    process = readers._idle[-1]
    read("b.csv", b"a\n1\n2\n")
    assert readers._idle[-1] is process
    process.kill()
    process.wait()
    assert read("c.csv", b"a\n1\n2\n3\n")["rows"] == 3
    assert process not in readers._idle


def test_nothing_is_left_behind(read: Read, tmp_path: Path) -> None:
    read("a.csv", b"a\n1\n")
    assert list((tmp_path / "data" / "tables" / "tmp").iterdir()) == []


def test_what_takes_too_long_is_ended(read: Read, tmp_path: Path) -> None:
    with (tmp_path / "long.csv").open("w") as file:
        file.write("a,b,c,d\n")
        for _ in range(200):
            file.write("1234567,abcdefg,2024-01-01,1.5\n" * 5000)
    with pytest.raises(TableRefused) as caught:
        read("long.csv", seconds=1)
    assert caught.value.reason == "time"


def test_the_reader_can_open_no_other_file(tmp_path: Path) -> None:
    """DuckDB itself refuses, whatever SQL a table's names might smuggle in."""
    from repository.tables.reader.engine import connect

    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    limits = {"memory": 128 << 20, "disk": 1 << 30}
    shut = connect({"limits": limits, "scratch": str(scratch), "source": str(scratch / "x.csv")})
    for sql in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM '{secret}'",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            shut.execute(sql)
