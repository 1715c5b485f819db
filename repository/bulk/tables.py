"""Records as a table to be edited in a spreadsheet: out as CSV or XLSX, and back.

One row a record; `id` and `revision` say which, and of what state. A cell that still says what the
record says changes nothing; an empty one removes. Lists have `||` between their entries.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from python_calamine import CalamineError
from sqlalchemy import select
from xlsxwriter import Workbook

from repository.access.rules import visible_to
from repository.accounts.models import Actor
from repository.bulk.fields import FIELDS, Context
from repository.bulk.selecting import MAX_RECORDS
from repository.core.cells import guarded, unguarded
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.models import State, Version
from repository.tables.reader import sheets
from repository.tables.reader.refusal import Refused

SEPARATOR = "||"
KEYS = ("id", "revision")
MAX_UPLOAD = 20 << 20  # bytes
MAX_UNPACKED = 200 << 20
MAX_CELL = 32_767  # characters, of a cell in Excel
BATCH = 500
ID_COLUMNS = ("id", "doi", "mã", "record", "record_id")
_UNREADABLE = N_("The file cannot be read. Save it as CSV UTF-8 or XLSX and send it again.")
_TOO_LONG = N_("A table has at most %(count)s rows.")


def rows_of(work: Work, actor: Actor, ids: Sequence[str]) -> Iterator[list[str]]:
    """The header, then a row for each record that `actor` may see, in the order of `ids`."""
    yield [*KEYS, *FIELDS]
    context = Context.of(work)
    for start in range(0, len(ids), BATCH):
        wanted = ids[start : start + BATCH]
        query = select(Version).where(
            Version.id.in_(wanted),
            Version.state == State.PUBLISHED.value,
            visible_to(actor, work.clock.now()),
        )
        found = {version.id: version for version in work.session.scalars(query)}
        for version in (found[each] for each in wanted if each in found):
            yield [version.id, str(version.revision), *_cells(context, version)]
        work.session.expunge_all()


def _cells(context: Context, version: Version) -> Iterator[str]:
    for field in FIELDS.values():
        texts = field.read(context, version.metadata_json)
        yield f" {SEPARATOR} ".join(texts)


def as_csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines, the first with a byte order mark: Excel takes them for UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def as_xlsx(rows: Iterable[Sequence[str]], path: Path) -> None:
    """Every cell is text, whatever it begins with. One that Excel could not hold says `…`, which
    changes nothing when it comes back.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(str(path), options | {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("records")
        sheet.freeze_panes(1, 1)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, TOO_LONG if len(cell) > MAX_CELL else cell)


TOO_LONG = "…"  # a cell that says this changes nothing


def ids_in(data: bytes, name: str) -> list[str]:
    """The records that a list names: in a column called id or doi, else in the first."""
    lines = list(_lines(data, name))
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    column = next((header.index(each) for each in ID_COLUMNS if each in header), None)
    body = lines if column is None else lines[1:]
    return [line[column or 0] for line in body if len(line) > (column or 0)]


def edits_in(data: bytes, name: str) -> list[dict[str, object]]:
    """Rows of a table that came from `rows_of`, as `services.begin_with_rows` takes them.

    Columns that no field has are passed over. Raises ValidationFailed.
    """
    lines = _lines(data, name)
    header = [cell.strip().lower() for cell in next(lines, [])]
    if "id" not in header:
        message = N_("The first row must have a column id, as the table that was taken out has.")
        raise ValidationFailed(errors=[FieldError("/file", message)])
    columns = {i: name for i, name in enumerate(header) if name in FIELDS}
    if not columns:
        message = N_("No column has a name that can be edited. There are: %(known)s.")
        raise ValidationFailed(errors=[FieldError("/file", message, {"known": ", ".join(FIELDS)})])
    return [_edit(dict(enumerate(line)), header, columns) for line in lines if any(line)]


def _edit(line: dict[int, str], header: list[str], columns: dict[int, str]) -> dict[str, object]:
    revision = line.get(header.index("revision"), "") if "revision" in header else ""
    cells = {name: line[i] for i, name in columns.items() if line.get(i, TOO_LONG) != TOO_LONG}
    return {
        "given": line.get(header.index("id"), "").strip()[:300],
        "base_revision": int(revision) if revision.isdigit() and len(revision) < 9 else 0,
        "row": cells,
    }


def _lines(data: bytes, name: str) -> Iterator[list[str]]:
    text = _from_xlsx(data) if name.lower().endswith(".xlsx") else _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(1 << 20)
    try:
        for number, line in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ):
            if number > MAX_RECORDS:
                wrong = FieldError("/file", _TOO_LONG, {"count": MAX_RECORDS})
                raise ValidationFailed(errors=[wrong])
            yield [unguarded(cell) for cell in line]
    except csv.Error as error:
        raise ValidationFailed(errors=[FieldError("/file", _UNREADABLE)]) from error


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationFailed(errors=[FieldError("/file", _UNREADABLE)]) from error


def _from_xlsx(data: bytes) -> str:
    """The first sheet as CSV; a file that unpacks to more than it says is not opened."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "in.xlsx"), Path(folder, "out.csv")
        source.write_bytes(data)
        try:
            _check_members(source)
            sheets.as_csv(source, None, target, MAX_UNPACKED)
        except (Refused, CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
            raise ValidationFailed(errors=[FieldError("/file", _UNREADABLE)]) from error
        return target.read_text(encoding="utf-8")


def _check_members(source: Path) -> None:
    """Read each member as far as its header says it goes: the check sum tells a lie."""
    with zipfile.ZipFile(source) as archive:
        left = MAX_UNPACKED
        for member in archive.infolist():
            with archive.open(member) as file:
                while chunk := file.read(1 << 20):
                    left -= len(chunk)
                    if left < 0:
                        raise Refused("unpacks-too-large")
