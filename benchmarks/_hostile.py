"""Files that want more than a machine has, small or sparse on disk, for a reader of tables."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

GB = 1 << 30
SHEET = "xl/worksheets/sheet1.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OF_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_OF_BOOK}.sheet.main+xml"/>'
    f'<Override PartName="/{SHEET}" ContentType="{_OF_BOOK}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="a" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>',
}


def _workbook(path: Path, row: str, times: int, told: int | None = None) -> None:
    """`row` so many times; `told` is what the archive says that its sheet unpacks to."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, text)
        with archive.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for _ in range(times):
                sheet.write(row.encode())
            sheet.write(b"</sheetData></worksheet>")
        if told is not None:
            archive.getinfo(SHEET).file_size = told


def _bomb(path: Path, told: int | None = None) -> None:
    text = "a" * (1 << 20)
    cells = f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>'
    _workbook(path, cells, GB >> 20, told)


def _corners(path: Path) -> None:
    """Two cells as far apart as a sheet allows."""
    near, far = '<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>'
    _workbook(path, f'<row r="1">{near}</row><row r="1048576">{far}</row>', 1)


def _columns(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(1000):
            file.write(b"," * 1_000_000)


def _cell(path: Path) -> None:
    """Sparse: what was never written reads as zeros."""
    with path.open("wb") as file:
        file.write(b'a,b\n1,2\n3,"')
        file.seek(4 * GB, os.SEEK_CUR)
        file.write(b'"\n')


FILES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "XLSX that unpacks to 1 GB": ("bomb.xlsx", _bomb),
    "the same, said to be 1 kB": ("liar.xlsx", lambda path: _bomb(path, 1000)),
    "two cells, 17 billion apart": ("corners.xlsx", _corners),
    "a billion columns": ("wide.csv", _columns),
    "4 GB in one cell": ("cell.csv", _cell),
}
