"""The page of a table, and a card of its chart for other sites."""

import unicodedata
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from repository.access.documents import downloadable_file, find_version
from repository.access.file_rules import is_for_everyone
from repository.access.files import variables_of
from repository.access.looking import note_look
from repository.accounts.identity import current_actor
from repository.accounts.models import ANONYMOUS
from repository.core.work import Work
from repository.i18n.locale import language
from repository.records.models import File, Version
from repository.tables import charts, places, rows
from repository.tables.charts import Chart
from repository.tables.faults import faults
from repository.tables.filters import MAX_ROWS, OPERATORS, Filter, Query, parse
from repository.tables.kinds import table_kind
from repository.tables.refusals import TableRefused
from repository.tables.services import Prepared, open_table
from repository.tables.vega import specification
from repository.web import caching
from repository.web.context import reading, runtime
from repository.web.cors import readable_elsewhere
from repository.web.limits import limiter
from repository.web.messages import translate
from repository.web.security import embeddable

blueprint = Blueprint("tables", __name__)
PAGE_ROWS = 50
SHOWN_COLUMNS = 40
NUMBERS = ("integer", "number")
MAP = "map"


def table_limit() -> str:
    return runtime().settings.rate_limit_tables


@blueprint.get("/records/<record_id>/table/<path:path>")
@limiter.limit(table_limit)
def table(record_id: str, path: str) -> Response:
    """Rows as the address asks for them; what cannot be shown is explained on the same page."""
    work, actor = reading(), current_actor()
    file = downloadable_file(work, actor, record_id, unicodedata.normalize("NFC", path))
    version = find_version(work, actor, record_id)
    note_look(actor, version, file)
    etag = caching.etag_of(file.sha256, file.updated_at, request.full_path)
    open_to_all = is_for_everyone(version, file, work.clock.now())
    if open_to_all and caching.unchanged(etag):
        return caching.not_modified(etag)
    try:
        html = _page(work, version, file)
    except TableRefused as error:
        html = render_template(
            "tables/refused.html",
            version=version,
            file=file,
            why=translate(error.message, error.params),
        )
        return make_response(html, error.status)
    return caching.public(html, etag=etag) if open_to_all else make_response(html)


def _page(work: Work, version: Version, file: File) -> str:
    opened = open_table(runtime(), file, sheet_asked())
    query = asked(opened, PAGE_ROWS)
    shown = replace(query, columns=query.columns[:SHOWN_COLUMNS])
    page = rows.fetch(work.settings, opened, shown)
    described = {each.name: each for each in variables_of(file, opened.columns_alone())}
    return render_template(
        "tables/table.html",
        version=version,
        file=file,
        table=opened,
        query=shown,
        page=page,
        hidden=len(query.columns) - len(shown.columns),
        columns=[opened.column(name) for name in shown.columns],
        described=described,
        operators=OPERATORS,
        numbers=NUMBERS,
        blank=Filter("", "eq"),
        faults=faults(opened.problems),
        chart=_drawn(_chart(work, opened, query)),
        kinds=(*charts.KINDS, MAP),
        spark=charts.spark,
    )


def sheet_asked() -> int | None:
    text = request.args.get("sheet", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def asked(opened: Prepared, limit: int, most: int = MAX_ROWS) -> Query:
    """What the address asks for. Raises ValidationFailed."""
    types = {each["name"]: each["type"] for each in opened.columns}
    return parse(request.args.to_dict(flat=False), types, limit=limit, most=most)


def _chart(work: Work, opened: Prepared, query: Query) -> Chart | None:
    """None where no chart was asked for; without points where the columns hold nothing to draw."""
    kind, x, y = (request.args.get(name, "") for name in ("chart", "x", "y"))
    if kind == MAP:
        return _map(work, opened, query, x, y)
    across, up = opened.column(x), opened.column(y)
    if kind not in charts.KINDS or across is None:
        return None
    if up is not None and up["type"] not in NUMBERS:
        up = None
    if kind != "bar" and (up is None or across["type"] not in (*NUMBERS, *charts.DATED)):
        return Chart(kind, x, y, across["type"], ())
    measure = y if up is not None else ""
    if kind == "scatter":
        wanted = replace(query, columns=(x, y), limit=charts.MAX_POINTS, offset=0, sort="")
        found = rows.points(work.settings, opened, wanted)
    else:
        most = charts.MAX_BARS if kind == "bar" else charts.MAX_POINTS
        wanted = replace(query, limit=most, offset=0)
        ordered = kind == "line"
        found = rows.grouped(work.settings, opened, wanted, x, measure, ordered=ordered)
    return Chart(kind, x, measure or _("Rows"), across["type"], found.rows)


def _map(work: Work, opened: Prepared, query: Query, x: str, y: str) -> Chart:
    """Longitude across and latitude upward; by their names where none is chosen."""
    numbers = [each["name"] for each in opened.columns if each["type"] in NUMBERS]
    chosen = (x, y) if x in numbers and y in numbers else places.guess(numbers)
    if chosen is None:
        return Chart(MAP, x, y, "number", ())
    wanted = replace(query, columns=chosen, limit=charts.MAX_POINTS, offset=0, sort="")
    return Chart(MAP, *chosen, "number", rows.points(work.settings, opened, wanted).rows)


def _drawn(chart: Chart | None) -> Markup | None:
    if chart is None:
        return None
    if chart.kind == MAP:
        found = places.drawing(chart.points)
        title = f"{chart.x}, {chart.y}"
        html = render_template("tables/map.svg", map=found, title=title) if found else ""
        return Markup(html)  # noqa: S704 - Jinja escaped it
    return charts.draw(chart, f"{chart.y}, {chart.x}")


@blueprint.get("/records/<record_id>/chart.vl.json/<path:path>")
@limiter.limit(table_limit)
def chart_specification(record_id: str, path: str) -> Response:
    """The chart for Vega-Lite, for whoever may have the file. Nothing to draw is nothing here."""
    work, actor = reading(), current_actor()
    file = downloadable_file(work, actor, record_id, unicodedata.normalize("NFC", path))
    version = find_version(work, actor, record_id)
    opened = open_table(runtime(), file, sheet_asked())
    chart = _chart(work, opened, asked(opened, PAGE_ROWS))
    made = chart and specification(chart, f"{file.path}: {chart.y}, {chart.x}", language())
    if not made:
        raise NotFound
    response = readable_elsewhere(jsonify(made))
    open_to_all = is_for_everyone(version, file, work.clock.now())
    return caching.public(response) if open_to_all else response


@blueprint.get("/records/<record_id>/chart/<path:path>")
@limiter.limit(table_limit)
def card(record_id: str, path: str) -> Response:
    """The chart alone, for other sites' frames: of what anyone may have, whoever asks."""
    work = reading()
    file = downloadable_file(work, ANONYMOUS, record_id, unicodedata.normalize("NFC", path))
    version = find_version(work, ANONYMOUS, record_id)
    opened = open_table(runtime(), file, sheet_asked())
    drawn = _drawn(_chart(work, opened, asked(opened, PAGE_ROWS)))
    html = render_template("tables/card.html", version=version, file=file, chart=drawn)
    return embeddable(caching.public(html))


def init_app(app: Flask) -> None:
    def view_state(**changes: Any) -> dict[str, Any]:
        """The present view's arguments for another address of the same table."""
        kept = {name: value for name, value in request.args.lists() if name != "offset"}
        return {**kept, **changes}

    app.jinja_env.globals.update(view_state=view_state)
    app.jinja_env.globals["table_kind"] = table_kind
    app.register_blueprint(blueprint)
