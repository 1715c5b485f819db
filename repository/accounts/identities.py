"""Accounts and the identities at providers that people sign in to them by.

An identity is its issuer and its subject there. Never does an address lead from one to an account:
who has an account links an identity to it themself, signed in.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from repository.accounts import rules, services
from repository.accounts.models import Actor, Affiliation, Identity, User
from repository.accounts.oidc import NotSignedIn, Told
from repository.audit import services as audit
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.settings import ProviderSettings, Settings
from repository.core.work import Work

MOST = 20  # of one account
THERE_IS_ONE = N_(
    "There is an account with the address %(email)s already. Sign in to it with its password, then "
    "link this identity under “Ways to sign in” of your account; from then on both lead to it."
)
NO_ADDRESS = N_(
    "The identity provider does not tell your e-mail address, which an account here needs. Ask it "
    "to, or register with a password."
)
INACTIVE = N_("This account is deactivated; write to the operators of this site.")
TAKEN = N_("This identity leads to another account already.")
LAST_WAY = N_("This is the only way in which you sign in: set a password first.")


def actor_of(work: Work, user: User, scopes: frozenset[str] | None = None) -> Actor:
    """`Actor.of(user)`, with what identity providers said of them."""
    return replace(Actor.of(user, scopes), affiliations=affiliations_of(work, user.id))


def affiliations_of(work: Work, user_id: int) -> tuple[Affiliation, ...]:
    """Of the providers that are configured still; nothing is asked where none is."""
    providers = by_issuer(work.settings)
    if not providers:
        return ()
    query = select(Identity).where(Identity.user_id == user_id, Identity.issuer.in_(providers))
    return tuple(
        Affiliation(
            each.issuer,
            frozenset((name, value) for name, values in each.claims.items() for value in values),
            each.used_at + timedelta(days=providers[each.issuer].grant_days),
        )
        for each in work.session.scalars(query.order_by(Identity.id).limit(MOST))
    )


def by_issuer(settings: Settings) -> dict[str, ProviderSettings]:
    return {each.issuer: each for each in settings.oidc.values()}


def name_of(settings: Settings, issuer: str) -> str:
    """A provider's name in the settings; the issuer where it is there no more."""
    return next((name for name, each in settings.oidc.items() if each.issuer == issuer), issuer)


def title_of(name: str, provider: ProviderSettings, language: str) -> str:
    """What people call a provider; its name in the settings where nobody said."""
    titles = (provider.title, provider.title_en)
    first, other = titles if language == "vi" else reversed(titles)
    return first or other or name


def identities_of(work: Work, user_id: int) -> Sequence[Identity]:
    query = select(Identity).where(Identity.user_id == user_id).order_by(Identity.id)
    return work.session.scalars(query.limit(MOST)).all()


def find_user(work: Work, told: Told) -> User | None:
    """Whose identity this is. Raises NotSignedIn where that account is deactivated."""
    identity = _find(work, told)
    if identity is None:
        return None
    user = services.get(work, identity.user_id)
    if not user.active:
        raise NotSignedIn(INACTIVE)
    return user


def note_use(work: Work, told: Told) -> None:
    """Keep what the provider says now."""
    identity = _find(work, told)
    if identity is None:
        raise NotFound
    identity.email, identity.claims = told.email, dict(told.claims)
    identity.used_at = work.clock.now()


def register(work: Work, provider: ProviderSettings, told: Told, locale: str) -> User:
    """An account for somebody who signs in for the first time. Their address is verified where the
    provider says that it verified it.

    Raises NotSignedIn (no address, an account that has it, no new accounts), ValidationFailed.
    """
    if not provider.new_accounts:
        raise Forbidden(N_("This site makes no accounts by itself; ask its operator for one."))
    if not told.email:
        raise NotSignedIn(NO_ADDRESS)
    errors: rules.Errors = []
    address = rules.email(told.email, errors)
    if errors:
        raise NotSignedIn(NO_ADDRESS)
    if services.find(work, address) is not None:
        raise NotSignedIn(THERE_IS_ONE, email=address)
    now = work.clock.now()
    user = User(
        email=address,
        name=told.name.strip() or address.partition("@")[0],
        password_hash="",
        locale=rules.locale(locale, errors),
        created_at=now,
        verified_at=now if told.email_verified else None,
    )
    work.session.add(user)
    try:
        work.session.flush()
    except IntegrityError as error:  # registered in the same moment from elsewhere
        raise NotSignedIn(THERE_IS_ONE, email=address) from error
    audit.log(work, user.id, "user.create", "user", str(user.id), role=user.role)
    _add(work, user.id, told)
    return user


def link(work: Work, user_id: int, told: Told) -> None:
    """Let an identity lead to an account whose owner is signed in and confirmed it.

    Raises Conflict where it leads to another, ValidationFailed where there are too many.
    """
    there = _find(work, told)
    if there is not None and there.user_id != user_id:
        raise Conflict(TAKEN)
    if there is not None:
        note_use(work, told)
        return
    held = select(func.count()).where(Identity.user_id == user_id)
    if (work.session.scalar(held) or 0) >= MOST:
        message = N_("An account has at most %(count)s identities.")
        raise ValidationFailed(errors=[FieldError("", message, {"count": MOST})])
    try:
        _add(work, user_id, told)
    except IntegrityError as error:
        raise Conflict(TAKEN) from error


def unlink(work: Work, user_id: int, identity_id: int) -> None:
    """Raises NotFound, Conflict where they could not sign in any more."""
    user = work.session.get(User, user_id, with_for_update=True, populate_existing=True)
    identity = work.session.get(Identity, identity_id)
    if user is None or identity is None or identity.user_id != user_id:
        raise NotFound
    usable = by_issuer(work.settings)
    others = [each for each in identities_of(work, user_id) if each.issuer in usable]
    if not user.password_hash and not [each for each in others if each.id != identity_id]:
        raise Conflict(LAST_WAY)
    work.session.delete(identity)
    audit.log(work, user_id, "user.unlink-identity", "user", str(user_id), issuer=identity.issuer)


def _find(work: Work, told: Told) -> Identity | None:
    return work.session.scalar(
        select(Identity).where(Identity.issuer == told.issuer, Identity.subject == told.subject)
    )


def _add(work: Work, user_id: int, told: Told) -> None:
    now = work.clock.now()
    work.session.add(
        Identity(
            user_id=user_id,
            issuer=told.issuer,
            subject=told.subject,
            email=told.email,
            claims=dict(told.claims),
            created_at=now,
            used_at=now,
        )
    )
    work.session.flush()
    audit.log(work, user_id, "user.link-identity", "user", str(user_id), issuer=told.issuer)
