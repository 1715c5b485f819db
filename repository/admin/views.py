"""The administrators' pages."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from repository.accounts import administration, factors, recovery, verification
from repository.accounts.identity import require_actor
from repository.accounts.models import Actor, Role
from repository.accounts.services import get
from repository.admin import queue
from repository.audit import services as audit
from repository.core.errors import Forbidden, NotFound, RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.web import paging
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.messages import translate

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
ROLE_NAMES = {
    Role.RESEARCHER.value: N_("Researcher"),
    Role.CURATOR.value: N_("Curator"),
    Role.ADMIN.value: N_("Administrator"),
}
PAGE_SIZE = 50


def _administrator() -> Actor:
    actor = require_actor()
    if not actor.is_admin:
        raise Forbidden
    return actor


@blueprint.get("/")
def overview() -> str:
    _administrator()
    work = reading()
    return render_template(
        "admin/overview.html", jobs=queue.counts(work), people=administration.counts(work)
    )


@blueprint.get("/users")
def users() -> str:
    _administrator()
    return _users(Form())


@blueprint.post("/users")
def invite() -> ResponseReturnValue:
    """Make an account for somebody, who gets a link to choose a password."""
    actor, form = _administrator(), Form.sent()
    try:
        with writing() as work:
            user = recovery.invite(
                work,
                actor.user_id,
                email=form.get("email"),
                name=form.get("name"),
                role=form.get("role"),
            )
    except ValidationFailed as error:
        form.fail(error)
        return _users(form), error.status
    flash(_("%(name)s has an account; a message with a link is on its way.", name=user.name))
    return redirect(url_for("admin.users"))


def _users(form: Form) -> str:
    page = paging.requested(size=PAGE_SIZE)
    words, role = request.args.get("q", "").strip()[:200], request.args.get("role", "")
    work = reading()
    rows, total = administration.listed(work, words, role, page.offset, page.size)
    return render_template(
        "admin/users.html",
        form=form,
        with_factor=administration.with_second_factor(work, [row.id for row in rows]),
        rows=rows,
        total=total,
        paging=page,
        words=words,
        role=role,
        roles=ROLE_NAMES,
    )


@blueprint.post("/users/<int:user_id>")
def change_user(user_id: int) -> ResponseReturnValue:
    """One change a form: `role`, or `act` (deactivate, activate, take-factor, verify)."""
    actor, act = _administrator(), request.form.get("act")
    try:
        with writing() as work:
            if "role" in request.form:
                user = administration.set_role(work, actor, user_id, request.form["role"])
            elif act == "take-factor":
                user = get(work, user_id)
                factors.take_away(work, actor.user_id, user_id)
            elif act == "verify":
                user = verification.vouch(work, actor.user_id, user_id)
            else:
                user = administration.set_active(work, actor, user_id, active=act == "activate")
    except NotFound:
        raise
    except RepositoryError as error:
        wrong = error.errors[0] if error.errors else error
        flash(translate(wrong.message, wrong.params), "danger")
    else:
        flash(_("The account of %(name)s is changed.", name=user.name))
    return redirect(url_for("admin.users", q=request.args.get("q"), role=request.args.get("role")))


@blueprint.get("/jobs")
def jobs() -> str:
    _administrator()
    work, page = reading(), paging.requested(size=PAGE_SIZE)
    show = request.args.get("show", "failed")
    rows, total = queue.listed(work, show, page.offset, page.size)
    return render_template(
        "admin/jobs.html",
        rows=rows,
        total=total,
        paging=page,
        show=show,
        filters=queue.FILTERS,
        counts=queue.counts(work),
    )


@blueprint.post("/jobs/<int:job_id>/retry")
def retry_job(job_id: int) -> ResponseReturnValue:
    actor = _administrator()
    with writing() as work:
        key = queue.retry_one(work, actor, job_id)
    flash(_("%(job)s will be tried again now.", job=key))
    return redirect(url_for("admin.jobs", show=request.args.get("show", "failed")))


@blueprint.post("/jobs/retry")
def retry_failed_jobs() -> ResponseReturnValue:
    actor = _administrator()
    with writing() as work:
        count = queue.retry_failed(work, actor)
    flash(ngettext("%(num)s job will be tried again.", "%(num)s jobs will be tried again.", count))
    return redirect(url_for("admin.jobs", show="waiting"))


@blueprint.get("/audit")
def audit_log() -> str:
    _administrator()
    work, page = reading(), paging.requested(size=PAGE_SIZE)
    email = request.args.get("user", "").strip()
    action, thing = request.args.get("action", "").strip(), request.args.get("object", "").strip()
    user_id = administration.id_of(work, email) if email else None
    wanted = audit.Wanted(user_id=user_id, action=action[:60], object_id=thing[:100])
    rows, total = audit.listed(work, wanted, page.offset, page.size)
    return render_template(
        "admin/audit.html",
        rows=rows,
        total=total,
        paging=page,
        names=administration.names(work, [row.user_id for row in rows]),
        asked={"user": email, "action": action, "object": thing},
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
