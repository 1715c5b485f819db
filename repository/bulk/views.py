"""The curators' pages of bulk work: what to change, the preview of every change, the ledger."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor, Scope
from repository.bulk import actions, services, showing, tables
from repository.bulk.fields import FIELDS
from repository.bulk.models import State
from repository.bulk.selecting import MAX_RECORDS
from repository.core.errors import FieldError, NotFound, TooLarge, ValidationFailed
from repository.core.messages import N_
from repository.discovery.arguments import read
from repository.discovery.search import SearchRequest, ids_of
from repository.i18n.locale import language
from repository.vocabularies.models import Kind
from repository.vocabularies.subjects import key_of
from repository.vocabularies.terms import found_by
from repository.web import paging
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from repository.web.limits import takes_files
from repository.web.messages import translate

blueprint = Blueprint("bulk", __name__, url_prefix="/admin/bulk")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_OFFERED = 500
STEPS = {"start": services.start, "undo": services.undo, "discard": services.discard}
_NO_FILE = N_("Choose a CSV or XLSX file.")


def _curator(scope: Scope = Scope.READ) -> Actor:
    actor = require_actor()
    services.require_curator(actor, scope)
    return actor


@blueprint.route("", methods=["GET", "POST"])
@takes_files(tables.MAX_UPLOAD + (1 << 20))
def index() -> ResponseReturnValue:
    """Begin a bulk edit; below, all there were."""
    actor = _curator()
    if request.method == "GET":
        return _index(actor, Form({name: request.args.get(name, "") for name in ("q", "old")}))
    form = Form.sent()
    if form.get("do") == "more":
        return _index(actor, form, more=1)
    try:
        with writing() as work:
            made = services.begin(
                work,
                actor,
                _actions(form),
                **_selection(form),
                note=form.get("note"),
            )
            identifier = made.id
    except ValidationFailed as error:
        form.fail(error)
        return _index(actor, form), error.status
    return redirect(url_for("bulk.show", bulk_id=identifier), 303)


def _index(actor: Actor, form: Form, more: int = 0) -> str:
    work, page = reading(), paging.requested()
    bulks, total = services.ledger(work, actor, offset=page.offset, limit=page.size)
    terms, _count = found_by(work, "", kind=Kind.SUBJECTS.value, limit=MAX_OFFERED)
    return render_template(
        "bulk/index.html",
        form=form,
        rows=min(_rows(form) + more, actions.MAX_ACTIONS),
        fields={**{f.name: f.label for f in FIELDS.values()}, actions.COLLECTION: N_("Collection")},
        hints={f.name: f.hint for f in FIELDS.values()},
        verbs=actions.VERBS,
        terms=[(key_of(t.vocabulary_id, t.code), t.label(language())) for t in terms],
        bulks=bulks,
        names=showing.name_of(work, bulks),
        words=showing.WORDS,
        paging=page,
        total=total,
        most=MAX_RECORDS,
    )


def _rows(form: Form) -> int:
    return sum(f"actions/{n}/field" in form.values for n in range(actions.MAX_ACTIONS)) or 1


def _actions(form: Form) -> list[dict[str, str]]:
    """Rows in which nothing is written are passed over, but where all are so, the first is."""
    names = ("action", "field", "value", "old")
    rows = [
        {name: form.get(f"actions/{number}/{name}") for name in names}
        for number in range(_rows(form))
    ]
    return [row for row in rows if row["value"] or row["old"] or row["action"] == "set"] or rows[:1]


def _selection(form: Form) -> dict[str, Any]:
    sent = request.files.get("file")
    if sent and sent.filename:
        return {"ids": tables.ids_in(_data(), sent.filename)}
    if not form.get("q"):
        message = N_("Say which records: search for them, or send a list.")
        raise ValidationFailed(errors=[FieldError("/q", message)])
    return {"search": _search(form.get("q")), "query": form.get("q")}


def _search(query: str) -> SearchRequest:
    return read(MultiDict({"q": "" if query == "*" else query}), offset=0, limit=1)


def _data() -> bytes:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise ValidationFailed(errors=[FieldError("/file", _NO_FILE)])
    data = sent.stream.read(tables.MAX_UPLOAD + 1)
    if len(data) > tables.MAX_UPLOAD:
        raise TooLarge(limit=tables.MAX_UPLOAD)
    return data


@blueprint.get("/table.csv")
def table_csv() -> Response:
    """The records that a search finds, to be edited in a spreadsheet."""
    actor = _curator()
    with runtime().read() as work:
        ids = ids_of(work, actor, _search(request.args.get("q", "")), MAX_RECORDS)
        lines = "".join(tables.as_csv(tables.rows_of(work, actor, ids)))
    return _file(lines.encode(), "text/csv; charset=utf-8", "records.csv")


@blueprint.get("/table.xlsx")
def table_xlsx() -> Response:
    actor = _curator()
    with TemporaryDirectory() as folder, runtime().read() as work:
        path = Path(folder, "records.xlsx")
        ids = ids_of(work, actor, _search(request.args.get("q", "")), MAX_RECORDS)
        tables.as_xlsx(tables.rows_of(work, actor, ids), path)
        return _file(path.read_bytes(), XLSX, "records.xlsx")


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, content_type=kind, headers=headers)


@blueprint.post("/table")
@takes_files(tables.MAX_UPLOAD + (1 << 20))
def send_table() -> ResponseReturnValue:
    """A table that was taken out, edited, and comes back."""
    actor, form = _curator(Scope.PUBLISH), Form.sent()
    sent = request.files.get("file")
    try:
        rows = tables.edits_in(_data(), (sent.filename if sent else "") or "")
        with writing() as work:
            made = services.begin_with_rows(work, actor, rows, form.get("note"))
            identifier = made.id
    except ValidationFailed as error:
        form.fail(error)
        form.errors = {"table": next(iter(form.errors.values()), "")}
        return _index(actor, form), error.status
    return redirect(url_for("bulk.show", bulk_id=identifier), 303)


@blueprint.get("/<bulk_id>")
def show(bulk_id: str) -> str:
    """Every change, some at a time, before it is made and after."""
    actor, work, page = _curator(), reading(), paging.requested(size=25)
    bulk = services.found(work, actor, bulk_id)
    state = request.args.get("state", "")
    items, total = services.items(work, bulk, state, offset=page.offset, limit=page.size)
    return render_template(
        "bulk/show.html",
        bulk=bulk,
        shown=showing.shown(work, bulk, items, language()),
        actions=[_in_words(each) for each in bulk.actions],
        names=showing.name_of(work, [bulk]),
        words=showing.WORDS,
        item_words=showing.ITEM_WORDS,
        said=lambda item: translate(item.said["message"], item.said["params"]),
        state=state,
        paging=page,
        total=total,
        under_way=bulk.state in (State.PREPARING, State.RUNNING, State.UNDOING),
        finished=sum(bulk.counts.get(s, 0) for s in _finished(bulk.state)),
    )


def _finished(state: str) -> tuple[str, ...]:
    """States of items that are dealt with, while a bulk edit is in `state`."""
    if state == State.UNDOING:
        return ("undone", "kept", "conflict", "refused", "same")
    done = ("done", "conflict", "refused", "same")
    return (*done, "change") if state == State.PREPARING else done


def _in_words(action: dict[str, str]) -> dict[str, str]:
    field = FIELDS.get(action["field"])
    label = field.label if field else N_("Collection")
    return action | {"verb": actions.VERBS[action["verb"]], "label": label}


@blueprint.post("/<bulk_id>/<step>")
def take_step(bulk_id: str, step: str) -> ResponseReturnValue:
    """Start it, undo it, or drop it."""
    actor = _curator(Scope.PUBLISH)
    if step not in STEPS:
        raise NotFound
    with writing() as work:
        STEPS[step](work, actor, bulk_id)
    if step == "discard":
        flash(_("The bulk edit was discarded; nothing has changed."))
        return redirect(url_for("bulk.index"), 303)
    return redirect(url_for("bulk.show", bulk_id=bulk_id), 303)


@blueprint.post("/merge")
def merge() -> ResponseReturnValue:
    """Put one term in the place of another, in its list and in all records."""
    actor, form = _curator(Scope.PUBLISH), Form.sent()
    try:
        with writing() as work:
            made = services.begin_merge(work, actor, form.get("old"), form.get("new"))
            identifier = made.id
    except ValidationFailed as error:
        form.fail(error)
        return _index(actor, form), error.status
    return redirect(url_for("bulk.show", bulk_id=identifier), 303)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
