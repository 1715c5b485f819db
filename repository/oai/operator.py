"""The operator's page: who harvests, how far, what fails, and a check of the endpoint."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from repository.accounts.identity import require_actor
from repository.core.errors import Forbidden
from repository.core.work import Work
from repository.oai import conformance, harvesters, rebuild
from repository.oai.models import OaiFailure, OaiItem, OaiSet
from repository.web.context import reading, writing

FAILURES_SHOWN = 50
blueprint = Blueprint("oai", __name__, url_prefix="/admin/oai")


def _admit() -> None:
    if not require_actor().is_admin:
        raise Forbidden


@blueprint.get("")
def page() -> ResponseReturnValue:
    _admit()
    work = reading()
    return render_template(
        "oai/operator.html",
        counts=_counts(work),
        formats=rebuild.states(work),
        versions=rebuild.total(work),
        harvesters=harvesters.recent(work),
        failures=_failures(work),
        check=conformance.last_check(work),
        running=conformance.is_running(work),
    )


@blueprint.post("/check")
def check() -> ResponseReturnValue:
    """The check asks the live endpoint, so it is a job: this worker may be the one to answer."""
    _admit()
    with writing() as work:
        conformance.ask_for_check(work)
    flash(_("The check was started. Its result will show here."))
    return redirect(url_for("oai.page"))


@blueprint.post("/rebuild")
def rebuild_all() -> ResponseReturnValue:
    _admit()
    with writing() as work:
        rebuild.again(work)
    flash(_("Everything is being rendered anew. Datestamps change only where the result does."))
    return redirect(url_for("oai.page"))


def _counts(work: Work) -> dict[str, int]:
    items = select(func.count()).select_from(OaiItem)
    count = work.session.scalar
    return {
        "live": count(items.where(~OaiItem.deleted)) or 0,
        "deleted": count(items.where(OaiItem.deleted)) or 0,
        "sets": count(select(func.count()).select_from(OaiSet)) or 0,
    }


def _failures(work: Work) -> list[tuple[str, str, str]]:
    """Items that a format could not render: version id, prefix, error."""
    query = (
        select(OaiItem.version_id, OaiFailure.prefix, OaiFailure.error)
        .join(OaiItem, OaiItem.id == OaiFailure.item_id)
        .order_by(OaiFailure.prefix, OaiItem.version_id)
        .limit(FAILURES_SHOWN)
    )
    return [
        (version_id, prefix, error) for version_id, prefix, error in work.session.execute(query)
    ]
