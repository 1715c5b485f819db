"""Who is asking: the session's user on pages, a bearer token's on the API."""

from collections.abc import Callable

from flask import Flask, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user
from werkzeug.wrappers import Response

from repository.accounts import factors, identities, tokens
from repository.accounts.models import ANONYMOUS, Actor, User, as_guest
from repository.core.errors import Forbidden, Unauthenticated
from repository.core.messages import N_
from repository.core.work import Work
from repository.web import errors, problems
from repository.web.context import reading, runtime, writing
from repository.web.negotiation import is_api, is_machine, wants_problem
from repository.web.security import SAFE_METHODS, has_bearer
from repository.web.urls import here

RENEW_SECONDS = 600
LINKS = "links"  # of the session: numbers of the share links that were opened in it
GUEST = "guest"  # of the session: by which somebody without an account is known again
login_manager = LoginManager()

# Share links belong to a floor above, which says here what they make of whom.
_with_links: list[Callable[[Work, Actor, list[int]], Actor]] = []
_of_secret: list[Callable[[Work, str], Actor | None]] = []


def accept_links(
    with_links: Callable[[Work, Actor, list[int]], Actor],
    *of_secret: Callable[[Work, str], Actor | None],
) -> None:
    """Let links count: those of a session, by their numbers, and secrets sent as bearer tokens."""
    _with_links[:], _of_secret[:] = [with_links], list(of_secret)


class SessionUser(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """A signed-in user as Flask-Login wants one. The id carries the session epoch: when that is
    raised (a new password), sessions from before name nobody any more.
    """

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return f"{self.user.id}.{self.user.session_epoch}"

    @property
    def is_active(self) -> bool:
        return self.user.active

    @property
    def locale(self) -> str | None:
        return self.user.locale


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(identifier: str) -> SessionUser | None:
    number, _, epoch = identifier.partition(".")
    if not (number.isdigit() and epoch.isdigit()):
        return None
    user = reading().session.get(User, int(number))
    if user is None or not user.active or user.session_epoch != int(epoch):
        return None
    _renew()
    return SessionUser(user)


def _renew() -> None:
    """Count the session's hours from the last use, not from sign-in; written now and then."""
    now = int(runtime().clock.now().timestamp())
    if now - session.get("renewed", 0) > RENEW_SECONDS:
        session["renewed"] = now


def start_session(user: User) -> None:
    """Sign in, in a new session: nothing that was planted in the old one lives on but links that
    were opened and terms that were accepted in it, which give more to read and nothing else.
    """
    kept = {name: session[name] for name in (LINKS, GUEST) if session.get(name)}
    session.clear()
    session.permanent = True
    session.update(kept)
    session["renewed"] = int(runtime().clock.now().timestamp())
    login_user(SessionUser(user))
    g.pop("actor", None)


def signed_in_user() -> User | None:
    """The user of the browser's session."""
    return current_user.user if current_user.is_authenticated else None


def require_user() -> User:
    """The session's user. Raises Unauthenticated, which leads to the sign-in page."""
    user = signed_in_user()
    if user is None:
        raise Unauthenticated
    return user


def current_actor() -> Actor:
    """Who asks, for the access rule; the same through a request.

    A bearer token counts on the API only, and then alone: one that is not valid raises
    Unauthenticated instead of falling back to a session or to nobody.
    """
    if "actor" not in g:
        g.actor = _of_token() if is_api() and has_bearer() else _of_session()
    actor: Actor = g.actor
    return actor


def require_actor() -> Actor:
    """Raises Unauthenticated for nobody."""
    actor = current_actor()
    if actor.user_id is None:
        raise Unauthenticated
    return actor


def _of_session() -> Actor:
    if is_machine(request.path) and not is_api():
        return ANONYMOUS
    user = signed_in_user()
    actor = identities.actor_of(reading(), user) if user is not None else ANONYMOUS
    opened: list[int] = session.get(LINKS) or []
    for extend in _with_links if opened else ():
        actor = extend(reading(), actor, opened)
    guest = session.get(GUEST)
    return as_guest(actor, guest) if guest else actor


def _of_token() -> Actor:
    text = request.headers["Authorization"].split(None, 1)[1:]
    given = text[0].strip() if text else ""
    for known in _of_secret:
        by_link = known(reading(), given)
        if by_link is not None:
            return by_link
    token = tokens.authenticate_token(reading(), given) if given else None
    if token is None:
        raise Unauthenticated(N_("This token is not known here, was revoked, or has expired."))
    if factors.is_missing(reading(), token.user):
        raise Forbidden(N_("Set up two-factor sign-in first: the site asks it of your role."))
    actor = identities.actor_of(reading(), token.user, frozenset(token.scopes))
    if tokens.use_is_stale(token, runtime().clock.now()):
        with writing() as work:
            tokens.note_use(work, token.id)
    return actor


def _sign_in_first(error: Unauthenticated) -> Response:
    """Readers are led to the sign-in page and back; programs and sent forms are told."""
    if wants_problem() or request.method not in SAFE_METHODS or "HX-Request" in request.headers:
        return errors.answer(problems.of(error))
    return redirect(url_for("accounts.sign_in", next=here()))


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    app.register_error_handler(Unauthenticated, _sign_in_first)
    app.jinja_env.globals["signed_in_user"] = signed_in_user
