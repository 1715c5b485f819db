"""Sources: added, changed, removed; and runs begun. What takes long is in `harvest.working`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from repository.accounts.models import Actor, Scope
from repository.accounts.services import find as find_user
from repository.audit.services import log
from repository.core.errors import FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.fetch import Answer, FetchRefused, Limits, fetch
from repository.core.jobs import Job
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.core.work import Work
from repository.curation import collections
from repository.harvest.kinds.base import MAX_PAGE, About
from repository.harvest.kinds.registry import KINDS
from repository.harvest.models import HarvestedItem, HarvestRun, HarvestSource, ItemState, RunState
from repository.harvest.reading import PREFERRED

RUN = "harvest.run"
LOOK_SECONDS = 15.0
MAX_SOURCES = 500
SHOWN_RUNS = 20
PAUSES = (0, 1, 6, 24, 168)  # hours
# A source's clock and its commits are not one: what changed in this time is asked for again.
OVERLAP, OVERLAP_OF_DAYS = timedelta(hours=1), timedelta(days=1)
FORGOTTEN = timedelta(minutes=10)
CHANGED = N_("The source was changed meanwhile.")
ONLY_HTTPS = N_(
    "Give its https address; plain http is for hosts that the operator names in "
    "REPOSITORY_HARVEST_INSIDE."
)
_ADMINS = N_("Sources are for administrators.")


@dataclass(frozen=True)
class Told:
    """A source as it is asked for. `collection` is a slug, `owner` an address of e-mail."""

    name: str = ""
    address: str = ""
    kind: str = "oai-pmh"
    prefix: str = ""
    set_spec: str = ""
    collection: str = ""
    owner: str = ""
    review: bool = False
    every_hours: int = 24
    enabled: bool = True

    @classmethod
    def of(cls, source: HarvestSource, owner: str) -> "Told":
        slug = source.collection.slug if source.collection else ""
        told = {f.name: getattr(source, f.name) for f in fields(cls) if hasattr(source, f.name)}
        return cls(**told | {"collection": slug, "owner": owner})


def require_admin(actor: Actor) -> None:
    if not actor.is_admin or Scope.WRITE not in actor.scopes:
        raise Forbidden(_ADMINS)


@dataclass(frozen=True)
class Getter:
    """Fetches for one source, never from inside but where the operator says so."""

    settings: Settings
    most: float = math.inf  # seconds, while a person waits

    def __call__(self, url: str) -> Answer:
        limits = Limits(
            seconds=min(self.settings.harvest_timeout, self.most),
            size=MAX_PAGE,
            inside=self.settings.harvest_inside,
        )
        agent = f"repository (+{self.settings.base_url})"
        return fetch(url, accept="text/xml, application/xml", user_agent=agent, limits=limits)


def look_at(settings: Settings, told: Told) -> About:
    """Asks a source what it is, before it is kept. Raises ValidationFailed at the field that is
    wrong.
    """
    if told.kind not in KINDS:
        wrong = FieldError("/kind", N_("Choose one of: %(known)s."), {"known": ", ".join(KINDS)})
        raise ValidationFailed(errors=[wrong])
    errors = list(_address(told.address))
    parts = urlsplit(told.address) if not errors else None
    if parts and parts.scheme == "http" and parts.hostname not in settings.harvest_inside:
        errors.append(FieldError("/address", ONLY_HTTPS))
    if errors:
        raise ValidationFailed(errors=errors)
    try:
        about = KINDS[told.kind].describe(Getter(settings, LOOK_SECONDS), told.address)
    except FetchRefused as error:
        wrong = FieldError("/address", error.message, error.params)
        raise ValidationFailed(errors=[wrong]) from error
    if told.prefix and told.prefix not in about.prefixes:
        known = {"known": ", ".join(about.prefixes)}
        wrong = FieldError("/prefix", N_("The source has these formats: %(known)s."), known)
        raise ValidationFailed(errors=[wrong])
    if not told.prefix and not any(prefix in about.prefixes for prefix in PREFERRED):
        message = N_("The source has no format that is read here: it has %(known)s.")
        wrong = FieldError("/prefix", message, {"known": ", ".join(about.prefixes)})
        raise ValidationFailed(errors=[wrong])
    return about


def _address(address: str) -> Sequence[FieldError]:
    message = N_("Write the address of its OAI-PMH endpoint, such as https://example.org/oai.")
    wrong = [FieldError("/address", message)]
    try:
        parts = urlsplit(address)
    except ValueError:
        return wrong
    good = parts.scheme in ("http", "https") and parts.hostname and not parts.query
    return [] if good and len(address) <= 500 and not parts.fragment else wrong


def save(work: Work, actor: Actor, told: Told, source_id: int | None = None) -> HarvestSource:
    """Add a source, or change one. Another address, format or set begins it from the start.

    Raises Forbidden, NotFound, ValidationFailed.
    """
    require_admin(actor)
    source = found(work, source_id) if source_id is not None else None
    errors = list(_address(told.address))
    name = told.name.strip()
    if not name or len(name) > 200:
        errors.append(FieldError("/name", N_("Give the source a name of at most 200 characters.")))
    other = work.session.scalar(select(HarvestSource).where(HarvestSource.name == name))
    if other is not None and other is not source:
        errors.append(FieldError("/name", N_("There is a source with this name.")))
    if told.every_hours not in PAUSES:
        known = {"known": ", ".join(map(str, PAUSES))}
        errors.append(FieldError("/every_hours", N_("Choose one of: %(known)s."), known))
    for field, most in (("prefix", 100), ("set_spec", 255)):
        if len(getattr(told, field)) > most:
            message = N_("Use at most %(count)s characters.")
            errors.append(FieldError(f"/{field}", message, {"count": most}))
    owner = find_user(work, told.owner)
    if owner is None or not owner.active:
        errors.append(FieldError("/owner", N_("There is no active account with this address.")))
    collection_id = _collection(work, told, errors)
    if errors or owner is None:
        raise ValidationFailed(errors=errors)
    return _kept(work, actor, source, told, owner.id, collection_id)


def _collection(work: Work, told: Told, errors: list[FieldError]) -> int | None:
    if not told.collection:
        if told.review:
            message = N_("Choose the collection whose curators look first.")
            errors.append(FieldError("/collection", message))
        return None
    try:
        return collections.find(work, told.collection).id
    except NotFound:
        errors.append(FieldError("/collection", N_("There is no such collection.")))
    return None


def _kept(
    work: Work,
    actor: Actor,
    source: HarvestSource | None,
    told: Told,
    owner_id: int,
    collection_id: int | None,
) -> HarvestSource:
    now, action = work.clock.now(), "harvest.change"
    if source is None:
        if (work.session.scalar(select(func.count(HarvestSource.id))) or 0) >= MAX_SOURCES:
            message = N_("There are at most %(count)s sources.")
            raise ValidationFailed(errors=[FieldError("", message, {"count": MAX_SOURCES})])
        source, action = HarvestSource(created_at=now), "harvest.add"
        work.session.add(source)
    elif (source.address, source.prefix, source.set_spec) != (
        told.address,
        told.prefix,
        told.set_spec,
    ):
        source.synced_to = None
        _stop(work, source)
    source.name, source.address, source.kind = told.name.strip(), told.address, told.kind
    source.prefix, source.set_spec = told.prefix, told.set_spec
    source.owner_id, source.collection_id = owner_id, collection_id
    source.review, source.every_hours, source.enabled = told.review, told.every_hours, told.enabled
    source.due_at = now if told.enabled and told.every_hours else None
    work.session.flush()
    log(work, actor.user_id, action, "harvest", str(source.id), source=source.name)
    return source


def _stop(work: Work, source: HarvestSource) -> None:
    """A run that is under way asks for what is not wanted any more."""
    mine = update(HarvestRun).where(
        HarvestRun.source_id == source.id, HarvestRun.state == RunState.RUNNING.value
    )
    told = {"problem": CHANGED, "finished_at": work.clock.now(), "token": ""}
    work.session.execute(mine.values(state=RunState.FAILED.value, **told))


def remove(work: Work, actor: Actor, source_id: int) -> None:
    """Forget a source; its records stay as they are. Added again it knows them again.

    Raises Forbidden, NotFound.
    """
    require_admin(actor)
    source = found(work, source_id)
    log(work, actor.user_id, "harvest.remove", "harvest", str(source.id), source=source.name)
    work.session.delete(source)
    work.session.flush()


def found(work: Work, source_id: int) -> HarvestSource:
    """Raises NotFound."""
    source = work.session.get(HarvestSource, source_id)
    if source is None:
        raise NotFound(N_("There is no such source."))
    return source


def named(work: Work, name: str) -> HarvestSource:
    """By its name. Raises NotFound."""
    source = work.session.scalar(select(HarvestSource).where(HarvestSource.name == name))
    if source is None:
        raise NotFound(N_("There is no such source."))
    return source


def listed(work: Work) -> list[HarvestSource]:
    query = select(HarvestSource).order_by(HarvestSource.name).limit(MAX_SOURCES)
    return list(work.session.scalars(query))


def last_runs(work: Work) -> Mapping[int, HarvestRun]:
    """The newest run of each source, by the source's id."""
    newest = select(func.max(HarvestRun.id)).group_by(HarvestRun.source_id)
    runs = work.session.scalars(select(HarvestRun).where(HarvestRun.id.in_(newest)))
    return {run.source_id: run for run in runs}


