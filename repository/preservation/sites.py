"""Where backups go: named sites with credentials of their own, beside the one of the settings."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from repository.accounts.models import Actor
from repository.audit.services import log as audit
from repository.core.errors import Conflict, FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.sealing import seal, unseal
from repository.core.settings import COUNTRY, Settings
from repository.core.work import Work
from repository.preservation.models import BackupSite
from repository.preservation.rules import bucket_of, checked_name

DEFAULT = "default"
PURPOSE = "backup site"
NO_SITE = N_("There is no backup site %(name)s.")
TAKEN = N_("This is the name of the site that REPOSITORY_BACKUP_TARGET gives.")
IN_USE = N_("The policy %(policy)s keeps copies at this site.")
INSIDE = N_("This folder lies inside the data folder; choose another disk.")
NO_COUNTRY = N_("Give the country as two capital letters, such as VN.")
NO_IDENTITY = N_("To encrypt, name a key file in REPOSITORY_BACKUP_IDENTITY first.")


@dataclass(frozen=True)
class Site:
    """`address` is a folder or `s3:https://host/bucket/prefix`; `country` is where it stands, as
    two letters, empty where nobody said.
    """

    name: str
    address: str
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: SecretStr = field(default_factory=lambda: SecretStr(""))
    encrypted: bool = False
    country: str = ""


def of_settings(settings: Settings, address: str = "") -> Site:
    """The site of the settings, or another address with the settings' credentials."""
    return Site(
        DEFAULT,
        address or settings.backup_target,
        settings.backup_region,
        settings.backup_access_key,
        settings.backup_secret_key,
        settings.backup_encrypted,
        settings.backup_country,
    )


def sites(work: Work) -> list[Site]:
    """All sites, that of the settings first."""
    rows = work.session.scalars(select(BackupSite).order_by(BackupSite.name)).all()
    found = [_of_row(work.settings, row) for row in rows]
    return [of_settings(work.settings), *found] if work.settings.backup_target else found


def find(work: Work, name: str) -> Site:
    """Raises NotFound."""
    for site in sites(work):
        if site.name == name:
            return site
    raise NotFound(NO_SITE, name=name)


def _of_row(settings: Settings, row: BackupSite) -> Site:
    secret = unseal(settings.secret_key, PURPOSE, row.secret) if row.secret else ""
    secret_key = SecretStr(secret)
    told = (row.name, row.address, row.region, row.access_key, secret_key, row.encrypted)
    return Site(*told, row.country)


def save(work: Work, actor: Actor, site: Site) -> None:
    """Keep a site, in place of an earlier one of this name; an empty secret leaves that as it was.

    Raises Forbidden, ValidationFailed.
    """
    _administrators_alone(actor)
    checked_name(site.name)
    if site.name == DEFAULT:
        raise ValidationFailed(errors=[FieldError("/name", TAKEN)])
    if bucket_of(site.address) is None:
        refuse_inside(work.settings, site.address)
    if site.encrypted and not work.settings.backup_identity:
        raise ValidationFailed(errors=[FieldError("/encrypted", NO_IDENTITY)])
    if not re.fullmatch(COUNTRY, site.country):
        raise ValidationFailed(errors=[FieldError("/country", NO_COUNTRY)])
    before = work.session.get(BackupSite, site.name)
    secret = site.secret_key.get_secret_value()
    sealed = before.secret if before else None
    row = BackupSite(
        name=site.name,
        address=site.address,
        region=site.region or "us-east-1",
        access_key=site.access_key,
        secret=seal(work.settings.secret_key, PURPOSE, secret) if secret else sealed,
        encrypted=site.encrypted,
        country=site.country,
        updated_at=work.clock.now(),
    )
    work.session.merge(row)
    audit(work, actor.user_id, "backup.site", "backup_site", site.name, address=site.address)


def remove(work: Work, actor: Actor, name: str, used_by: str | None) -> None:
    """Forget a site; what lies there stays. Raises Forbidden, NotFound, Conflict."""
    _administrators_alone(actor)
    row = work.session.get(BackupSite, name)
    if row is None:
        raise NotFound(NO_SITE, name=name)
    if used_by:
        raise Conflict(IN_USE, policy=used_by)
    work.session.delete(row)
    audit(work, actor.user_id, "backup.site-remove", "backup_site", name, address=row.address)


def refuse_inside(settings: Settings, folder: str) -> None:
    """A copy within the data folder is lost along with it. Raises ValidationFailed."""
    if Path(folder).resolve().is_relative_to(settings.data_dir.resolve()):
        raise ValidationFailed(INSIDE, errors=[FieldError("/address", INSIDE)])


def _administrators_alone(actor: Actor) -> None:
    if not actor.is_admin:
        raise Forbidden
