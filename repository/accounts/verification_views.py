"""Pages that confirm an address, and ask for the message that does."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from repository.accounts import services, verification
from repository.accounts.identity import require_user, signed_in_user
from repository.accounts.models import User
from repository.core.errors import Conflict, RepositoryError
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from repository.web.limits import limiter, sign_in_limit
from repository.web.messages import translate

blueprint = Blueprint("verification", __name__, url_prefix="/account")


@blueprint.post("/verify")
@limiter.limit(sign_in_limit)
def send_again() -> ResponseReturnValue:
    user = require_user()
    try:
        with writing() as work:
            verification.ask(work, services.get(work, user.id))
    except Conflict as error:
        flash(translate(error.message, error.params))
    else:
        flash(_("A message is on its way to %(email)s.", email=user.email))
    return redirect(url_for("accounts.profile"), 303)


@blueprint.route("/address", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def change_address() -> ResponseReturnValue:
    user = require_user()
    form = Form.sent() if request.method == "POST" else Form()
    if request.method == "POST":
        try:
            with writing() as work:
                address = verification.ask_change(
                    work,
                    user.id,
                    email=form.get("new_email"),
                    password=form.get("password_for_email"),
                )
        except RepositoryError as error:
            form.fail(error)
            return render_template("accounts/address.html", user=user, form=form), error.status
        flash(
            _(
                "A message is on its way to %(email)s. Your address changes when you confirm it.",
                email=address,
            )
        )
        return redirect(url_for("accounts.profile"), 303)
    return render_template("accounts/address.html", user=user, form=form)


@blueprint.route("/confirm-address", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def confirm_address() -> ResponseReturnValue:
    """A button confirms, not the link by itself: programs that check mails open links too."""
    link = request.args.get("link", "")
    if request.method == "GET":
        user, address = verification.opened(reading(), link)
        return render_template("accounts/confirm_address.html", address=address, link=link)
    with writing() as work:
        user = verification.confirm(work, link)
    flash(_("Your address %(email)s is confirmed.", email=user.email))
    signed_in = signed_in_user() is not None
    return redirect(url_for("accounts.profile" if signed_in else "accounts.sign_in"), 303)


def unverified_user() -> User | None:
    """The reader, if an address is still to be confirmed."""
    user = signed_in_user()
    return user if user is not None and user.verified_at is None else None


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        unverified_user=unverified_user,
        sends_mail=lambda: bool(runtime().settings.smtp_host),
    )
