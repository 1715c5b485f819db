"""Personal API tokens: random, shown once, kept as their SHA-256. Services, as in `services`."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from repository.accounts import rules
from repository.accounts.models import ApiToken, User
from repository.audit import services as audit
from repository.core.errors import FieldError, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work

PREFIX = "rdr_"  # so that scanners for leaked secrets can know them
MAX_TOKENS = 50
USED_PRECISION = timedelta(hours=1)


def create_token(
    work: Work,
    user: User,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    by: int | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its text, which cannot be had again. Raises ValidationFailed."""
    errors: rules.Errors = []
    checked_name = rules.required(name, "/name", rules.MAX_TOKEN_NAME, errors)
    checked_scopes = rules.scopes(list(scopes), errors)
    if len(list_tokens(work, user.id)) >= MAX_TOKENS:
        message = N_("You have %(count)s tokens; revoke one that is not used any more.")
        errors.append(FieldError("/name", message, {"count": MAX_TOKENS}))
    if errors:
        raise ValidationFailed(errors=errors)
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        user_id=user.id,
        name=checked_name,
        token_hash=_hash(text),
        scopes=checked_scopes,
        created_at=work.clock.now(),
        expires_at=expires_at,
    )
    work.session.add(token)
    work.session.flush()
    audit.log(work, by or user.id, "token.create", "token", str(token.id), scopes=checked_scopes)
    return token, text


def list_tokens(work: Work, user_id: int) -> list[ApiToken]:
    """A user's tokens, newest first; there are never more than MAX_TOKENS."""
    query = select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
    return list(work.session.scalars(query.limit(MAX_TOKENS)))


def revoke_token(work: Work, user_id: int, token_id: int) -> None:
    """End a user's own token at once. Raises NotFound for one that is not theirs."""
    token = work.session.get(ApiToken, token_id)
    if token is None or token.user_id != user_id:
        raise NotFound
    work.session.delete(token)
    audit.log(work, user_id, "token.revoke", "token", str(token_id))


def authenticate_token(work: Work, text: str) -> ApiToken | None:
    """The token, with its user, if it is known, in time, and its user active. Only reads.

    The look-up by hash needs no constant time: who can make hashes near a stored one has nothing.
    """
    query = (
        select(ApiToken)
        .where(ApiToken.token_hash == _hash(text))
        .options(joinedload(ApiToken.user, innerjoin=True))
    )
    token = work.session.scalar(query)
    if token is None or not token.user.active:
        return None
    if token.expires_at is not None and token.expires_at <= work.clock.now():
        return None
    return token


def use_is_stale(token: ApiToken, now: datetime) -> bool:
    """Whether `last_used_at` is old enough to be worth a write."""
    return token.last_used_at is None or now - token.last_used_at > USED_PRECISION


def note_use(work: Work, token_id: int) -> None:
    token = work.session.get(ApiToken, token_id)
    if token is not None:
        token.last_used_at = work.clock.now()


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
