"""The page that explains a record's score, and the curators' list of what to mend first."""

from flask import Blueprint, Flask, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from repository.access.documents import find_version
from repository.accounts.identity import current_actor, require_actor
from repository.accounts.models import ANONYMOUS
from repository.core.errors import Forbidden
from repository.i18n.locale import language
from repository.quality import duplicates, services
from repository.quality.checks import CHECKS, CRITERIA
from repository.quality.fair import INDICATORS, fair
from repository.quality.rules import score
from repository.records.models import Draft, Version
from repository.records.titles import title_of
from repository.web import caching, paging
from repository.web.context import reading

blueprint = Blueprint("quality", __name__)
ORDERS = ("score", *services.CRITERION_NAMES, "fair")


@blueprint.get("/records/<record_id>/quality")
def record(record_id: str) -> Response:
    """Every check with its result and remedy; of what is in files, for those who may have them."""
    work, actor = reading(), current_actor()
    version = find_version(work, actor, record_id)
    subject = services.subject_of(work, version)
    found = score(subject)
    html = render_template(
        "quality/record.html",
        version=version,
        title=title_of(version.metadata_json, language()),
        found=found,
        fair=fair(subject, found),
        indicators=INDICATORS,
        history=services.history(work, version.id),
        with_files=services.knows_files(work, actor, version),
    )
    if services.knows_files(work, ANONYMOUS, version):
        return caching.public(html)
    return make_response(html)


@blueprint.get("/admin/quality")
def overview() -> str:
    actor = require_actor()
    if not actor.is_curator:
        raise Forbidden
    work, page = reading(), paging.requested(size=50)
    order, check = request.args.get("order", "score"), request.args.get("check", "")
    rows, total = services.to_mend(
        work,
        actor,
        order=order,
        check=check if check in CHECKS else "",
        offset=page.offset,
        limit=page.size,
    )
    alike = {
        each.version.id: duplicates.alike(
            work, actor, each.version, services.subject_of(work, each.version)
        )
        for each in (rows if request.args.get("doubles") else [])
    }
    return render_template(
        "quality/overview.html",
        rows=rows,
        total=total,
        paging=page,
        order=order if order in ORDERS else "score",
        orders=ORDERS,
        check=check,
        checks=CHECKS,
        criteria={each.name: each for each in CRITERIA},
        told=services.overview(work, actor),
        alike=alike,
        title_of=lambda version: title_of(version.metadata_json, language()),
    )


def badge(version: Version) -> Markup:
    """The score at the size of a word, with the way to what it means."""
    found = score(services.subject_of(reading(), version))
    html = render_template("quality/badge.html", version=version, score=found.score)
    return Markup(html)  # noqa: S704 - Jinja escaped it


def of_draft(draft: Draft) -> Markup:
    """What the form tells while it is filled in: the score so far, what would add most, doubles."""
    work = reading()
    subject = services.subject_of(work, draft.version, draft)
    doubles = duplicates.alike(work, require_actor(), draft.version, subject)
    html = render_template("quality/draft.html", found=score(subject), alike=doubles)
    return Markup(html)  # noqa: S704 - the same


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(quality_badge=badge, quality_of_draft=of_draft)
    app.register_blueprint(blueprint)
