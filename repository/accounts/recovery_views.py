"""Pages for those who forgot their password."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts import recovery
from repository.core.errors import ValidationFailed
from repository.web.context import reading, writing
from repository.web.forms import Form
from repository.web.limits import limiter, sign_in_limit

blueprint = Blueprint("recovery", __name__, url_prefix="/account")


@blueprint.route("/forgotten", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def forgotten() -> ResponseReturnValue:
    """The answer is the same for every address: it must not tell who has an account."""
    form = Form.sent() if request.method == "POST" else Form()
    if request.method == "POST":
        with writing() as work:
            recovery.ask(work, form.get("email"))
    return render_template("accounts/forgotten.html", form=form, sent=request.method == "POST")


@blueprint.route("/new-password", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def new_password() -> ResponseReturnValue:
    link = request.values.get("link", "")
    if request.method == "GET":
        user = recovery.owner(reading(), link)
        return _page(Form({"email": user.email}), link)
    form = Form.sent()
    try:
        with writing() as work:
            recovery.set_password(work, link, form.get("new_password"))
    except ValidationFailed as error:
        form.fail(error)
        return _page(form, link), error.status
    flash(_("Your password is changed. All other sessions are signed out."))
    return redirect(url_for("accounts.sign_in"))


def _page(form: Form, link: str) -> str:
    return render_template("accounts/new_password.html", form=form, link=link)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
