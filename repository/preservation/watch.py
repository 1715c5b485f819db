"""What an operator has to be told of: what is late, failed, damaged, or below what is promised."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select

from repository.accounts.models import Role, User
from repository.accounts.notices import kind, notify
from repository.audit.models import AuditEvent
from repository.audit.services import log as audit
from repository.core.copies import Copy
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.i18n.catalog import translations
from repository.preservation.abroad import core_contents
from repository.preservation.exposure import exposure
from repository.preservation.models import BackupPlace, BackupRun, Outcome
from repository.preservation.policies import Duty, Policy, duties, policies, sites_of
from repository.preservation.runs import BACKUP, DRILL, latest

NO_BACKUP = N_("There has been no complete backup yet.")
LATE_BACKUP = N_("The last complete backup is older than %(hours)s hours.")
NO_DRILL = N_("No restore has been tried yet.")
LATE_DRILL = N_("The last restore that was tried is older than %(days)s days.")
MISSED = N_(
    "The last restore that was tried would have lost %(rpo)s hours of work and taken %(rto)s "
    "hours; %(promised_rpo)s and %(promised_rto)s are promised."
)
FAILED = {
    BACKUP: N_("The last backup failed: %(reason)s"),
    DRILL: N_("The last restore that was tried failed: %(reason)s"),
}
EXPOSED = N_(
    "%(count)s files have fewer copies than the %(copies)s promised, the oldest since %(hours)s "
    "hours."
)
DAMAGED = N_("%(count)s copies of files are damaged, and no good copy was found.")
UNLOCKED = N_("Locks are promised, but this place was seen to delete what should be locked.")
CORE_ABROAD = N_(
    "%(count)s files of core data were copied to this site, which stands in %(country)s, before "
    "they were classed so: have them deleted there."
)
FEW_SITES = N_("%(copies)s copies are promised, but there are only %(count)s sites.")
ATTENTION = kind(
    "backup.attention",
    N_("Backups or file integrity need attention"),
    N_("%(problems)s"),
)
MAX_TOLD = 50
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Warned:
    """One thing to look at: an English msgid and its params; `where` is the policy and site."""

    message: str
    params: dict[str, Any] = field(default_factory=dict)
    where: str = ""

    def text(self, locale: str = "en") -> str:
        told = translations(locale).gettext(self.message) % self.params
        return f"{self.where}: {told}" if self.where else told


def warnings(work: Work) -> list[Warned]:
    """All there is, by the promises in force."""
    bad = select(func.count()).where(Copy.outcome == Outcome.FAIL.value)
    damaged = work.session.scalar(bad) or 0
    found = [Warned(DAMAGED, {"count": damaged})] if damaged else []
    wanted = duties(work)
    for duty in wanted:
        where = duty.label if len(wanted) > 1 else ""
        found += [
            Warned(each.message, each.params, where)
            for each in (*_of_duty(work, duty), *_unlocked(work, duty), *_abroad(work, duty))
        ]
    for policy in policies(work):
        found += _of_policy(work, policy)
    return found


def _of_duty(work: Work, duty: Duty) -> Iterator[Warned]:
    terms, now = duty.policy.terms, work.clock.now()
    yield from _late(
        latest(work, BACKUP, duty),
        now - timedelta(hours=max(terms.rpo_hours, terms.every_hours)),
        NO_BACKUP,
        Warned(LATE_BACKUP, {"hours": max(terms.rpo_hours, terms.every_hours)}),
    )
    if terms.database:
        drill = latest(work, DRILL, duty)
        yield from _late(
            drill,
            now - timedelta(days=terms.drill_days + 1),
            NO_DRILL,
            Warned(LATE_DRILL, {"days": terms.drill_days}),
        )
        if drill is not None and not drill.figures.get("kept", True):
            yield Warned(MISSED, drill.figures)
    for kind_of_run, message in FAILED.items():
        last = latest(work, kind_of_run, duty, state=None)
        if last is not None and last.state == "failed":
            yield Warned(message, {"reason": last.error})


def _late(run: BackupRun | None, limit: datetime, never: str, late: Warned) -> Iterator[Warned]:
    if run is None:
        yield Warned(never)
    elif run.started_at < limit:
        yield late


def _unlocked(work: Work, duty: Duty) -> Iterator[Warned]:
    if duty.policy.terms.lock_mode:
        places = select(BackupPlace).where(BackupPlace.site == duty.site.name)
        if any(place.locked is False for place in work.session.scalars(places)):
            yield Warned(UNLOCKED)


def _abroad(work: Work, duty: Duty) -> Iterator[Warned]:
    if not duty.abroad:
        return
    places = select(BackupPlace.place).where(BackupPlace.site == duty.site.name)
    there = select(func.count()).where(Copy.place.in_(places), Copy.sha256.in_(core_contents()))
    if count := work.session.scalar(there):
        yield Warned(CORE_ABROAD, {"count": count, "country": duty.site.country})


def _of_policy(work: Work, policy: Policy) -> Iterator[Warned]:
    there = len(sites_of(work, policy))
    if there and there < policy.terms.copies:
        yield Warned(FEW_SITES, {"copies": policy.terms.copies, "count": there}, policy.name)
    if there and (found := exposure(work, policy)).hours > policy.terms.rpo_hours:
        params = {"count": found.count, "copies": policy.terms.copies, "hours": round(found.hours)}
        yield Warned(EXPOSED, params, policy.name)


def watch(runtime: Runtime) -> list[Warned]:
    """Log what is wrong, and tell administrators when it is new, and once a day while it lasts."""
    with runtime.work() as work:
        found = warnings(work)
        if not found:
            return found
        work.lock("backup-watch")
        for warned in found:
            log.error("backup needs attention", problem=warned.text())
        kinds = "\n".join(sorted({f"{each.where} {each.message}" for each in found}))
        digest = hashlib.sha256(kinds.encode()).hexdigest()[:16]
        if not _told_today(work, digest):
            audit(work, None, "backup.late", "backup", digest, problems=len(found))
            _tell_administrators(work, found)
    return found


def _told_today(work: Work, digest: str) -> bool:
    since = work.clock.now() - timedelta(days=1)
    told = select(AuditEvent.object_id).where(
        AuditEvent.action == "backup.late", AuditEvent.at > since
    )
    return work.session.scalar(told.order_by(AuditEvent.id.desc()).limit(1)) == digest


def _tell_administrators(work: Work, found: list[Warned]) -> None:
    people = select(User).where(User.role == Role.ADMIN.value, User.active).limit(MAX_TOLD)
    for user in work.session.scalars(people).all():
        locale = user.locale or work.settings.default_locale
        problems = "\n".join(each.text(locale) for each in found)
        notify(work, user, ATTENTION, url="/admin/backups", problems=problems)
