"""The one place that gives items their `seq` and datestamp.

A harvester that asks `from=` the time of its last answer must find everything that it was not
shown then. A datestamp taken from a transaction's own clock fails that: it is read before the
commit makes the change visible. So changes are stamped one transaction at a time, under a lock
that is held until the commit, with a datestamp after the present second (section 2.7.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice

from sqlalchemy import delete, func, insert, select

from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.oai.identifiers import oai_identifier
from repository.oai.models import OaiFailure, OaiFragment, OaiItem, OaiMembership, OaiSet
from repository.oai.render import Rendering, render_versions
from repository.oai.sets import SetEntry
from repository.records.models import State, Version

LOCK = "oai-stamp"
BATCH = 50


@dataclass
class _Held:
    """What is stored of the items of a batch, to compare renderings with."""

    items: dict[str, OaiItem]
    digests: dict[tuple[int, str], bytes]
    failures: dict[tuple[int, str], str]
    sets: dict[int, frozenset[str]]


def refresh_records(runtime: Runtime, record_ids: Sequence[str]) -> int:
    """Bring the items of all versions of these records up to date; how many were stamped."""
    query = (
        select(Version.id)
        .where(Version.record_id.in_(record_ids), Version.state != State.DRAFT.value)
        .order_by(Version.record_id, Version.number)
    )
    with runtime.read() as work:
        version_ids = list(work.session.scalars(query))
    return refresh_versions(runtime, version_ids)


def refresh_versions(
    runtime: Runtime, version_ids: Sequence[str], prefixes: frozenset[str] | None = None
) -> int:
    """Render, then stamp what came out different; how many were. Doing it twice does no harm."""
    stamped, remaining = 0, iter(version_ids)
    while batch := list(islice(remaining, BATCH)):
        renderings = render_versions(runtime, batch, prefixes)
        with runtime.work() as work:
            stamped += stamp(work, renderings)
    return stamped


def stamp(work: Work, renderings: Sequence[Rendering]) -> int:
    """Store the renderings that differ from what is served, as the newest changes."""
    work.lock(LOCK)
    held = _read_held(work, renderings)
    last = work.session.execute(
        select(OaiItem.seq, OaiItem.datestamp).order_by(OaiItem.seq.desc()).limit(1)
    ).one_or_none()
    changed: list[tuple[OaiItem, Rendering]] = []
    for rendering in renderings:
        item = held.items.get(rendering.version_id)
        if item is None and (rendering.deleted or not rendering.whole):
            continue  # was never public: nothing to tell; or is still to be rendered whole
        if item is None:
            item = _new_item(work, rendering)
        elif rendering.basis < item.basis:
            continue  # someone has since looked later than this
        if rendering.whole:
            item.basis = rendering.basis
        if _store(work, held, item, rendering):
            changed.append((item, rendering))
    _number(work, held, changed, last.seq if last else 0, last.datestamp if last else None)
    return len(changed)


def _read_held(work: Work, renderings: Sequence[Rendering]) -> _Held:
    session = work.session
    version_ids = [rendering.version_id for rendering in renderings]
    items = {
        item.version_id: item
        for item in session.scalars(select(OaiItem).where(OaiItem.version_id.in_(version_ids)))
    }
    ids = [item.id for item in items.values()]
    fragments = select(OaiFragment.item_id, OaiFragment.prefix, OaiFragment.digest)
    failures = select(OaiFailure.item_id, OaiFailure.prefix, OaiFailure.error)
    memberships = select(OaiMembership.item_id, OaiSet.spec).join(
        OaiSet, OaiSet.id == OaiMembership.set_id
    )
    sets: dict[int, frozenset[str]] = {}
    for item_id, spec in session.execute(memberships.where(OaiMembership.item_id.in_(ids))):
        sets[item_id] = sets.get(item_id, frozenset()) | {spec}
    return _Held(
        items,
        {(i, p): d for i, p, d in session.execute(fragments.where(OaiFragment.item_id.in_(ids)))},
        {(i, p): e for i, p, e in session.execute(failures.where(OaiFailure.item_id.in_(ids)))},
        sets,
    )


def _new_item(work: Work, rendering: Rendering) -> OaiItem:
    """A row with an id. What `_number` sets is provisional; nobody sees it before the commit."""
    lowest = work.session.scalar(select(func.min(OaiItem.seq))) or 0
    item = OaiItem(
        version_id=rendering.version_id,
        oai_id=oai_identifier(work.settings, rendering.version_id),
        seq=min(lowest, 0) - 1,
        datestamp=work.clock.now(),
        header=b"",
        basis=rendering.basis,
        deleted=True,
    )
    work.session.add(item)
    work.session.flush()
    return item


def _store(work: Work, held: _Held, item: OaiItem, rendering: Rendering) -> bool:
    """Write what differs; whether a harvester could tell the difference."""
    if rendering.deleted:
        if item.deleted:
            return False
        for table in (OaiFragment, OaiFailure):
            work.session.execute(delete(table).where(table.item_id == item.id))
        item.deleted = True
        return True
    changed = item.deleted
    item.deleted = False
    for prefix, body in rendering.bodies.items():
        changed |= _store_body(work, held, item, prefix, body)
    for prefix, error in rendering.failures.items():
        changed |= _store_failure(work, held, item, prefix, error)
    for prefix in rendering.unsuited:
        changed |= _drop_body(work, held, item, prefix)
    specs = frozenset(entry.spec for entry in rendering.sets)
    return changed or specs != held.sets.get(item.id, frozenset())


def _store_body(work: Work, held: _Held, item: OaiItem, prefix: str, body: bytes) -> bool:
    key, digest = (item.id, prefix), sha256(body).digest()
    if key in held.failures:
        failure = OaiFailure.item_id == item.id, OaiFailure.prefix == prefix
        work.session.execute(delete(OaiFailure).where(*failure))
    if held.digests.get(key) == digest:
        return False
    _drop_body(work, held, item, prefix)
    work.session.execute(
        insert(OaiFragment).values(prefix=prefix, item_id=item.id, digest=digest, body=body)
    )
    return True


def _store_failure(work: Work, held: _Held, item: OaiItem, prefix: str, error: str) -> bool:
    work.session.merge(OaiFailure(prefix=prefix, item_id=item.id, error=error))
    return _drop_body(work, held, item, prefix)


def _drop_body(work: Work, held: _Held, item: OaiItem, prefix: str) -> bool:
    if (item.id, prefix) not in held.digests:
        return False
    fragment = OaiFragment.item_id == item.id, OaiFragment.prefix == prefix
    work.session.execute(delete(OaiFragment).where(*fragment))
    return True


def _number(
    work: Work,
    held: _Held,
    changed: Sequence[tuple[OaiItem, Rendering]],
    last_seq: int,
    last_datestamp: datetime | None,
) -> None:
    """Give the changed items their place and time: the last thing before the commit."""
    if not changed:
        return
    work.session.execute(
        delete(OaiMembership).where(OaiMembership.item_id.in_([item.id for item, _ in changed]))
    )
    set_ids = _set_ids(work, held, changed)
    work.session.flush()
    datestamp = _next_datestamp(work.clock.now(), last_datestamp)
    memberships = []
    for seq, (item, rendering) in enumerate(changed, start=last_seq + 1):
        specs = _specs(held, item, rendering)
        item.seq, item.datestamp = seq, datestamp
        item.header = header_element(item.oai_id, datestamp, specs, deleted=item.deleted)
        memberships += [{"set_id": set_ids[spec], "seq": seq, "item_id": item.id} for spec in specs]
    work.session.flush()
    if memberships:
        work.session.execute(insert(OaiMembership), memberships)


def _next_datestamp(now: datetime, last: datetime | None) -> datetime:
    """The second after the one that is running out, and never before an earlier stamp."""
    begun = now.replace(microsecond=0)
    following = begun + timedelta(seconds=1 if begun == now else 2)
    return max(following, last) if last else following


def _specs(held: _Held, item: OaiItem, rendering: Rendering) -> list[str]:
    """A deleted item stays in its sets, for those who harvest a set to learn of its deletion."""
    if rendering.deleted:
        return sorted(held.sets.get(item.id, frozenset()))
    return [entry.spec for entry in rendering.sets]


def _set_ids(
    work: Work, held: _Held, changed: Sequence[tuple[OaiItem, Rendering]]
) -> dict[str, int]:
    entries = {entry.spec: entry for _, rendering in changed for entry in rendering.sets}
    needed = {spec for item, rendering in changed for spec in _specs(held, item, rendering)}
    query = select(OaiSet).where(OaiSet.spec.in_(needed))
    known = {row.spec: row for row in work.session.scalars(query)}
    for spec in sorted(needed - known.keys()):
        known[spec] = _new_set(work, entries[spec])
    for spec, row in known.items():
        if spec in entries:
            row.name, row.description = entries[spec].name, entries[spec].description
    work.session.flush()
    return {spec: row.id for spec, row in known.items()}


def _new_set(work: Work, entry: SetEntry) -> OaiSet:
    row = OaiSet(spec=entry.spec, name=entry.name, description=entry.description)
    work.session.add(row)
    return row


def header_element(
    oai_id: str, datestamp: datetime, specs: Sequence[str], *, deleted: bool
) -> bytes:
    """The `<header>` of section 2.5. Identifiers and setSpecs have no character to escape."""
    status = ' status="deleted"' if deleted else ""
    sets = "".join(f"<setSpec>{spec}</setSpec>" for spec in specs)
    return (
        f"<header{status}><identifier>{oai_id}</identifier>"
        f"<datestamp>{datestamp:%Y-%m-%dT%H:%M:%SZ}</datestamp>{sets}</header>"
    ).encode()
