"""Pages of the account: register, sign in and out, profile, password, tokens."""

from datetime import timedelta

from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from repository.accounts import (
    factor_views,
    factors,
    identity_views,
    recovery_views,
    rules,
    services,
    tokens,
    verification,
    verification_views,
)
from repository.accounts.factor_views import begin_step
from repository.accounts.identity import require_user, signed_in_user, start_session
from repository.accounts.models import Scope, User
from repository.core.errors import RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.i18n.locale import language
from repository.web.context import reading, runtime, writing
from repository.web.forms import Form
from repository.web.limits import limiter, sign_in_limit
from repository.web.urls import safe_next

blueprint = Blueprint("accounts", __name__, url_prefix="/account")
TOKEN_DAYS = {"30": 30, "90": 90, "365": 365, "never": None}
WRONG = N_(
    "The e-mail address or the password is not right. After ten wrong tries an account takes no "
    "sign-in for a quarter of an hour."
)


def _after_sign_in() -> str:
    return safe_next(request.values.get("next"), url_for("accounts.profile"))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    if request.method == "GET":
        if signed_in_user() is not None:
            return redirect(_after_sign_in())
        return render_template("accounts/sign_in.html", form=Form())
    form = Form.sent()
    user = services.authenticate(reading(), form.get("email"), form.get("password"))
    if user is None:
        with writing() as work:
            services.note_refused_sign_in(work, form.get("email"))
        form.fail(ValidationFailed(WRONG))
        return render_template("accounts/sign_in.html", form=form), 400
    with_factor = factors.is_on(reading(), user.id)
    with writing() as work:
        user = services.renew_hash(work, user.id, form.get("password"))
        if not with_factor:
            user = services.note_sign_in(work, user.id)
    if with_factor:
        return begin_step(user, request.values.get("next"))
    start_session(user)
    return redirect(_after_sign_in())


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    logout_user()
    session.clear()
    flash(_("You are signed out."))
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/register", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"])
def register() -> ResponseReturnValue:
    form = Form.sent() if request.method == "POST" else Form()
    if request.method == "POST":
        try:
            with writing() as work:
                user = services.register(
                    work,
                    email=form.get("email"),
                    password=form.get("password"),
                    name=form.get("name"),
                    locale=language(),
                )
                verification.ask(work, user)
        except RepositoryError as error:
            form.fail(error)
            return render_template("accounts/register.html", form=form), error.status
        start_session(user)
        flash(_("Welcome, %(name)s. Your account is ready.", name=user.name))
        return redirect(_after_sign_in())
    return render_template("accounts/register.html", form=form)


@blueprint.route("/", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    user = require_user()
    if request.method == "GET":
        return _profile(user, Form(_values(user)))
    form = Form.sent()
    try:
        with writing() as work:
            services.update_profile(
                work,
                user.id,
                name=form.get("name"),
                affiliation=form.get("affiliation"),
                orcid=form.get("orcid"),
                locale=form.get("locale"),
            )
    except ValidationFailed as error:
        form.fail(error)
        return _profile(user, form), error.status
    flash(_("Your profile is saved."))
    return redirect(url_for("accounts.profile", lang=None))


def _values(user: User) -> dict[str, str]:
    return {
        "name": user.name,
        "affiliation": user.affiliation,
        "orcid": user.orcid,
        "locale": user.locale or "",
    }


def _profile(user: User, form: Form, password_form: Form | None = None) -> str:
    return render_template(
        "accounts/profile.html", user=user, form=form, password_form=password_form or Form()
    )


@blueprint.post("/password")
@limiter.limit(sign_in_limit)
def change_password() -> ResponseReturnValue:
    user = require_user()
    form = Form.sent()
    try:
        with writing() as work:
            changed = services.change_password(
                work,
                user.id,
                current=form.get("current_password"),
                new=form.get("new_password"),
            )
    except ValidationFailed as error:
        form.fail(error)
        return _profile(user, Form(_values(user)), form), error.status
    start_session(changed)
    flash(_("Your password is changed. All other sessions are signed out."))
    return redirect(url_for("accounts.profile"))


@blueprint.post("/sessions")
def end_other_sessions() -> ResponseReturnValue:
    user = require_user()
    with writing() as work:
        user = services.end_sessions(work, user.id)
    start_session(user)
    flash(_("All your other sessions are signed out."))
    return redirect(url_for("accounts.profile"))


@blueprint.post("/language")
def change_language() -> ResponseReturnValue:
    """Keep a language as the signed-in reader's own."""
    user = require_user()
    with writing() as work:
        services.set_locale(work, user.id, request.form.get("locale", ""))
    return redirect(safe_next(request.form.get("next"), url_for("accounts.profile", lang=None)))


@blueprint.route("/tokens", methods=["GET", "POST"])
def api_tokens() -> ResponseReturnValue:
    user = require_user()
    if request.method == "GET":
        return _tokens(user, Form({"expires": "365"}))
    form = Form.sent()
    days = TOKEN_DAYS.get(form.get("expires"), TOKEN_DAYS["365"])
    expires_at = runtime().clock.now() + timedelta(days=days) if days else None
    try:
        with writing() as work:
            owner = services.get(work, user.id)
            _token, text = tokens.create_token(
                work,
                owner,
                name=form.get("name"),
                scopes=form.chosen("scopes"),
                expires_at=expires_at,
            )
    except ValidationFailed as error:
        form.fail(error)
        return _tokens(user, form), error.status
    return _tokens(user, Form({"expires": "365"}), text)


def _tokens(user: User, form: Form, created: str | None = None) -> str:
    return render_template(
        "accounts/tokens.html",
        form=form,
        created=created,
        tokens=tokens.list_tokens(reading(), user.id),
        scopes=[(scope.value, SCOPE_NAMES[scope]) for scope in Scope],
        chosen=form.chosen("scopes") or [Scope.READ.value],
        now=runtime().clock.now(),
    )


SCOPE_NAMES = {
    Scope.READ: N_("Read what I may read, drafts among it"),
    Scope.WRITE: N_("Make and change drafts and files"),
    Scope.PUBLISH: N_("Publish"),
}


@blueprint.post("/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> ResponseReturnValue:
    user = require_user()
    with writing() as work:
        tokens.revoke_token(work, user.id, token_id)
    flash(_("The token is revoked."))
    return redirect(url_for("accounts.api_tokens"))


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    recovery_views.init_app(app)
    factor_views.init_app(app)
    verification_views.init_app(app)
    identity_views.init_app(app)
    app.jinja_env.globals.update(
        registration_open=lambda: runtime().settings.registration_open,
        min_password=rules.MIN_PASSWORD,
    )