def runs_of(work: Work, source: HarvestSource) -> list[HarvestRun]:
    """The newest first, the first of them."""
    query = select(HarvestRun).where(HarvestRun.source_id == source.id)
    return list(work.session.scalars(query.order_by(HarvestRun.id.desc()).limit(SHOWN_RUNS)))


def troubles(
    work: Work, source: HarvestSource, *, offset: int = 0, limit: int = 50
) -> tuple[list[HarvestedItem], int]:
    """Items that are not as the source has them, the last first; and how many they are."""
    good = (ItemState.TAKEN.value, ItemState.GONE.value)
    mine = HarvestedItem.source_id == source.id, HarvestedItem.state.not_in(good)
    total = work.session.scalar(select(func.count(HarvestedItem.id)).where(*mine)) or 0
    query = select(HarvestedItem).where(*mine).order_by(HarvestedItem.id.desc())
    return list(work.session.scalars(query.offset(offset).limit(limit))), total


def counted(work: Work, source: HarvestSource) -> int:
    """How many items of the source are known."""
    mine = select(func.count(HarvestedItem.id)).where(HarvestedItem.source_id == source.id)
    return work.session.scalar(mine) or 0


def begin(
    work: Work, actor: Actor, source: HarvestSource, *, whole: bool = False, ask: bool = True
) -> HarvestRun:
    """A run of what changed since the last, or of everything (`whole`); the one that is under way,
    if any. Without `ask` the caller works on it. Raises Forbidden.
    """
    require_admin(actor)
    run = _run(work, source, whole=whole)
    log(work, actor.user_id, "harvest.run", "harvest", str(source.id), source=source.name)
    if ask:
        enqueue(work, run)
    return run


