"""The page that explains a record's score, and the curators' list of what to mend first."""

from collections.abc import Sequence

from flask import (
    Blueprint,
    Flask,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from repository.access.documents import find_version
from repository.accounts.identity import current_actor, require_actor
from repository.accounts.models import ANONYMOUS
from repository.core.errors import Forbidden
from repository.i18n.locale import language
from repository.quality import duplicates, means, pairs, services
from repository.quality.checks import CHECKS, CRITERIA
from repository.quality.fair import INDICATORS, fair
from repository.quality.models import QualityHistory, QualityMean, QualityScore
from repository.quality.rules import score
from repository.quality.subjects import knows_files, subject_of
from repository.records.collections import Collection
from repository.records.models import Draft, Version
from repository.records.placement import below
from repository.records.titles import title_of
from repository.tables.charts import Chart, draw
from repository.web import caching, paging
from repository.web.context import reading, writing

blueprint = Blueprint("quality", __name__)
COLLECTIONS = 100
ORDERS = ("score", *services.CRITERION_NAMES, "fair")


@blueprint.get("/records/<record_id>/quality")
def record(record_id: str) -> Response:
    """Every check with its result and remedy; of what is in files, for those who may have them."""
    work, actor = reading(), current_actor()
    version = find_version(work, actor, record_id)
    subject = subject_of(work, version)
    found = score(subject)
    history = services.history(work, version.id)
    html = render_template(
        "quality/record.html",
        version=version,
        title=title_of(version.metadata_json, language()),
        found=found,
        fair=fair(subject, found),
        indicators=INDICATORS,
        history=history,
        chart=_chart_of(history),
        with_files=knows_files(work, actor, version),
    )
    if knows_files(work, ANONYMOUS, version):
        return caching.public(html)
    return make_response(html)


@blueprint.get("/admin/quality")
def overview() -> str:
    if not require_actor().is_curator:
        raise Forbidden
    return overview_page(None)


@blueprint.route("/admin/duplicates", methods=["GET", "POST"])
def doubles() -> ResponseReturnValue:
    """Pairs of records that may be one; a curator who looked says that they are two."""
    actor, page = require_actor(), paging.requested(size=50)
    if not actor.is_curator:
        raise Forbidden
    if request.method == "POST":
        number = request.form.get("pair", "")
        with writing() as work:
            pairs.dismiss(work, actor, int(number) if number.isascii() and number.isdigit() else 0)
        flash(_("They are no longer listed."))
        return redirect(url_for("quality.doubles"), 303)
    work = reading()
    found, total = pairs.listed(work, actor, offset=page.offset, limit=page.size)
    return render_template(
        "quality/doubles.html",
        pairs=found,
        total=total,
        paging=page,
        title_of=lambda version: title_of(version.metadata_json, language()),
    )


def overview_page(collection: Collection | None) -> str:
    """What to mend first, the means, what is missing most, and how all that moved."""
    work, actor, page = reading(), require_actor(), paging.requested(size=50)
    order, check = request.args.get("order", "score"), request.args.get("check", "")
    order = order if order in ORDERS else "score"
    within = None if collection is None else below(work.session, collection)
    rows, total = services.to_mend(
        work,
        actor,
        order=order,
        check=check if check in CHECKS else "",
        offset=page.offset,
        limit=page.size,
        collections=within,
    )
    days = means.over_time(work, means.WHOLE if collection is None else collection.id)
    return render_template(
        "quality/overview.html",
        collection=collection,
        rows=rows,
        total=total,
        paging=page,
        order=order,
        orders=ORDERS,
        check=check,
        checks=CHECKS,
        criteria={each.name: each for each in CRITERIA},
        told=services.means(work, actor, within),
        failing=services.failing(work, actor, within),
        days=days,
        chart=_chart(days, order),
        collections=means.by_collection(work, order, COLLECTIONS) if collection is None else (),
        title_of=lambda version: title_of(version.metadata_json, language()),
    )


def _chart_of(history: Sequence[QualityHistory]) -> Markup:
    points = [(each.at.isoformat(), each.score) for each in history]
    if len({each.at.date() for each in history}) < 2:
        return Markup("")
    return draw(Chart("line", _("Day"), _("Quality"), "datetime", points), _("Over time"))


def _chart(days: Sequence[QualityMean], order: str) -> Markup:
    """The mean of one score by day; nothing until there are two days."""
    points = [(day.day.isoformat(), getattr(day, order)) for day in days]
    if len(points) < 2:
        return Markup("")
    title = _("The mean, day by day")
    return draw(Chart("line", _("Day"), title, "date", points), title)


def badge(version: Version) -> Markup:
    """The score at the size of a word, with the way to what it means."""
    work = reading()
    kept = work.session.get(QualityScore, version.id)
    value = kept.score if kept else score(subject_of(work, version)).score
    html = render_template("quality/badge.html", version=version, score=value)
    return Markup(html)  # noqa: S704 - Jinja escaped it


def of_draft(draft: Draft) -> Markup:
    """What the form tells while it is filled in: the score so far, what would add most, doubles."""
    work = reading()
    subject = subject_of(work, draft.version, draft)
    doubles = duplicates.alike(work, require_actor(), draft.version, subject)
    html = render_template("quality/draft.html", found=score(subject), alike=doubles)
    return Markup(html)  # noqa: S704 - the same


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(quality_badge=badge, quality_of_draft=of_draft)
    app.register_blueprint(blueprint)
