"""Knowing that an address is its user's: by a link in a mail, or because an operator says so.

Accounts work without it; only what is given to an institution's addresses waits for it.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from repository.accounts import notices, passwords, rules, signed_links
from repository.accounts.models import User
from repository.accounts.services import find, get
from repository.audit import services as audit
from repository.audit.models import AuditEvent
from repository.core.errors import Conflict, FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work

GOOD_FOR = timedelta(days=3)
PAUSE = timedelta(minutes=5)
ASKED = "user.ask-verification"
PURPOSE = "verify address"
VERIFY = notices.Kind(
    "account.verify",
    N_("Confirm your e-mail address"),
    N_(
        "An account on this site has this address. If it is yours, open the link within three "
        "days and confirm. If it is not, do nothing."
    ),
)
CHANGED = notices.Kind(
    "account.address-changed",
    N_("The e-mail address of your account was changed"),
    N_(
        "You now sign in with another address. If it was not you who changed it, write to the "
        "operators of this site at once."
    ),
)
TAKEN = N_("Another account has this address.")
SOON_AGAIN = N_("A message was sent a moment ago; look for it, or try again in five minutes.")


def ask(work: Work, user: User) -> None:
    """Send the user a link to confirm the present address. Raises Conflict where it is confirmed,
    or where a message was sent less than five minutes ago.
    """
    if user.verified_at is not None:
        raise Conflict(N_("Your address is confirmed already."))
    _send(work, user, user.email)


def ask_change(work: Work, user_id: int, *, email: str, password: str) -> str:
    """Send a link to a new address, which counts once it is confirmed. Returns the address.

    Raises ValidationFailed, and Conflict as `ask` does.
    """
    user = get(work, user_id)
    errors: rules.Errors = []
    address = rules.email(email, errors, "/new_email")
    if not passwords.verify_password(user.password_hash, password[: rules.MAX_PASSWORD + 1]):
        wrong = N_("This is not your present password.")
        errors.append(FieldError("/password_for_email", wrong))
    elif not errors and address == user.email:
        errors.append(FieldError("/new_email", N_("This is your address already.")))
    elif not errors and find(work, address) is not None:
        errors.append(FieldError("/new_email", TAKEN))
    if errors:
        raise ValidationFailed(errors=errors)
    _send(work, user, address)
    return address


def _send(work: Work, user: User, address: str) -> None:
    recent = select(AuditEvent.id).where(
        AuditEvent.action == ASKED,
        AuditEvent.object_id == str(user.id),
        AuditEvent.at > work.clock.now() - PAUSE,
    )
    if work.session.scalar(recent.limit(1)) is not None:
        raise Conflict(SOON_AGAIN)
    audit.log(work, user.id, ASKED, "user", str(user.id))
    link = link_for(work, user, address)
    locale = user.locale or work.settings.default_locale
    url = f"/account/confirm-address?lang={locale}&link={link}"
    notices.write(work, address, locale, VERIFY, url=url, reader=user.name)


def link_for(work: Work, user: User, address: str) -> str:
    """The signed part of the link that confirms an address."""
    return signed_links.sign(work, PURPOSE, user, GOOD_FOR, _state(user, address), address)


def _state(user: User, address: str) -> str:
    """A link to a new address is worn by a new password too: who asked for it may be a thief."""
    state = f"{user.email}:{user.verified_at}"
    if address == user.email:
        return state
    return f"{state}:{user.session_epoch}:{user.password_hash}"


def opened(work: Work, link: str) -> tuple[User, str]:
    """Whose link it is, and the address that it confirms. Raises LinkWorn."""
    user, signed = signed_links.opened(work, PURPOSE, link)
    signed_links.check(signed, _state(user, signed.told))
    return user, signed.told


def confirm(work: Work, link: str) -> User:
    """Raises LinkWorn, Conflict where another account got the address meanwhile."""
    user, address = opened(work, link)
    before = user.email
    if address != before:
        if find(work, address) is not None:
            raise Conflict(TAKEN)
        locale = user.locale or work.settings.default_locale
        notices.write(work, before, locale, CHANGED, reader=user.name)
        user.email = address
        audit.log(work, user.id, "user.change-address", "user", str(user.id))
    user.verified_at = work.clock.now()
    audit.log(work, user.id, "user.verify-address", "user", str(user.id))
    try:
        work.session.flush()
    except IntegrityError as error:  # registered in the same moment from elsewhere
        raise Conflict(TAKEN) from error
    return user


def vouch(work: Work, by: int | None, user_id: int) -> User:
    """An administrator, or with None the operator, knows that the address is the user's."""
    user = get(work, user_id)
    if user.verified_at is None:
        user.verified_at = work.clock.now()
        audit.log(work, by, "user.vouch-for-address", "user", str(user_id))
    return user
