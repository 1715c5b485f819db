"""What the rest of the repository asks of identifiers; none of it waits for a registry."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from repository.access.documents import find_named, find_version, latest_visible, latest_visible_of
from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS, Actor
from repository.core.errors import (
    Conflict,
    FieldError,
    NotFound,
    RepositoryError,
    ValidationFailed,
)
from repository.core.messages import N_
from repository.core.work import Work
from repository.pid.accounts import account_for, prefix_for
from repository.pid.models import Identifier, PidState, Role
from repository.pid.rules import normalise_doi, prefix_of, wanted_state
from repository.records.models import Draft, Record, State, Version
from repository.records.origins import Origin

SYNC = "pid.sync"


@dataclass(frozen=True)
class IdentifierState:
    """What to tell of an identifier: `pending` while the registry is behind, and `failure` why."""

    state: PidState
    pending: bool
    failure: str | None
    asked_at: datetime | None


def reserve(work: Work, version: Version) -> str | None:
    """Give a version its DOI, and its record the concept DOI, unless they have one.

    None where the site mints no DOIs (`pid_provider` is `none`): ARKs name its versions.

    May be asked while drafting, to cite a dataset in the paper; the registry hears of a DOI at
    publication only. A draft that brings a DOI of another registry keeps that, and nothing is
    minted; nor is one for a record that was harvested. Suffixes are the public ids. Raises
    ValidationFailed (an external DOI that is none), Conflict (it belongs to another record here).
    """
    draft = work.session.get(Draft, version.id)
    external = draft.external_doi if draft else None
    if external:
        return _keep_external(work, version, normalise_doi(external, "/pids/doi/identifier"))
    if work.session.get(Origin, version.record_id) is not None:
        return version.doi
    current = _of_version(work, version.id)
    if current is not None and (current.prefix or version.revision > 1):
        return current.value
    if current is not None:
        _release(work, version, current)
    record, prefix = version.record, prefix_for(work, version.record)
    if not prefix:
        return None
    if record.doi is None:
        record.doi = _add(work, f"{prefix}/{record.id}", Role.CONCEPT, record.id, None).value
    else:
        prefix = prefix_of(record.doi)
    version.doi = _add(work, f"{prefix}/{version.id}", Role.VERSION, record.id, version.id).value
    return version.doi


def _of_version(work: Work, version_id: str) -> Identifier | None:
    return work.session.scalar(select(Identifier).where(Identifier.version_id == version_id))


def _release(work: Work, version: Version, identifier: Identifier) -> None:
    """Forget a DOI that was shown in a draft and never announced."""
    work.session.delete(identifier)
    version.doi = None
    work.session.flush()


def _keep_external(work: Work, version: Version, doi: str) -> str:
    if version.doi == doi:
        return doi
    taken = work.session.scalar(select(Identifier.id).where(Identifier.value == doi))
    if taken is not None:
        message = N_("The DOI %(doi)s belongs to another record here.")
        where = FieldError("/pids/doi/identifier", message, {"doi": doi})
        raise Conflict(message, errors=[where], doi=doi)
    current = _of_version(work, version.id)
    if current is not None and current.state != PidState.RESERVED and current.prefix:
        raise Conflict(N_("This version has a registered DOI already, which stays."))
    if current is not None:
        _release(work, version, current)
    identifier = _add(work, doi, Role.VERSION, version.record_id, version.id)
    identifier.prefix = None
    identifier.state = identifier.wanted = PidState.FINDABLE.value
    version.doi = doi
    return doi


def take_external(work: Work, version: Version, doi: str) -> str:
    """Let a version be known by a DOI that is registered elsewhere, and stays so.

    Raises ValidationFailed where it is none, Conflict where it is another record's here.
    """
    return _keep_external(work, version, normalise_doi(doi))


def is_registered_here(work: Work, doi: str) -> bool:
    """Whether an account of this site registers DOIs of this prefix."""
    try:
        account_for(work, prefix_of(doi))
    except RepositoryError:
        return False
    return True


def adopt(work: Work, doi: str) -> None:
    """Register from now on a DOI that a record came with: somebody moved here with their prefix.

    Raises NotFound, and RepositoryError when no account registers its prefix.
    """
    identifier = work.session.scalar(
        select(Identifier).where(Identifier.value == normalise_doi(doi))
    )
    if identifier is None:
        raise NotFound(N_("No record here has the DOI %(doi)s."), doi=doi)
    identifier.prefix = account_for(work, prefix_of(identifier.value)).prefix
    identifier.digest = None
    work.session.flush()
    ask(work, [identifier.id])


def _add(work: Work, doi: str, role: Role, record_id: str, version_id: str | None) -> Identifier:
    identifier = Identifier(
        value=doi,
        role=role.value,
        record_id=record_id,
        version_id=version_id,
        prefix=prefix_of(doi),
        state=PidState.RESERVED.value,
        wanted=PidState.RESERVED.value,
        revision=0,
        sent=0,
        attempts=0,
        created_at=work.clock.now(),
    )
    work.session.add(identifier)
    work.session.flush()
    return identifier


def request_registration(work: Work, *versions: Version) -> None:
    """Ask that the registry follow what has become of versions: after every change to them.

    Also of their concept DOIs and of their neighbours', whose relations name them. What the
    registry holds already is not sent again, so asking too often costs nothing.
    """
    work.session.flush()
    records = {version.record_id for version in versions}
    of_concepts = Identifier.version_id.is_(None) & Identifier.record_id.in_(records)
    ids = {version.id for version in versions} | _neighbours(work, versions)
    of_versions = Identifier.version_id.in_(ids)
    ask(work, work.session.scalars(select(Identifier.id).where(of_concepts | of_versions)))


def _neighbours(work: Work, versions: Collection[Version]) -> set[str]:
    """The public versions next to each, before and after it."""
    query = (
        select(Version.record_id, Version.number, Version.id)
        .where(
            Version.record_id.in_({version.record_id for version in versions}),
            Version.state != State.DRAFT.value,
            visible_to(ANONYMOUS, work.clock.now()),
        )
        .order_by(Version.record_id, Version.number)
    )
    public: dict[str, list[tuple[int, str]]] = {}
    for record_id, number, version_id in work.session.execute(query):
        public.setdefault(record_id, []).append((number, version_id))
    found = set()
    for version in versions:
        others = public.get(version.record_id, [])
        before = [each for number, each in others if number < version.number]
        after = [each for number, each in others if number > version.number]
        found |= {*before[-1:], *after[:1]}
    return found


def ask(work: Work, ids: Iterable[int]) -> None:
    """Put identifiers in the queue; one that waits already keeps its place in it.

    Rows are locked, in one order for everybody: the queue's worker may be settling them.
    """
    now = work.clock.now()
    rows = (
        select(Identifier)
        .where(Identifier.id.in_(list(ids)), Identifier.prefix.is_not(None))
        .order_by(Identifier.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    identifiers = work.session.scalars(rows).all()
    wanted = wanted_of(work, identifiers)
    for identifier in identifiers:
        identifier.wanted = wanted[identifier.id].value
        identifier.revision += 1
        identifier.asked_at = now
        if identifier.due_at is None or identifier.due_at > now:
            identifier.due_at = now
        identifier.attempts = 0
        wake(work, prefix_of(identifier.value))


def wake(work: Work, prefix: str) -> None:
    """See to it that the queue of an account is worked on."""
    work.enqueue(SYNC, f"{SYNC}:{prefix}", {"prefix": prefix})


def wake_all(work: Work) -> None:
    """Wake every queue that has something in it: nothing is ever forgotten."""
    waiting = select(Identifier.prefix).where(Identifier.due_at.is_not(None)).distinct()
    for prefix in work.session.scalars(waiting):
        if prefix is not None:
            wake(work, prefix)


def ask_after_embargoes(work: Work) -> int:
    """Ask for what embargoes that ended since have opened; how many versions that were."""
    today = work.clock.now().date()
    ended = (
        select(Version)
        .join(Identifier, Identifier.version_id == Version.id)
        .where(Version.embargo_until <= today, Version.state != State.DRAFT.value)
        .where(func.date(Identifier.asked_at) < func.date(Version.embargo_until))
        .limit(1000)
    )
    versions = work.session.scalars(ended).all()
    request_registration(work, *versions)
    return len(versions)


def ask_where_state_differs(work: Work, record_ids: Iterable[str]) -> None:
    """Ask for those identifiers of records whose state should now be another than was asked for."""
    query = select(Identifier).where(
        Identifier.record_id.in_(list(record_ids)),
        Identifier.prefix.is_not(None),
        Identifier.asked_at.is_not(None),
    )
    identifiers = work.session.scalars(query).all()
    wanted = wanted_of(work, identifiers)
    ask(work, [each.id for each in identifiers if wanted[each.id] != each.wanted])


def wanted_for(work: Work, identifier: Identifier) -> PidState:
    """What the registry should hold, by the access rule and the state of things now."""
    return wanted_of(work, [identifier])[identifier.id]


def wanted_of(work: Work, identifiers: Collection[Identifier]) -> dict[int, PidState]:
    """The same of many, by their ids."""
    concepts = {each.record_id for each in identifiers if each.version_id is None}
    newest = latest_visible_of(work, ANONYMOUS, concepts) if concepts else {}
    query = select(Version).where(
        Version.id.in_({each.version_id for each in identifiers if each.version_id}),
        Version.state != State.DRAFT.value,
        visible_to(ANONYMOUS, work.clock.now()),
    )
    shown = {version.id: version for version in work.session.scalars(query)}
    return {
        each.id: _wanted(
            work,
            each,
            shown.get(each.version_id) if each.version_id else newest.get(each.record_id),
        )
        for each in identifiers
    }


def _wanted(work: Work, identifier: Identifier, version: Version | None) -> PidState:
    held = PidState(identifier.state)
    if version is not None:
        return wanted_state(public=True, withdrawn=version.state == State.WITHDRAWN, held=held)
    return wanted_state(public=False, withdrawn=_is_withdrawn(work, identifier), held=held)


def shown_version(work: Work, identifier: Identifier) -> Version | None:
    """The version whose page an identifier leads the world to; None where it may see none."""
    if identifier.version_id is None:
        return latest_visible(work, ANONYMOUS, identifier.record_id)
    try:
        return find_version(work, ANONYMOUS, identifier.version_id)
    except NotFound:
        return None


def _is_withdrawn(work: Work, identifier: Identifier) -> bool:
    """Whether nothing stands any more of what the identifier names."""
    query = select(Version.state).where(Version.state != State.DRAFT.value)
    if identifier.version_id is None:
        query = query.where(Version.record_id == identifier.record_id)
    else:
        query = query.where(Version.id == identifier.version_id)
    return set(work.session.scalars(query)) == {State.WITHDRAWN.value}


def resolve(work: Work, actor: Actor, doi: str) -> str:
    """The id of the version that a DOI leads `actor` to; a concept's is its newest.

    Raises NotFound: no DOI, unknown, not published, or not for `actor` to see, all the same.
    """
    try:
        value = normalise_doi(doi)
    except ValidationFailed:
        raise NotFound from None
    identifier = work.session.scalar(select(Identifier).where(Identifier.value == value))
    named = (identifier.version_id or identifier.record_id) if identifier else ""
    return find_named(work, actor, named).id


def state_of(work: Work, doi: str) -> IdentifierState | None:
    """How the registration of a DOI stands; None for one that is not kept here."""
    identifier = work.session.scalar(select(Identifier).where(Identifier.value == doi.lower()))
    if identifier is None:
        return None
    return IdentifierState(
        state=PidState(identifier.state),
        pending=identifier.is_pending,
        failure=identifier.failure,
        asked_at=identifier.asked_at,
    )


def concept_of(work: Work, record: Record) -> IdentifierState | None:
    """How the registration of a record's concept DOI stands."""
    return state_of(work, record.doi) if record.doi else None
