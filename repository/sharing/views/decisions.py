"""Requests for access as their owners decide on them, and as askers follow them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access.documents import title_for
from repository.access.grants import managed_record
from repository.accounts.identity import require_actor
from repository.core.errors import Conflict, ValidationFailed
from repository.core.messages import N_
from repository.i18n.locale import language
from repository.sharing import services
from repository.sharing.days import end_of_day
from repository.sharing.models import RequestStatus, Takers
from repository.sharing.views.blueprint import blueprint
from repository.web import paging
from repository.web.context import reading, writing
from repository.web.forms import Form

STATUSES = {
    RequestStatus.OPEN: N_("waiting"),
    RequestStatus.GRANTED: N_("access was given"),
    RequestStatus.DECLINED: N_("declined"),
    RequestStatus.CANCELLED: N_("taken back"),
    RequestStatus.LAPSED: N_("lapsed"),
}
TAKERS = {
    Takers.EVERYONE: N_("Everyone; guests confirm their e-mail address first"),
    Takers.USERS: N_("People with an account"),
    Takers.NOBODY: N_("Nobody"),
}


@blueprint.get("/access-requests")
def list_requests() -> str:
    work, actor, page = reading(), require_actor(), paging.requested()
    found = services.requests_of(work, actor, page.offset, page.size)
    return render_template(
        "sharing/requests.html",
        requests=[(each, title_for(work, actor, each.version_id, language())) for each in found],
        statuses=STATUSES,
        total=services.count_requests(work, actor),
        paging=page,
    )


@blueprint.route("/access-requests/<int:request_id>", methods=["GET", "POST"])
def read_request(request_id: int) -> ResponseReturnValue:
    """What was asked, and for those who manage the record, to decide."""
    actor = require_actor()
    asked, decides = services.find_request(reading(), actor, request_id)
    form = Form.sent() if request.method == "POST" else Form()
    if request.method == "POST":
        try:
            _act(form, request_id)
        except (ValidationFailed, Conflict) as error:
            form.fail(error)
        else:
            flash(_("Done."))
            return redirect(url_for("sharing.read_request", request_id=request_id), 303)
    work = reading()
    asked, decides = services.find_request(work, actor, request_id)
    page = render_template(
        "sharing/request.html",
        asked=asked,
        decides=decides,
        statuses=STATUSES,
        title=title_for(work, actor, asked.version_id, language()) or _("Untitled"),
        form=form,
    )
    return (page, 400) if form.failed else page


def _act(form: Form, request_id: int) -> None:
    actor = require_actor()
    with writing() as work:
        asked, decides = services.find_request(work, actor, request_id)
        if not decides or form.get("act") == "cancel":
            services.cancel(work, actor, asked)
            return
        services.decide(
            work,
            actor,
            asked,
            grant=form.get("act") == "grant",
            reason=form.get("reason"),
            until=end_of_day(form.get("until"), "/until"),
        )


@blueprint.route("/records/<record_id>/request-settings", methods=["GET", "POST"])
def request_settings(record_id: str) -> ResponseReturnValue:
    """Who may ask for access to a record's files, the terms they agree to, what they answer."""
    actor = require_actor()
    record = managed_record(reading(), actor, record_id)
    policy = services.policy_of(reading(), record.id)
    form = Form(
        {
            "takers": policy.takers,
            "terms": policy.terms,
            "questions": "\n".join(policy.questions),
        }
    )
    if request.method == "POST":
        form = Form.sent()
        try:
            with writing() as work:
                services.set_policy(
                    work,
                    actor,
                    managed_record(work, actor, record_id),
                    takers=form.get("takers"),
                    terms=form.get("terms"),
                    questions=form.get("questions").splitlines(),
                )
        except ValidationFailed as error:
            form.fail(error)
        else:
            flash(_("Saved."))
            return redirect(url_for("sharing.request_settings", record_id=record_id), 303)
    page = render_template("sharing/settings.html", id=record_id, form=form, takers=TAKERS)
    return (page, 400) if form.failed else page
