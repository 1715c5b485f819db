"""A list as CSV: a row a term, its columns known by their names."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.vocabularies.rows import TermRow

# What each column may be called, in lower case.
COLUMNS = {
    "code": ("code", "id", "notation", "mã", "ma", "mã số"),
    "label_vi": ("vi", "label_vi", "tên", "ten", "tên gọi", "nhãn"),
    "label_en": ("en", "label_en", "label", "name", "title"),
    "uri": ("uri", "url"),
    "parent": ("parent", "broader", "cha"),
    "replaced_by": ("replaced_by", "replaced by", "thay bằng"),
    "retired": ("retired", "deprecated", "hết hiệu lực"),
    "names": ("names", "other names", "altlabel", "tên khác"),
}
TRUE = {"1", "true", "yes", "x", "có"}
SEPARATOR = "|"
MAX_LINE = 100_000


def rows(text: TextIO, *, by_prefix: bool = False) -> Iterator[TermRow]:
    """The terms of a CSV file (comma, semicolon or tab; the first row names the columns).

    Columns of other names become `props`. With `by_prefix` a term lies below the longest code
    that its own begins with, as in 1, 101, 10101. Raises ValidationFailed.
    """
    csv.field_size_limit(MAX_LINE)
    first = text.readline()
    delimiter = max(",;\t", key=first.count)
    header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
    places = _places(header)
    found = _rows(csv.reader(text, delimiter=delimiter), header, places)
    return iter(_nested(list(found))) if by_prefix else found


def _places(header: list[str]) -> dict[str, int]:
    lowered = [name.lower() for name in header]
    places = {
        ours: lowered.index(name)
        for ours, names in COLUMNS.items()
        for name in names
        if name in lowered
    }
    if "code" not in places or not places.keys() & {"label_vi", "label_en"}:
        message = N_("The first row must name the columns: code, vi or en; also uri, parent.")
        raise ValidationFailed(errors=[FieldError("/1", message)])
    return places


def _rows(
    lines: Iterator[list[str]], header: list[str], places: dict[str, int]
) -> Iterator[TermRow]:
    others = [i for i, name in enumerate(header) if name and i not in places.values()]
    try:
        for cells in lines:
            told = {name: cells[i].strip() for name, i in places.items() if i < len(cells)}
            if not any(told.values()):
                continue
            props = {header[i]: cells[i].strip() for i in others if i < len(cells) and cells[i]}
            yield TermRow(
                code=told["code"],
                label_vi=told.get("label_vi", ""),
                label_en=told.get("label_en", ""),
                uri=told.get("uri", ""),
                parent=told.get("parent", ""),
                replaced_by=told.get("replaced_by", ""),
                retired=told.get("retired", "").lower() in TRUE,
                names=tuple(filter(None, told.get("names", "").split(SEPARATOR))),
                props=props,
            )
    except csv.Error as error:
        raise ValidationFailed(N_("This is not a CSV file.")) from error


def _nested(found: list[TermRow]) -> Iterator[TermRow]:
    codes = {row.code for row in found}
    for row in found:
        above = (row.code[:n] for n in range(len(row.code) - 1, 0, -1))
        yield replace(row, parent=row.parent or next((c for c in above if c in codes), ""))


def text_of(data: bytes) -> TextIO:
    """Raises ValidationFailed for what is not UTF-8."""
    try:
        return io.StringIO(data.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as error:
        message = N_("The file is not in UTF-8; save it again as “CSV UTF-8”.")
        raise ValidationFailed(errors=[FieldError("/file", message)]) from error
