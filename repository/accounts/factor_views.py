"""Pages of the second factor: set up, turn off, and the second step of signing in."""

import segno
from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from repository.accounts import factors, services, throttling
from repository.accounts.identity import require_user, start_session
from repository.accounts.models import User
from repository.core.errors import FieldError, Forbidden, ValidationFailed
from repository.core.messages import N_
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from repository.web.limits import limiter, sign_in_limit
from repository.web.negotiation import is_api
from repository.web.security import has_bearer
from repository.web.urls import safe_next

blueprint = Blueprint("second_factor", __name__, url_prefix="/account/two-factor")
STEP_SECONDS = 600
REQUIRED = N_("Your role here asks for two-factor sign-in. Set it up to go on.")
OPEN_ENDPOINTS = ("static", "accounts.sign_out", "accounts.change_language")


def begin_step(user: User, target: str | None) -> ResponseReturnValue:
    """The first factor was right: ask for the second, in a session that is nobody's yet."""
    session.clear()
    until = int(runtime().clock.now().timestamp()) + STEP_SECONDS
    session["second_step"] = [user.id, user.session_epoch, until]
    return redirect(url_for("second_factor.step", next=target))


def _whose_step() -> User | None:
    user_id, epoch, until = session.get("second_step") or (0, 0, 0)
    user = reading().session.get(User, user_id)
    if user is None or not user.active or user.session_epoch != epoch:
        return None
    return user if runtime().clock.now().timestamp() < until else None


@blueprint.route("/step", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def step() -> ResponseReturnValue:
    user = _whose_step()
    if user is None:
        return redirect(url_for("accounts.sign_in", next=request.values.get("next")))
    if request.method == "GET":
        return render_template("accounts/second_step.html", form=Form())
    form = Form.sent()
    held = throttling.is_held(reading(), user)
    with writing() as work:
        if passed := not held and factors.passes(work, user.id, form.get("code")):
            user = services.note_sign_in(work, user.id)
        else:
            services.note_refused_sign_in(work, user.email)
    if not passed:
        form.fail(ValidationFailed(errors=[FieldError("/code", factors.WRONG_CODE)]))
        return render_template("accounts/second_step.html", form=form), 400
    start_session(user)
    return redirect(safe_next(request.values.get("next"), url_for("accounts.profile")))


@blueprint.get("/")
def setup() -> str:
    return _page(require_user(), Form())


def _page(user: User, form: Form, codes: list[str] | None = None) -> str:
    work = reading()
    factor = factors.state_of(work, user.id)
    on = factor is not None and factor.confirmed_at is not None
    scanned = secret = ""
    if factor is not None and not on:
        address = factors.address_of(work, factor, user)
        scanned = segno.make(address, error="m").svg_data_uri(scale=5, border=2, light="#fff")
        secret = factors.secret_of(work, factor)
    return render_template(
        "accounts/two_factor.html",
        form=form,
        on=on,
        scanned=scanned,
        secret=secret,
        codes=codes,
        left=len(factor.recovery) if factor else 0,
        required=factors.is_required(work.settings, user.role),
    )


@blueprint.post("/begin")
def begin() -> ResponseReturnValue:
    user = require_user()
    with writing() as work:
        factors.begin(work, user.id)
    return redirect(url_for("second_factor.setup"))


@blueprint.post("/confirm")
@limiter.limit(sign_in_limit)
def confirm() -> ResponseReturnValue:
    user, form = require_user(), Form.sent()
    try:
        with writing() as work:
            codes = factors.confirm(work, user.id, form.get("code"))
    except ValidationFailed as error:
        form.fail(error)
        return _page(user, form), error.status
    return _page(user, Form(), codes)


@blueprint.post("/recovery-codes")
@limiter.limit(sign_in_limit)
def recovery_codes() -> ResponseReturnValue:
    user, form = require_user(), Form.sent()
    try:
        with writing() as work:
            codes = factors.renew_recovery_codes(work, user.id, form.get("current_password"))
    except ValidationFailed as error:
        form.fail(error)
        return _page(user, form), error.status
    return _page(user, Form(), codes)


@blueprint.post("/off")
@limiter.limit(sign_in_limit)
def turn_off() -> ResponseReturnValue:
    user, form = require_user(), Form.sent()
    try:
        with writing() as work:
            factors.turn_off(work, user.id, form.get("current_password"))
    except ValidationFailed as error:
        form.fail(error)
        return _page(user, form), error.status
    flash(_("Two-factor sign-in is off."))
    return redirect(url_for("second_factor.setup"))


def _set_up_first() -> ResponseReturnValue | None:
    """Where the site asks for a second factor, a session without one leads nowhere else."""
    open_here = request.endpoint in OPEN_ENDPOINTS or request.blueprint == blueprint.name
    if runtime().settings.require_two_factor == "nobody" or open_here or has_bearer():
        return None
    if not current_user.is_authenticated or not factors.is_missing(reading(), current_user.user):
        return None
    if is_api():
        raise Forbidden(REQUIRED)
    return redirect(url_for("second_factor.setup"))


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.before_request(_set_up_first)
