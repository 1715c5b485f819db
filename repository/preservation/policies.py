"""The backup policy in force: named, versioned, never changed in place."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from repository.accounts.models import Actor
from repository.audit.services import log as audit
from repository.core.errors import Forbidden
from repository.core.work import Work
from repository.preservation.models import BackupPolicy
from repository.preservation.rules import Terms

DEFAULT = "default"


@dataclass(frozen=True)
class Policy:
    """Version 0 is what holds as long as nobody said anything else."""

    name: str
    version: int
    terms: Terms

    @property
    def label(self) -> str:
        return f"{self.name} v{self.version}"


def current(work: Work, name: str = DEFAULT) -> Policy:
    rows = versions(work, name)
    if not rows:
        return Policy(name, 0, Terms())
    return Policy(name, rows[0].version, Terms.model_validate(rows[0].terms))


def versions(work: Work, name: str = DEFAULT, limit: int = 50) -> Sequence[BackupPolicy]:
    """The policy through time, newest first."""
    named = select(BackupPolicy).where(BackupPolicy.name == name)
    return work.session.scalars(named.order_by(BackupPolicy.version.desc()).limit(limit)).all()


def revise(work: Work, actor: Actor, terms: Terms, name: str = DEFAULT) -> Policy:
    """Put new terms in force; the old ones stay to be read. Raises Forbidden."""
    if not actor.is_admin:
        raise Forbidden
    work.lock("backup-policy")
    before = current(work, name)
    if before.terms == terms:
        return before
    policy = Policy(name, before.version + 1, terms)
    work.session.add(
        BackupPolicy(
            name=name,
            version=policy.version,
            terms=terms.model_dump(),
            user_id=actor.user_id,
            created_at=work.clock.now(),
        )
    )
    audit(work, actor.user_id, "backup.policy", "backup_policy", policy.label)
    return policy
