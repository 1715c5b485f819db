"""A new password by a link in a mail: for those who forgot theirs, or never had one.

The link is signed and not stored. It names the password it replaces, so that it works once, and no
longer than its hour.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import compare_digest, token_urlsafe

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from repository.accounts import notices, passwords, rules
from repository.accounts.models import User
from repository.accounts.services import create_user, find
from repository.audit import services as audit
from repository.audit.models import AuditEvent
from repository.core.errors import RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.core.work import Work

GOOD_FOR = timedelta(hours=1)
INVITED_FOR = timedelta(days=7)
PAUSE = timedelta(minutes=5)
ASKED = "user.ask-new-password"
FORGOTTEN = notices.Kind(
    "account.forgotten",
    N_("Choose a new password"),
    N_(
        "Somebody, most likely you, asked for a new password for this address. Open the link "
        "within an hour to choose one. If it was not you, do nothing: your password stays as it is."
    ),
)
INVITED = notices.Kind(
    "account.invited",
    N_("An account was made for you"),
    N_(
        "Open the link within seven days to choose a password; then sign in with this "
        "e-mail address."
    ),
)


class LinkWorn(RepositoryError):
    """The link was used, is too old, or is none."""

    status = 410
    code = "link-worn"


def ask(work: Work, email: str) -> None:
    """Send a link to the active user with this address. Nobody is told whether there is one, and
    nobody gets more than one message in five minutes.
    """
    user = find(work, email)
    if user is None or not user.active:
        return
    recent = select(AuditEvent.id).where(
        AuditEvent.action == ASKED,
        AuditEvent.object_id == str(user.id),
        AuditEvent.at > work.clock.now() - PAUSE,
    )
    if work.session.scalar(recent.limit(1)) is not None:
        return
    audit.log(work, None, ASKED, "user", str(user.id))
    _send(work, user, FORGOTTEN, GOOD_FOR)


def invite(work: Work, by: int | None, *, email: str, name: str, role: str) -> User:
    """Make an account for somebody else, who chooses the password. Raises ValidationFailed."""
    user = create_user(work, email=email, password=token_urlsafe(32), name=name, role=role, by=by)
    _send(work, user, INVITED, INVITED_FOR)
    return user


def _send(work: Work, user: User, kind: notices.Kind, good_for: timedelta) -> None:
    expires = int((work.clock.now() + good_for).timestamp())
    token = _signer(work.settings).dumps([user.id, _fingerprint(user), expires])
    locale = user.locale or work.settings.default_locale
    url = f"/account/new-password?lang={locale}&link={token}"
    notices.write(work, user.email, locale, kind, url=url, reader=user.name)


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key.get_secret_value(), salt="new password")


def _fingerprint(user: User) -> str:
    return sha256(f"{user.session_epoch}:{user.password_hash}".encode()).hexdigest()[:24]


def owner(work: Work, link: str) -> User:
    """Whose link it is. Raises LinkWorn."""
    worn = LinkWorn(N_("This link was used already or is too old. Ask for a new one."))
    try:
        user_id, fingerprint, expires = _signer(work.settings).loads(link)
    except (BadSignature, ValueError, TypeError) as error:
        raise worn from error
    user = work.session.get(User, user_id)
    if user is None or not user.active or expires < work.clock.now().timestamp():
        raise worn
    if not compare_digest(fingerprint, _fingerprint(user)):
        raise worn
    return user


def set_password(work: Work, link: str, new: str) -> User:
    """Ends every session there is. Raises LinkWorn, ValidationFailed."""
    user = owner(work, link)
    errors: rules.Errors = []
    rules.password(new, user.email, errors, "/new_password")
    if errors:
        raise ValidationFailed(errors=errors)
    user.password_hash = passwords.hash_password(new)
    user.session_epoch += 1
    audit.log(work, user.id, "user.new-password", "user", str(user.id))
    return user
