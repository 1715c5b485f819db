"""Through whose account a DOI is registered: the site's own, or an institution's."""

from sqlalchemy import select

from repository.accounts.models import User
from repository.audit.services import log
from repository.core.errors import FieldError, NotFound, RepositoryError, ValidationFailed
from repository.core.messages import N_
from repository.core.sealing import seal, unseal
from repository.core.settings import Settings
from repository.core.work import Work
from repository.pid.models import InstitutionAccount, InstitutionDepositor
from repository.pid.providers.base import Account
from repository.records.models import Record

PURPOSE = "registry password"


def site_account(settings: Settings) -> Account:
    """The account that the settings name; without a prefix where no DOIs are minted."""
    if settings.pid_provider == "none":
        return Account(prefix="", provider="local")
    if settings.pid_provider == "local":
        return Account(prefix=settings.pid_prefix, provider="local")
    return Account(
        prefix=settings.datacite_prefix,
        provider=settings.pid_provider,
        url=settings.datacite_url,
        username=settings.datacite_username,
        password=settings.datacite_password.get_secret_value(),
        rate_limit=settings.datacite_rate_limit,
        rate_seconds=settings.datacite_rate_seconds,
        timeout=settings.datacite_timeout,
    )


def account_for(work: Work, prefix: str) -> Account:
    """The account that registers a prefix.

    DOIs under `pid_prefix` from the days before a registry was configured stay with this site.
    Raises RepositoryError when nobody registers the prefix any more.
    """
    site = site_account(work.settings)
    if prefix == site.prefix:
        return site
    row = work.session.get(InstitutionAccount, prefix)
    if row is not None:
        return _of_institution(work.settings, row)
    if prefix == work.settings.pid_prefix:
        return Account(prefix=prefix, provider="local")
    message = N_("No registry account for the prefix %(prefix)s is configured.")
    raise RepositoryError(message, prefix=prefix)


def _of_institution(settings: Settings, row: InstitutionAccount) -> Account:
    return Account(
        prefix=row.prefix,
        provider="datacite",
        url=settings.datacite_url,
        username=row.username,
        password=unseal(settings.secret_key, PURPOSE, row.password),
        rate_limit=settings.datacite_rate_limit,
        rate_seconds=settings.datacite_rate_seconds,
        timeout=settings.datacite_timeout,
    )


def prefix_for(work: Work, record: Record) -> str:
    """The prefix of new DOIs of a record: its owner's institution's, else the site's."""
    member = work.session.get(InstitutionDepositor, record.owner_id)
    return member.prefix if member else site_account(work.settings).prefix


def all_prefixes(work: Work) -> list[str]:
    """The site's prefix first, then those of institutions."""
    site = site_account(work.settings).prefix
    others = work.session.scalars(
        select(InstitutionAccount.prefix).order_by(InstitutionAccount.prefix)
    )
    return list(dict.fromkeys([site, *others] if site else others))


def save_institution(
    work: Work, prefix: str, institution: str, username: str, password: str
) -> None:
    """Keep an institution's credentials, in place of earlier ones. Raises ValidationFailed."""
    if not prefix.startswith("10.") or "/" in prefix or len(prefix) > 40:
        message = N_("A DOI prefix looks like 10.12345.")
        raise ValidationFailed(errors=[FieldError("/prefix", message)])
    work.session.merge(
        InstitutionAccount(
            prefix=prefix,
            institution=institution,
            username=username,
            password=seal(work.settings.secret_key, PURPOSE, password),
            created_at=work.clock.now(),
        )
    )
    log(work, None, "registry-account.save", "registry-account", prefix)


def assign_depositor(work: Work, prefix: str, email: str) -> None:
    """Have a user's new records registered through an institution's account. Raises NotFound."""
    if work.session.get(InstitutionAccount, prefix) is None:
        raise NotFound(N_("There is no account for the prefix %(prefix)s."), prefix=prefix)
    user = work.session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise NotFound(N_("There is no user %(email)s."), email=email)
    work.session.merge(InstitutionDepositor(user_id=user.id, prefix=prefix))
    log(work, None, "registry-account.assign", "user", str(user.id), prefix=prefix)
