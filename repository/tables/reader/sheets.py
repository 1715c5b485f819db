"""XLSX through calamine: one sheet of values, no formulas, no macros, no links."""

import csv
import datetime as dt
import zipfile
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from repository.tables.reader.refusal import Refused

MAX_MEMBERS = 10_000
MAX_RATIO = 200
SMALL = 32 << 20


def as_csv(source: Path, sheet: int | None, target: Path, room: int) -> tuple[list[str], int]:
    """Write a sheet's rows as CSV; all sheets' names, and which was taken (from 0).

    Without `sheet` the first that holds anything. `room` in bytes is what the unpacked file may
    take. Raises Refused.
    """
    _check_unpacked(source, room)
    try:
        book = CalamineWorkbook.from_path(str(source))
        names = list(book.sheet_names)
        chosen = _filled(book, names) if sheet is None else sheet
        if not 0 <= chosen < len(names):
            raise Refused("no-sheet", sheets=len(names))
        rows = book.get_sheet_by_index(chosen).iter_rows()
    except CalamineError as error:
        raise Refused("unreadable") from error
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            cells = [_text(cell) for cell in row]
            if any(cells):
                writer.writerow(cells)
    return names, chosen


def _filled(book: CalamineWorkbook, names: list[str]) -> int:
    for index in range(min(len(names), 50)):
        if book.get_sheet_by_index(index).height:
            return index
    return 0


def _check_unpacked(source: Path, room: int) -> None:
    """By what the file says of itself; where that is a lie, the limit of memory holds."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused("unreadable") from error
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    bomb = unpacked > SMALL and unpacked / packed > MAX_RATIO
    if len(members) > MAX_MEMBERS or unpacked > room or bomb:
        raise Refused("unpacks-too-large")


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)
