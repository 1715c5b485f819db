"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes."""

import secrets
from datetime import timedelta
from hashlib import sha256

import pyotp
from pyotp.utils import strings_equal

from repository.accounts import passwords, rules
from repository.accounts.models import Role, SecondFactor, User
from repository.accounts.services import get
from repository.audit import services as audit
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.sealing import seal, unseal
from repository.core.settings import Settings
from repository.core.work import Work

PURPOSE = "second factor"
STEP = timedelta(seconds=30)
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
WRONG_CODE = N_("This code is not right. Codes change every half minute: try the newest.")


def state_of(work: Work, user_id: int) -> SecondFactor | None:
    """A user's second factor, also while it is being set up."""
    return work.session.get(SecondFactor, user_id)


def is_on(work: Work, user_id: int) -> bool:
    factor = state_of(work, user_id)
    return factor is not None and factor.confirmed_at is not None


def is_required(settings: Settings, role: str) -> bool:
    """Whether the site asks people with this role for a second factor."""
    wanted = settings.require_two_factor
    return wanted == "everyone" or (wanted == "staff" and role != Role.RESEARCHER)


def is_missing(work: Work, user: User) -> bool:
    return is_required(work.settings, user.role) and not is_on(work, user.id)


def begin(work: Work, user_id: int) -> None:
    """Make a secret to scan. One that was confirmed stays as it is."""
    factor = state_of(work, user_id)
    if factor is None:
        factor = SecondFactor(user_id=user_id, last_step=0, recovery=[])
        work.session.add(factor)
    if factor.confirmed_at is None:
        factor.secret = seal(work.settings.secret_key, PURPOSE, pyotp.random_base32())


def secret_of(work: Work, factor: SecondFactor) -> str:
    return unseal(work.settings.secret_key, PURPOSE, factor.secret)


def address_of(work: Work, factor: SecondFactor, user: User) -> str:
    """The `otpauth://` address that authenticator apps scan."""
    issuer = work.settings.site_name_en
    return pyotp.TOTP(secret_of(work, factor)).provisioning_uri(name=user.email, issuer_name=issuer)


def confirm(work: Work, user_id: int, code: str) -> list[str]:
    """Turn the second factor on with a first code; the recovery codes, which are shown once.

    Raises ValidationFailed.
    """
    factor = state_of(work, user_id)
    if factor is None or factor.confirmed_at is not None or not _fits(work, factor, code):
        raise ValidationFailed(errors=[FieldError("/code", WRONG_CODE)])
    factor.confirmed_at = work.clock.now()
    audit.log(work, user_id, "user.second-factor-on", "user", str(user_id))
    return _new_recovery_codes(factor)


def renew_recovery_codes(work: Work, user_id: int, password: str) -> list[str]:
    """Raises ValidationFailed: a wrong password, or no second factor."""
    factor = _checked(work, user_id, password)
    audit.log(work, user_id, "user.recovery-codes", "user", str(user_id))
    return _new_recovery_codes(factor)


def turn_off(work: Work, user_id: int, password: str) -> None:
    """Raises ValidationFailed: a wrong password, or no second factor."""
    work.session.delete(_checked(work, user_id, password))
    audit.log(work, user_id, "user.second-factor-off", "user", str(user_id))


def take_away(work: Work, by: int | None, user_id: int) -> None:
    """For somebody who has lost both telephone and codes. Nothing happens where there is none."""
    factor = state_of(work, user_id)
    if factor is not None:
        work.session.delete(factor)
        audit.log(work, by, "user.second-factor-off", "user", str(user_id))


def passes(work: Work, user_id: int, code: str) -> bool:
    """Whether a code is right, of the app or for recovery. Each is good once."""
    factor = work.session.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)
    if factor is None or factor.confirmed_at is None:
        return False
    if _fits(work, factor, code):
        return True
    digest = _digest(code)
    if digest not in factor.recovery:
        return False
    factor.recovery = [each for each in factor.recovery if each != digest]
    audit.log(work, user_id, "user.recovery-code-used", "user", str(user_id))
    return True


def _checked(work: Work, user_id: int, password: str) -> SecondFactor:
    user, factor = get(work, user_id), state_of(work, user_id)
    known = passwords.verify_password(user.password_hash, password[: rules.MAX_PASSWORD + 1])
    if not known or factor is None or factor.confirmed_at is None:
        message = N_("This is not your present password.")
        raise ValidationFailed(errors=[FieldError("/current_password", message)])
    return factor


def _fits(work: Work, factor: SecondFactor, code: str) -> bool:
    """The code of this half minute or of its neighbours, for clocks that differ; never one that is
    older than the last that was used (RFC 6238, section 5.2).
    """
    typed = "".join(code.split())
    totp, now = pyotp.TOTP(secret_of(work, factor)), work.clock.now()
    for moment in (now - STEP, now, now + STEP):
        step = totp.timecode(moment)
        if step > factor.last_step and strings_equal(totp.at(moment), typed):
            factor.last_step = step
            return True
    return False


def _new_recovery_codes(factor: SecondFactor) -> list[str]:
    """Ten of sixteen characters, 79 bits each: a plain digest is enough to keep."""
    codes = [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]
    factor.recovery = [_digest(code) for code in codes]
    return codes


def _digest(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").lower()
    return sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()