def _run(work: Work, source: HarvestSource, *, whole: bool = False) -> HarvestRun:
    work.lock(f"harvest:{source.id}")
    running = select(HarvestRun).where(
        HarvestRun.source_id == source.id, HarvestRun.state == RunState.RUNNING.value
    )
    run = work.session.scalar(running.limit(1))
    if run is None:
        now = work.clock.now()
        run = HarvestRun(
            source_id=source.id,
            whole=whole or source.synced_to is None,
            started_at=now,
            seen_at=now,
        )
        work.session.add(run)
        work.session.flush()
    source.due_at = None
    return run


def enqueue(work: Work, run: HarvestRun) -> None:
    work.enqueue(RUN, f"{RUN}:{run.source_id}", {"run": run.id})


def begin_due(work: Work) -> int:
    """Begin what is due, and take up what nobody works on any more; how many."""
    now = work.clock.now()
    due = select(HarvestSource).where(HarvestSource.enabled, HarvestSource.due_at <= now)
    runs = [_run(work, source) for source in work.session.scalars(due.limit(MAX_SOURCES))]
    asked = select(Job.key).where(Job.kind == RUN, Job.state.in_(("queued", "running")))
    keys = set(work.session.scalars(asked))
    left = select(HarvestRun).where(
        HarvestRun.state == RunState.RUNNING.value, HarvestRun.seen_at < now - FORGOTTEN
    )
    runs += [r for r in work.session.scalars(left) if f"{RUN}:{r.source_id}" not in keys]
    for run in runs:
        enqueue(work, run)
    return len(runs)
