"""Asking for access to the files of a record: the form, a guest's confirmation."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.access.documents import document_for
from repository.accounts.identity import current_actor, signed_in_user
from repository.core.errors import Conflict, NotFound, ValidationFailed
from repository.i18n.locale import language
from repository.sharing import services
from repository.sharing.services import Asked
from repository.sharing.views.blueprint import blueprint
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.limits import limiter, sign_in_limit


@blueprint.route("/records/<record_id>/request-access", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def request_access(record_id: str) -> ResponseReturnValue:
    work, actor = reading(), current_actor()
    version = services.requestable_version(work, actor, record_id)
    policy = services.policy_of(work, version.record_id)
    form = Form.sent() if request.method == "POST" else Form()
    if request.method == "POST":
        asked = Asked(
            name=form.get("name"),
            email=form.get("email"),
            affiliation=form.get("affiliation"),
            message=form.get("message"),
            answers=[form.get(f"answer-{i}") for i in range(len(policy.questions))],
            agreed=form.get("agreed") == "1",
            locale=language(),
        )
        try:
            with writing() as writer:
                sent = services.ask(writer, actor, version, asked)
                user, number = sent.user_id, sent.id
        except (ValidationFailed, Conflict) as error:
            form.fail(error)
        else:
            if user is not None:
                flash(_("Your request is sent. You will be told as soon as it is decided."))
                return redirect(url_for("sharing.read_request", request_id=number), 303)
            return render_template("sharing/sent.html", email=asked.email)
    document = document_for(work, actor, version, files_limit=0)
    if document is None:
        raise NotFound
    page = render_template(
        "sharing/ask.html",
        document=document,
        policy=policy,
        form=form,
        user=signed_in_user(),
    )
    return (page, 400) if form.failed else page


@blueprint.route("/access-requests/confirm", methods=["GET", "POST"])
def confirm_request() -> ResponseReturnValue:
    """A button confirms, not the link by itself: programs that check mails open links too."""
    key = request.args.get("key", "")
    if request.method == "POST":
        with writing() as work:
            services.confirm(work, key)
        return render_template("sharing/confirmed.html")
    services.by_secret(reading(), key)
    return render_template("sharing/confirm.html", key=key)
