"""What can be done with accounts. Each act is in the audit log, in its own transaction."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from repository.accounts import passwords, rules, throttling
from repository.accounts.models import Role, User
from repository.audit import services as audit
from repository.core.errors import FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work

TAKEN = N_("There is an account with this e-mail address; sign in instead.")


def find(work: Work, email: str) -> User | None:
    """The user with this address, in whatever case it is written."""
    return work.session.scalar(select(User).where(User.email == email.strip().lower()))


def get(work: Work, user_id: int) -> User:
    user = work.session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def register(
    work: Work, *, email: str, password: str, name: str, locale: str | None = None
) -> User:
    """An account that someone makes for themselves. Raises Forbidden where the site is closed,
    ValidationFailed as `create_user` does.
    """
    if not work.settings.registration_open:
        raise Forbidden(N_("This site does not take registrations; ask its operator."))
    return create_user(work, email=email, password=password, name=name, locale=locale)


def create_user(
    work: Work,
    *,
    email: str,
    password: str,
    name: str,
    role: str = Role.RESEARCHER,
    locale: str | None = None,
    by: int | None = None,
) -> User:
    """Make an account; `by` is the user who did, None for the person themself or the operator.

    Raises ValidationFailed naming every wrong value, also when the address is taken.
    """
    errors: rules.Errors = []
    address = rules.email(email, errors)
    rules.password(password, address, errors)
    user = User(
        email=address,
        name=rules.required(name, "/name", rules.MAX_NAME, errors),
        role=rules.role(role, errors).value,
        locale=rules.locale(locale or "", errors),
    )
    if errors:
        raise ValidationFailed(errors=errors)
    user.password_hash = passwords.hash_password(password)
    if find(work, address) is not None:
        raise ValidationFailed(errors=[FieldError("/email", TAKEN)])
    user.created_at = work.clock.now()
    work.session.add(user)
    try:
        work.session.flush()
    except IntegrityError as error:  # registered in the same moment from elsewhere
        raise ValidationFailed(errors=[FieldError("/email", TAKEN)]) from error
    audit.log(work, by or user.id, "user.create", "user", str(user.id), role=user.role)
    return user


def authenticate(work: Work, email: str, password: str) -> User | None:
    """The active user whom these belong to, unless the account is held for too many wrong tries.
    Only reads, and takes as long where nobody is found; follow it with `note_sign_in`.
    """
    user = find(work, email)
    known = (user and user.password_hash) or passwords.hash_of_nobody()
    right = passwords.verify_password(known, password[: rules.MAX_PASSWORD + 1])
    if user is None or not user.active or not right:
        return None
    return None if throttling.is_held(work, user) else user


def renew_hash(work: Work, user_id: int, password: str) -> User:
    """Make a hash from weaker days anew, now that the password is at hand and was right."""
    user = get(work, user_id)
    if passwords.needs_rehash(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    return user


def note_sign_in(work: Work, user_id: int) -> User:
    """Remember a sign-in that succeeded."""
    user = get(work, user_id)
    user.last_sign_in_at = work.clock.now()
    audit.log(work, user_id, "user.sign-in", "user", str(user_id))
    return user


def note_refused_sign_in(work: Work, email: str) -> None:
    """Remember that someone tried to sign in as a user there is; other addresses are not kept,
    for people type passwords into that field. Nor are tries at an account that is held, so that
    it is free again a quarter of an hour after the ten that count.
    """
    user = find(work, email)
    if user is not None and not throttling.is_held(work, user):
        audit.log(work, None, throttling.REFUSED, "user", str(user.id))


def change_password(work: Work, user_id: int, *, current: str, new: str) -> User:
    """Set a new password and end every session there is; the caller signs the present one in
    again. Raises ValidationFailed.
    """
    user = get(work, user_id)
    errors: rules.Errors = []
    if not passwords.verify_password(user.password_hash, current[: rules.MAX_PASSWORD + 1]):
        errors.append(FieldError("/current_password", N_("This is not your present password.")))
    rules.password(new, user.email, errors, "/new_password")
    if errors:
        raise ValidationFailed(errors=errors)
    user.password_hash = passwords.hash_password(new)
    user.session_epoch += 1
    audit.log(work, user_id, "user.change-password", "user", str(user_id))
    return user


def end_sessions(work: Work, user_id: int) -> User:
    """End every session there is; the caller signs the present one in again."""
    user = get(work, user_id)
    user.session_epoch += 1
    audit.log(work, user_id, "user.end-sessions", "user", str(user_id))
    return user


def update_profile(
    work: Work, user_id: int, *, name: str, affiliation: str, orcid: str, locale: str
) -> User:
    """Raises ValidationFailed; `locale` is `vi`, `en` or empty for the site's default."""
    user = get(work, user_id)
    errors: rules.Errors = []
    values = {
        "name": rules.required(name, "/name", rules.MAX_NAME, errors),
        "affiliation": rules.limited(affiliation, "/affiliation", rules.MAX_AFFILIATION, errors),
        "orcid": rules.orcid(orcid.strip(), errors),
        "locale": rules.locale(locale, errors),
    }
    if errors:
        raise ValidationFailed(errors=errors)
    for field, value in values.items():
        setattr(user, field, value)
    audit.log(work, user_id, "user.update-profile", "user", str(user_id))
    return user


def set_locale(work: Work, user_id: int, locale: str) -> User:
    """Keep the language a reader switched to. Raises ValidationFailed."""
    errors: rules.Errors = []
    chosen = rules.locale(locale, errors)
    if errors:
        raise ValidationFailed(errors=errors)
    user = get(work, user_id)
    user.locale = chosen
    return user
