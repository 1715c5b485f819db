"""The operator's page: what is promised, what was done, what needs attention; and the terms."""

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts.identity import require_actor
from repository.accounts.models import Actor
from repository.core.errors import Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.preservation import policies, runs, services
from repository.preservation.rules import Terms, limits, parse_terms
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.messages import translate

blueprint = Blueprint("preservation", __name__)
LABELS = {
    "every_hours": N_("Hours between backups"),
    "keep_daily": N_("Daily backups to keep"),
    "keep_weekly": N_("Weekly backups to keep"),
    "keep_monthly": N_("Monthly backups to keep"),
    "keep_yearly": N_("Yearly backups to keep"),
    "rpo_hours": N_("Hours of work that a loss may cost at most (RPO)"),
    "rto_hours": N_("Hours that a restore may take at most (RTO)"),
    "drill_days": N_("Days between restores that are tried"),
}


def _administrator() -> Actor:
    actor = require_actor()
    if not actor.is_admin:
        raise Forbidden
    return actor


@blueprint.get("/admin/backups")
def backups() -> str:
    _administrator()
    terms = policies.current(reading()).terms
    return _page(Form({name: str(value) for name, value in terms.model_dump().items()}))


@blueprint.post("/admin/backups")
def change_terms() -> ResponseReturnValue:
    actor, form = _administrator(), Form.sent()
    try:
        with writing() as work:
            policy = policies.revise(work, actor, parse_terms(dict(form.values)))
    except ValidationFailed as error:
        form.fail(error)
        return _page(form), error.status
    flash(_("%(policy)s is in force from now on.", policy=policy.label))
    return redirect(url_for("preservation.backups"))


def _page(form: Form) -> str:
    work = reading()
    return render_template(
        "preservation/backups.html",
        form=form,
        labels=LABELS,
        limits={name: limits(name) for name in Terms.model_fields},
        policy=policies.current(work),
        versions=policies.versions(work),
        target=work.settings.backup_target,
        warnings=[translate(found.message, found.params) for found in runs.warnings(work)],
        runs=runs.recent(work),
        bad=services.failures(work),
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
