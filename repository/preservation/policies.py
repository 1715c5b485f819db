"""Backup policies: named, versioned, never changed in place; and what they want done where."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from repository.accounts.models import Actor
from repository.audit.services import log as audit
from repository.core.errors import FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.preservation import sites as known_sites
from repository.preservation.abroad import is_abroad, refuse_database
from repository.preservation.models import BackupPolicy
from repository.preservation.rules import UNKNOWN, Terms, checked_name
from repository.preservation.sites import Site
from repository.records.collections import Collection

DEFAULT = "default"
MAX_POLICIES = 20
NO_TARGET = N_("Name a place for backups in REPOSITORY_BACKUP_TARGET, or give a policy a site.")
NO_DUTY = N_("No policy of this name keeps backups at a site of this name.")
TOO_MANY = N_("There may be at most %(count)s policies.")


@dataclass(frozen=True)
class Policy:
    """Version 0 is what holds as long as nobody said anything else."""

    name: str
    version: int
    terms: Terms

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"


@dataclass(frozen=True)
class Duty:
    """What one policy wants of one site; `abroad` says that core data must not go there."""

    policy: Policy
    site: Site
    abroad: bool = False

    @property
    def label(self) -> str:
        return f"{self.policy.name}, {self.site.name}"


def current(work: Work, name: str = DEFAULT) -> Policy:
    rows = versions(work, name, limit=1)
    if not rows:
        return Policy(name, 0, Terms())
    return Policy(name, rows[0].version, Terms.model_validate(rows[0].terms))


def policies(work: Work) -> list[Policy]:
    """All that are in force, the default one first."""
    named = select(BackupPolicy.name).distinct().order_by(BackupPolicy.name)
    others = [name for name in work.session.scalars(named) if name != DEFAULT]
    return [current(work, name) for name in (DEFAULT, *others)]


def versions(work: Work, name: str = DEFAULT, limit: int = 50) -> Sequence[BackupPolicy]:
    """The policy through time, newest first."""
    named = select(BackupPolicy).where(BackupPolicy.name == name)
    return work.session.scalars(named.order_by(BackupPolicy.version.desc()).limit(limit)).all()


def sites_of(work: Work, policy: Policy) -> list[Site]:
    """Where a policy keeps copies; what it names and is there no more is left out."""
    there = {site.name: site for site in known_sites.sites(work)}
    names = policy.terms.sites or ((known_sites.DEFAULT,) if policy.name == DEFAULT else ())
    return [there[name] for name in dict.fromkeys(names) if name in there]


def user_of(work: Work, site: str) -> str | None:
    """The name of a policy that keeps copies at a site."""
    using = (policy.name for policy in policies(work) if site in policy.terms.sites)
    return next(using, None)


def duties(work: Work, policy: str = "", site: str = "") -> list[Duty]:
    """What is to be done, of all policies at all sites or of those named."""
    return [
        Duty(each, place, is_abroad(work.settings, place.country))
        for each in policies(work)
        for place in sites_of(work, each)
        if policy in ("", each.name) and site in ("", place.name)
    ]


def wanted(work: Work, policy: str = "", site: str = "") -> list[Duty]:
    """The same, for who asks for something to be done. Raises ValidationFailed, NotFound."""
    if found := duties(work, policy, site):
        return found
    if known_sites.sites(work) and (policy or site):
        raise NotFound(NO_DUTY)
    raise ValidationFailed(NO_TARGET)


def revise(work: Work, actor: Actor, terms: Terms, name: str = DEFAULT) -> Policy:
    """Put new terms in force; the old ones stay to be read. Raises Forbidden, ValidationFailed."""
    if not actor.is_admin:
        raise Forbidden
    checked_name(name)
    _refuse_unknown(work, terms)
    for site in sites_of(work, Policy(name, 0, terms)):
        refuse_database(work.settings, terms, site, "/sites")
    work.lock("backup-policy")
    before = current(work, name)
    if before.version and before.terms == terms:
        return before
    if not before.version and len(policies(work)) > MAX_POLICIES:
        raise ValidationFailed(TOO_MANY, count=MAX_POLICIES)
    policy = Policy(name, before.version + 1, terms)
    work.session.add(
        BackupPolicy(
            name=name,
            version=policy.version,
            terms=terms.model_dump(mode="json"),
            user_id=actor.user_id,
            created_at=work.clock.now(),
        )
    )
    audit(work, actor.user_id, "backup.policy", "backup_policy", policy.label)
    return policy


def save_site(work: Work, actor: Actor, site: Site) -> None:
    """Keep a site, where no policy would send core data abroad by it. Raises as `sites.save`."""
    for policy in policies(work):
        if site.name in policy.terms.sites:
            refuse_database(work.settings, policy.terms, site, "/country")
    known_sites.save(work, actor, site)


def _refuse_unknown(work: Work, terms: Terms) -> None:
    there = {site.name for site in known_sites.sites(work)}
    slugs = select(Collection.slug).where(Collection.slug.in_(terms.collections))
    known = {"sites": there, "collections": set(work.session.scalars(slugs))}
    errors = [
        FieldError(f"/{name}", UNKNOWN)
        for name, found in known.items()
        if not set(getattr(terms, name)) <= found
    ]
    if errors:
        raise ValidationFailed(errors=errors)
