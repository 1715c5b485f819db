"""Searches that curators offer to harvesters as sets.

Who is in such a set is what the search finds for anyone; it is looked at from time to time, and a
record that came or went is told to the change feed, so that the stamper gives it a new datestamp.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import delete, func, insert, select
from werkzeug.datastructures import MultiDict

from repository.accounts.models import ANONYMOUS, Actor
from repository.core.errors import FieldError, Forbidden, NotFound, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.slugs import slug
from repository.core.work import Work
from repository.discovery import arguments
from repository.discovery.cursors import Cursor
from repository.discovery.engines.base import FACETS, Sort
from repository.discovery.search import BUILDING, SearchRequest, search
from repository.oai.models import OaiSearchMember, OaiSearchSet
from repository.oai.sets import SetEntry
from repository.records.document import Document
from repository.records.models import Version

MAX_SETS = 100
MAX_MEMBERS = 200_000
PAGE, BATCH = 500, 200
EVERY = timedelta(minutes=15)
JOB = "oai.search_sets"
_KEPT = ("q", "from", "to", "bbox", *FACETS)


def by_search(work: Work, document: Document) -> Iterator[SetEntry]:
    """The set provider: as it was found when the searches were last looked at."""
    query = (
        select(OaiSearchSet)
        .join(OaiSearchMember, OaiSearchMember.set_id == OaiSearchSet.id)
        .where(OaiSearchMember.version_id == document.id)
        .order_by(OaiSearchSet.spec)
    )
    for each in work.session.scalars(query):
        yield SetEntry(each.spec, each.name, each.description)


def offered(work: Work) -> Sequence[OaiSearchSet]:
    return work.session.scalars(select(OaiSearchSet).order_by(OaiSearchSet.spec)).all()


def offer(
    work: Work, actor: Actor, *, name: str, address: str, description: str = "", short: str = ""
) -> OaiSearchSet:
    """Make a set of the search at `address`, which is that of a page of results or its query
    string. `short` ends the setSpec, which never changes.

    Raises Forbidden but for curators, and ValidationFailed.
    """
    require_curator(actor)
    spec = f"search-{slug(short or name, 60)}"
    asked = MultiDict(parse_qsl(address.partition("?")[2] or address)[:100])
    kept = urlencode([(key, text) for key, text in asked.items(multi=True) if key in _KEPT])
    errors = _wrong(work, name, spec, kept)
    if errors:
        raise ValidationFailed(errors=errors)
    arguments.read(asked, offset=0, limit=1)
    made = OaiSearchSet(
        spec=spec,
        name=" ".join(name.split())[:200],
        description=" ".join(description.split())[:1000],
        arguments=kept,
        made_by=actor.user_id,
        created_at=work.clock.now(),
    )
    work.session.add(made)
    work.enqueue(JOB, f"periodic:{JOB}", {})
    return made


def _wrong(work: Work, name: str, spec: str, kept: str) -> list[FieldError]:
    errors = []
    if not name.strip():
        errors.append(FieldError("/name", N_("Give the set a name.")))
    if work.session.scalar(select(OaiSearchSet.id).where(OaiSearchSet.spec == spec)):
        errors.append(FieldError("/short", N_("There is a set of this short name already.")))
    if not kept:
        message = N_("Copy the address of a page of results here: a set needs something to find.")
        errors.append(FieldError("/address", message))
    if len(kept) > 2000:
        errors.append(FieldError("/address", N_("This search is too long to keep.")))
    if (work.session.scalar(select(func.count()).select_from(OaiSearchSet)) or 0) >= MAX_SETS:
        message = N_("There are %(count)s such sets already; take one back first.")
        errors.append(FieldError("/name", message, {"count": MAX_SETS}))
    return errors


def take_back(work: Work, actor: Actor, set_id: int) -> None:
    """Harvesters see its records leave the set. Raises Forbidden, and NotFound."""
    require_curator(actor)
    found = work.session.get(OaiSearchSet, set_id)
    if found is None:
        raise NotFound
    _tell(work, _members(work, set_id))
    work.session.execute(delete(OaiSearchMember).where(OaiSearchMember.set_id == set_id))
    work.session.delete(found)


def require_curator(actor: Actor) -> None:
    if not actor.is_curator:
        raise Forbidden(N_("Only curators make sets."))


def refresh(runtime: Runtime) -> int:
    """Look at every search again; how many records came or went."""
    with runtime.read() as work:
        set_ids = [each.id for each in offered(work)]
    return sum(_refresh(runtime, set_id) for set_id in set_ids)


def _refresh(runtime: Runtime, set_id: int) -> int:
    with runtime.read() as work:
        offered_set = work.session.get(OaiSearchSet, set_id)
        found = _found(work, offered_set.arguments) if offered_set is not None else None
    if found is None:
        return 0
    with runtime.work() as work:
        kept = work.session.get(OaiSearchSet, set_id, with_for_update=True)
        if kept is None:
            return 0
        before = _members(work, set_id)
        kept.checked_at, kept.count = work.clock.now(), len(found)
        _write(work, set_id, came=sorted(found - before), left=sorted(before - found))
    return len(found ^ before)


def _write(work: Work, set_id: int, came: list[str], left: list[str]) -> None:
    for batch in _batches(left):
        gone = OaiSearchMember.set_id == set_id, OaiSearchMember.version_id.in_(batch)
        work.session.execute(delete(OaiSearchMember).where(*gone))
    for batch in _batches(came):
        rows = [{"set_id": set_id, "version_id": version_id} for version_id in batch]
        work.session.execute(insert(OaiSearchMember), rows)
    _tell(work, [*came, *left])


def _found(work: Work, query_string: str) -> set[str] | None:
    """What anyone finds; None while the index is being built, which says nothing."""
    asked = MultiDict(parse_qsl(query_string))
    read = arguments.read(asked, offset=0, limit=PAGE, sort=Sort.NEWEST)
    cursor: Cursor | None = Cursor()
    found: set[str] = set()
    while cursor is not None and len(found) < MAX_MEMBERS:
        page = search(work, ANONYMOUS, _from(read, cursor))
        if any(note.message == BUILDING for note in page.notes):
            return None
        found.update(version.id for version in page.versions)
        cursor = page.next
    return found


def _from(asked: SearchRequest, cursor: Cursor) -> SearchRequest:
    return replace(asked, cursor=cursor, facets=())


def _members(work: Work, set_id: int) -> set[str]:
    query = select(OaiSearchMember.version_id).where(OaiSearchMember.set_id == set_id)
    return set(work.session.scalars(query))


def _tell(work: Work, version_ids: Sequence[str] | set[str]) -> None:
    """The change feed, of the records of these versions."""
    for batch in _batches(sorted(version_ids)):
        query = select(Version.record_id).where(Version.id.in_(batch)).distinct()
        for record_id in work.session.scalars(query):
            work.changed(record_id)


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
