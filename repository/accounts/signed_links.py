"""Links in mails that are signed and not stored.

A link names the state it was made in, so that it is worn once that has changed.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import compare_digest

from itsdangerous import BadSignature, URLSafeSerializer

from repository.accounts.models import User
from repository.core.errors import RepositoryError
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.core.work import Work

WORN = N_("This link was used already or is too old. Ask for a new one.")


class LinkWorn(RepositoryError):
    """The link was used, is too old, or is none."""

    status = 410
    code = "link-worn"


def sign(
    work: Work, purpose: str, user: User, good_for: timedelta, state: str, told: str = ""
) -> str:
    """A link for `user`, in letters that are safe in an address. It can be read by all, so that
    of `state` there is a digest alone; `told` is what to know when it is opened.
    """
    expires = int((work.clock.now() + good_for).timestamp())
    return str(_signer(work.settings, purpose).dumps([user.id, _digest(state), expires, told]))


@dataclass(frozen=True)
class Signed:
    digest: str
    told: str


def opened(work: Work, purpose: str, link: str) -> tuple[User, Signed]:
    """The active user whom a link is for, and what was signed: `check` it. Raises LinkWorn."""
    try:
        user_id, digest, expires, told = _signer(work.settings, purpose).loads(link)
    except (BadSignature, ValueError, TypeError) as error:
        raise LinkWorn(WORN) from error
    user = work.session.get(User, user_id)
    if user is None or not user.active or expires < work.clock.now().timestamp():
        raise LinkWorn(WORN)
    return user, Signed(digest, told)


def check(signed: Signed, state: str) -> None:
    """Raises LinkWorn where what the link was made in is no longer so."""
    if not compare_digest(signed.digest, _digest(state)):
        raise LinkWorn(WORN)


def _digest(state: str) -> str:
    return sha256(state.encode()).hexdigest()[:24]


def _signer(settings: Settings, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key.get_secret_value(), salt=purpose)
