"""Signing in by an identity provider, and the page of the identities that lead to an account."""

import json
from dataclasses import asdict
from secrets import compare_digest
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from repository.accounts import factors, identities, oidc, services, verification
from repository.accounts.factor_views import begin_step
from repository.accounts.identity import require_user, start_session
from repository.accounts.models import User
from repository.core.errors import NotFound, RepositoryError
from repository.core.messages import N_
from repository.core.settings import ProviderSettings
from repository.i18n.locale import language
from repository.web.context import reading, runtime, writing
from repository.web.messages import translate
from repository.web.urls import absolute_url, safe_next

blueprint = Blueprint("identities", __name__, url_prefix="/account")
BEGUN, TO_LINK = "oidc", "identity"  # of the session
GOOD_FOR = 600  # seconds
MAX_KEPT = 1500  # a cookie holds 4 KiB in all
STALE = N_("This sign-in is too old or was used already. Begin again.")
NOT_THERE = N_("The identity provider did not sign you in.")


def _provider(name: str) -> ProviderSettings:
    provider = runtime().settings.oidc.get(name)
    if provider is None:
        raise NotFound
    return provider


def _now() -> int:
    return int(runtime().clock.now().timestamp())


@blueprint.get("/with/<name>")
def begin(name: str) -> ResponseReturnValue:
    """Lead to the provider; with `link` to link an identity there to the reader's account."""
    provider = _provider(name)
    links_to = require_user().id if request.args.get("link") else 0
    try:
        begun = oidc.begin(provider, absolute_url("identities.back", name=name))
    except oidc.ProviderDown as error:
        return _instead(error, linking=bool(links_to))
    target = safe_next(request.args.get("next"), "")[:1000]
    session[BEGUN] = {
        **asdict(begun),
        "url": "",
        "provider": name,
        "next": target,
        "links_to": links_to,
        "until": _now() + GOOD_FOR,
        "lang": language(),
    }
    return redirect(begun.url)


@blueprint.get("/with/<name>/back")
def back(name: str) -> ResponseReturnValue:
    """Where the provider sends the browser back to. What was begun is good for one answer."""
    provider, begun = _provider(name), session.pop(BEGUN, None) or {}
    lang, links_to = begun.get("lang"), begun.get("links_to")
    try:
        told = _finished(name, provider, begun)
        if links_to:
            return _ask_to_link(told, links_to)
        user = identities.find_user(reading(), told) or _registered(provider, told, lang)
    except RepositoryError as error:
        return _instead(error, linking=bool(links_to), lang=lang)
    return _signed_in(user, told, begun["next"])


def _finished(name: str, provider: ProviderSettings, begun: dict[str, Any]) -> oidc.Told:
    same = begun.get("provider") == name and begun.get("until", 0) > _now()
    if not same or not compare_digest(
        request.args.get("state", "").encode(), str(begun.get("state")).encode()
    ):
        raise oidc.NotSignedIn(STALE)
    issuer, code = request.args.get("iss"), request.args.get("code")
    if issuer is not None and issuer != provider.issuer:  # RFC 9207
        raise oidc.NotSignedIn(oidc.REFUSED)
    if not code:
        raise oidc.NotSignedIn(NOT_THERE)
    kept = oidc.Begun(*(begun[each] for each in ("url", "state", "nonce", "verifier")))
    back_here = absolute_url("identities.back", name=name)
    return oidc.finish(provider, kept, back_here, code, runtime().clock.now())


def _registered(provider: ProviderSettings, told: oidc.Told, lang: str | None) -> User:
    with writing() as work:
        user = identities.register(work, provider, told, lang or "")
        if user.verified_at is None:
            verification.ask(work, user)
    return user


def _signed_in(user: User, told: oidc.Told, target: str) -> ResponseReturnValue:
    """As after a password: whoever has a second factor is asked for it."""
    with_factor = factors.is_on(reading(), user.id)
    with writing() as work:
        identities.note_use(work, told)
        if not with_factor:
            user = services.note_sign_in(work, user.id)
    if with_factor:
        return begin_step(user, target or None)
    start_session(user)
    return redirect(target or url_for("accounts.profile", lang=None))


def _ask_to_link(told: oidc.Told, links_to: int) -> ResponseReturnValue:
    if require_user().id != links_to:
        raise oidc.NotSignedIn(STALE)
    claims = told.claims if len(json.dumps(told.claims)) < MAX_KEPT else {}
    session[TO_LINK] = {**asdict(told), "claims": claims, "until": _now() + GOOD_FOR}
    return redirect(url_for("identities.confirm"))


def _instead(
    error: RepositoryError, *, linking: bool, lang: str | None = None
) -> ResponseReturnValue:
    """The page from which it began, with what went wrong, in its language."""
    with force_locale(lang or language()):
        flash(translate(error.message, error.params))
    page = "identities.listed" if linking else "accounts.sign_in"
    return redirect(url_for(page, lang=lang or language()))


@blueprint.get("/identities")
def listed() -> str:
    user, work = require_user(), reading()
    return render_template(
        "accounts/identities.html",
        user=user,
        identities=identities.identities_of(work, user.id),
        titles={provider.issuer: title for _name, title, provider in _providers()},
    )


@blueprint.route("/identities/confirm", methods=["GET", "POST"])
def confirm() -> ResponseReturnValue:
    """The reader says that the identity is theirs, who may have been led there by somebody else."""
    user, kept = require_user(), session.get(TO_LINK) or {}
    if kept.get("until", 0) < _now():
        session.pop(TO_LINK, None)
        flash(_("This sign-in is too old or was used already. Begin again."))
        return redirect(url_for("identities.listed"))
    told = oidc.Told(**{name: kept[name] for name in oidc.Told.__dataclass_fields__})
    if request.method == "GET":
        titles = {provider.issuer: title for _name, title, provider in _providers()}
        return render_template(
            "accounts/link_identity.html", told=told, title=titles.get(told.issuer, told.issuer)
        )
    session.pop(TO_LINK)
    try:
        with writing() as work:
            identities.link(work, user.id, told)
    except RepositoryError as error:
        flash(translate(error.message, error.params))
    else:
        flash(_("The identity is linked: you can sign in by it from now on."))
    return redirect(url_for("identities.listed"), 303)


@blueprint.post("/identities/<int:identity_id>/unlink")
def unlink(identity_id: int) -> ResponseReturnValue:
    user = require_user()
    try:
        with writing() as work:
            identities.unlink(work, user.id, identity_id)
    except RepositoryError as error:
        if isinstance(error, NotFound):
            raise
        flash(translate(error.message, error.params))
    else:
        flash(_("The identity is not linked to your account any more."))
    return redirect(url_for("identities.listed"), 303)


def _providers() -> list[tuple[str, str, ProviderSettings]]:
    """Name, title in the reader's language, and settings of each."""
    return [
        (name, identities.title_of(name, provider, language()), provider)
        for name, provider in runtime().settings.oidc.items()
    ]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(identity_providers=_providers)
