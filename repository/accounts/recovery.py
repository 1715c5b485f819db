"""A new password by a link in a mail: for those who forgot theirs, or never had one.

The link is signed and not stored. It names the password it replaces, so that it works once, and no
longer than its hour.
"""

from datetime import timedelta
from secrets import token_urlsafe

from sqlalchemy import select

from repository.accounts import notices, passwords, rules, signed_links
from repository.accounts.models import User
from repository.accounts.services import create_user, find
from repository.audit import services as audit
from repository.audit.models import AuditEvent
from repository.core.errors import ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work

GOOD_FOR = timedelta(hours=1)
INVITED_FOR = timedelta(days=7)
PAUSE = timedelta(minutes=5)
ASKED = "user.ask-new-password"
PURPOSE = "new password"
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
    link = link_for(work, user, good_for)
    locale = user.locale or work.settings.default_locale
    url = f"/account/new-password?lang={locale}&link={link}"
    notices.write(work, user.email, locale, kind, url=url, reader=user.name)


def link_for(work: Work, user: User, good_for: timedelta = GOOD_FOR) -> str:
    """The signed part of the link by which a user chooses a new password."""
    return signed_links.sign(work, PURPOSE, user, good_for, _state(user))


def owner(work: Work, link: str) -> User:
    """Whose link it is. Raises LinkWorn."""
    user, signed = signed_links.opened(work, PURPOSE, link)
    signed_links.check(signed, _state(user))
    return user


def _state(user: User) -> str:
    return f"{user.email}:{user.session_epoch}:{user.password_hash}"


def set_password(work: Work, link: str, new: str) -> User:
    """Ends every session there is; whoever has the link has the address too. Raises LinkWorn,
    ValidationFailed.
    """
    user = owner(work, link)
    errors: rules.Errors = []
    rules.password(new, user.email, errors, "/new_password")
    if errors:
        raise ValidationFailed(errors=errors)
    user.password_hash = passwords.hash_password(new)
    user.session_epoch += 1
    user.verified_at = user.verified_at or work.clock.now()
    audit.log(work, user.id, "user.new-password", "user", str(user.id))
    return user
