"""Tables: what their columns hold, and rows by a closed filter language."""

import io
from typing import Any, Literal

from flask import Response, jsonify, request, send_file
from pydantic import BaseModel, ConfigDict, Field

from repository.access.documents import downloadable_file
from repository.access.files import variables_of
from repository.access.looking import note_look
from repository.accounts.identity import current_actor, require_actor
from repository.api import inputs
from repository.api.blueprint import answers, blueprint, json_body, query
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.deposit.variables import describe_variables, described
from repository.records.models import File, Version
from repository.records.paths import normalise_path
from repository.tables import rows
from repository.tables.faults import faults
from repository.tables.filters import MAX_EXPORT, MAX_ROWS
from repository.tables.services import open_table
from repository.tables.views import asked, sheet_asked, table_limit
from repository.web.context import reading, runtime, writing
from repository.web.limits import limiter
from repository.web.messages import translate

MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


class RowsQuery(BaseModel):
    """`column`, `op` and `value` may be repeated, one of each for every filter."""

    column: list[str] = Field(default=[], max_length=10)
    op: list[
        Literal["eq", "ne", "lt", "le", "gt", "ge", "contains", "starts", "empty", "filled"]
    ] = []
    value: list[str] = []
    sort: str = Field(default="", description="A column; with a minus before it, descending.")
    show: list[str] = Field(default=[], description="Columns to give; all of them without it.")
    sheet: int | None = Field(default=None, description="Of a workbook, from 0.")
    limit: int = Field(default=100, ge=0, le=MAX_EXPORT)
    offset: int = Field(default=0, ge=0)
    format: Literal["json", "csv", "parquet"] = "json"


class RowsOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    total: int
    columns: list[dict[str, str]]
    rows: list[list[Any]]


class TableOutput(BaseModel):
    model_config = ConfigDict(extra="allow")

    rows: int
    columns: list[dict[str, Any]]
    problems: list[dict[str, Any]]


class VariableInput(BaseModel):
    """What a column means, for readers and for every format that tells of columns."""

    name: str
    label: str = ""
    description: str = ""
    unit: str = ""
    concept: str = Field(default="", description="The URI of a term of a vocabulary.")


class VariablesInput(BaseModel):
    variables: list[VariableInput]


def _file(id: str, key: str) -> File:  # noqa: A002 - the field's name for it
    work, actor = reading(), current_actor()
    file = downloadable_file(work, actor, id, normalise_path(key))
    note_look(actor, work.session.get_one(Version, file.version_id), file)
    return file


@blueprint.get("/records/<id>/files/<path:key>/table")
@answers(200, TableOutput, summary="Read what a table's columns hold", bearer=False)
@limiter.limit(table_limit)
def table_profile(id: str, key: str) -> Response:  # noqa: A002
    """Types, missing values, ranges, a sketch of each distribution, faults of structure."""
    file = _file(id, key)
    opened = open_table(runtime(), file, sheet_asked())
    told = {each.name: each for each in variables_of(file, opened.columns_alone())}
    columns = []
    for each in opened.columns:
        said = told[each["name"]]
        columns.append(each | {"label": said.label, "unit": said.unit, "concept": said.concept})
    return jsonify(
        rows=opened.rows,
        columns=columns,
        problems=[
            {"code": f.code, "detail": translate(f.message, f.params), "count": f.count, **f.params}
            for f in faults(opened.problems)
        ],
        sheets=opened.sheets,
        sheet=opened.sheet,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
    )


@blueprint.get("/records/<id>/files/<path:key>/rows")
@answers(200, RowsOutput, summary="Ask a table for rows", bearer=False)
@query(RowsQuery)
@limiter.limit(table_limit)
def table_rows(id: str, key: str) -> Response:  # noqa: A002
    """At most 1000 rows as JSON, a million as CSV or Parquet."""
    file = _file(id, key)
    kind = request.args.get("format", "json")
    if kind not in ("json", *MEDIA_TYPES):
        known = {"known": "json, csv, parquet"}
        message = N_("Choose one of: %(known)s.")
        raise ValidationFailed(errors=[FieldError("/format", message, known)])
    opened = open_table(runtime(), file, sheet_asked())
    most = MAX_ROWS if kind == "json" else MAX_EXPORT
    wanted = asked(opened, 100 if kind == "json" else MAX_EXPORT, most)
    if kind != "json":
        return _exported(file, rows.exported(runtime().settings, opened, wanted, kind), kind)
    page = rows.fetch(runtime().settings, opened, wanted)
    columns = [{"name": name, "type": wanted.types[name]} for name in wanted.columns]
    return jsonify(total=page.count, columns=columns, rows=page.rows)


def _exported(file: File, made: Any, kind: str) -> Response:
    """The file is opened before its folder goes; the bytes live as long as they are sent."""
    with made as path:
        stream: io.BufferedReader = path.open("rb")
    stem = file.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    name = f"{stem}.{kind}"
    response = send_file(stream, MEDIA_TYPES[kind], as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/records/<id>/draft/files/<path:key>/variables")
@answers(200, VariablesInput, summary="Read how a draft's columns are described")
def read_variables(id: str, key: str) -> Response:  # noqa: A002
    return jsonify(_told(id, key))


def _told(id: str, key: str) -> dict[str, Any]:  # noqa: A002
    variables = described(reading(), require_actor(), id, normalise_path(key))
    names = (*VariableInput.model_fields, "type")
    return {"variables": [{name: getattr(v, name) for name in names} for v in variables]}


@blueprint.put("/records/<id>/draft/files/<path:key>/variables")
@answers(200, VariablesInput, 403, summary="Describe the columns of a draft's table")
@json_body(VariablesInput)
def write_variables(id: str, key: str) -> Response:  # noqa: A002
    sent = inputs.json_object().get("variables")
    with writing() as work:
        describe_variables(work, require_actor(), id, normalise_path(key), sent)
    return jsonify(_told(id, key))
