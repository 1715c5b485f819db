"""Bringing every content to a backup target, as OCFL objects; what is there is not copied again.

A published version is an object of its own, rebuilt from its folder alone: its files under `data/`,
its record as JSON and DataCite XML under `metadata/`. A revision of the metadata is a new version
of the object and copies no file. What only drafts hold lies under `content/`, by its SHA-256.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from repository.access.documents import document_for
from repository.access.rules import with_public_files
from repository.accounts.models import Actor, Role
from repository.core.copies import Copy
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.formats.datacite_xml import DataCiteXml
from repository.formats.record_json import RecordJson
from repository.preservation.abroad import holds_no_core
from repository.preservation.models import BackupObject, Outcome
from repository.preservation.places import place_of
from repository.preservation.rules import Terms
from repository.records.collections import Collection, CollectionRecord
from repository.records.models import Content, File, State, Version
from repository.records.placement import below
from storage.backup import ocfl
from storage.backup.ocfl import Entry, Revision
from storage.backup.targets import Source, Target, UnusableKey
from storage.base import DigestMismatch, NotStored, object_key

SYSTEM = Actor(user_id=None, role=Role.ADMIN)
BATCH = 100
GROUP_BYTES = 256 << 20
log = structlog.get_logger(__name__)


@dataclass
class Progress:
    """How far a replication came; `bad` names originals that are lost or damaged."""

    objects: int = 0
    contents: int = 0
    bytes: int = 0
    done: bool = False
    bad: list[str] = field(default_factory=list)
    tell: Callable[[int], None] = lambda _size: None
    deadline: float | None = None

    def copied(self, size: int) -> None:
        self.bytes += size
        self.tell(size)

    def is_over(self) -> bool:
        return self.deadline is not None and time.monotonic() >= self.deadline


def object_id(version_id: str) -> str:
    """The OCFL id: a URI that does not change with the site's address."""
    return f"urn:repository:version:{version_id}"


def replicate(
    runtime: Runtime,
    target: Target,
    *,
    terms: Terms | None = None,
    abroad: bool = False,
    seconds: float | None = None,
    tell: Callable[[int], None] = lambda _size: None,
) -> Progress:
    """Copy what the target lacks of what a policy wants (all, where none is named; no core data
    `abroad`), for at most `seconds`; `done` says whether all of it is there.

    Each object and content is kept in the database when it is whole in the target, so the next
    run goes on. A lost original does not keep the others from being copied.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    progress = Progress(tell=tell, deadline=deadline)
    place = place_of(target)
    terms = terms or Terms()
    _versions(runtime, target, place, (terms, abroad), progress)
    if not terms.is_partial:
        _other_contents(runtime, target, place, progress)
    progress.done = not progress.is_over()
    return progress


def _versions(
    runtime: Runtime, target: Target, place: str, wanted: tuple[Terms, bool], progress: Progress
) -> None:
    after = ""
    while not progress.is_over():
        with runtime.read() as work:
            ids = work.session.scalars(_lacking(work, place, wanted, after)).all()
        if not ids:
            return
        for version_id in ids:
            if progress.is_over():
                return
            try:
                _one_version(runtime, target, place, version_id, progress)
            except (NotStored, DigestMismatch, UnusableKey) as error:
                progress.bad.append(f"{version_id}: {error}")
                log.error("version not backed up", version=version_id, error=str(error))  # noqa: TRY400 - said
        after = ids[-1]


def wanted_versions(work: Work, terms: Terms, *, abroad: bool) -> ColumnElement[bool]:
    """Which versions a policy wants kept at home or `abroad`, as a condition on `Version`."""
    conditions = [Version.state != State.DRAFT.value]
    if abroad:
        conditions.append(holds_no_core())
    if terms.collections:
        named = select(Collection).where(Collection.slug.in_(terms.collections))
        ids = [each for one in work.session.scalars(named) for each in below(work.session, one)]
        inside = select(CollectionRecord.record_id).where(CollectionRecord.collection_id.in_(ids))
        conditions.append(Version.record_id.in_(inside))
    if len(set(terms.classes)) == 1:
        public = with_public_files(work.clock.now())
        conditions.append(public if "public" in terms.classes else ~public)
    return and_(*conditions)


def _lacking(work: Work, place: str, wanted: tuple[Terms, bool], after: str) -> Select[tuple[str]]:
    terms, abroad = wanted
    there = and_(BackupObject.version_id == Version.id, BackupObject.place == place)
    return (
        select(Version.id)
        .outerjoin(BackupObject, there)
        .where(
            Version.id > after,
            wanted_versions(work, terms, abroad=abroad),
            or_(BackupObject.revision.is_(None), BackupObject.revision < Version.revision),
        )
        .order_by(Version.id)
        .limit(BATCH)
    )


def _one_version(
    runtime: Runtime, target: Target, place: str, version_id: str, progress: Progress
) -> None:
    with runtime.read() as work:
        version = work.session.get_one(Version, version_id)
        revision = version.revision
        message = f"revision {revision}"
        entries = _metadata(work, version)
        entries += [
            Entry(f"data/{path}", sha256, _source(runtime, sha256, progress))
            for path, sha256 in _files(work, version_id)
        ]
        said = Revision(
            message,
            version.updated_at,
            runtime.settings.site_name,
            f"mailto:{runtime.settings.admin_email}",
        )
    inventory = ocfl.read_inventory(target, object_id(version_id))
    if inventory is not None and ocfl.head_message(inventory) == message:
        places = ocfl.locations(object_id(version_id), inventory)
    else:
        places = ocfl.write_version(target, object_id(version_id), entries, said)
    files = [e.sha256 for e in entries if e.path.startswith("data/")]
    with runtime.work() as work:
        _keep_copies(work, place, ((sha256, places[sha256]) for sha256 in set(files)))
        work.session.merge(BackupObject(version_id=version_id, place=place, revision=revision))
    progress.objects += 1


def _source(runtime: Runtime, sha256: str, progress: Progress) -> Source:
    def opened() -> Iterator[bytes]:
        try:
            for chunk in runtime.store.read(sha256):
                yield chunk
                progress.copied(len(chunk))
        except OSError as error:
            raise NotStored(f"{sha256} cannot be read: {error.strerror}") from error

    return opened


def _files(work: Work, version_id: str) -> list[tuple[str, str]]:
    query = select(File.path, File.sha256).where(File.version_id == version_id, File.committed)
    return [(path, sha256) for path, sha256 in work.session.execute(query) if sha256]


def _metadata(work: Work, version: Version) -> list[Entry]:
    document = document_for(work, SYSTEM, version, files_limit=max(version.file_count, 1))
    if document is None:
        raise NotStored(f"version {version.id} cannot be read")
    return [
        _small("metadata/record.json", RecordJson().render(document)),
        _small("metadata/datacite.xml", DataCiteXml().render(document)),
    ]


def _small(path: str, data: bytes) -> Entry:
    return Entry(path, hashlib.sha256(data).hexdigest(), lambda: iter([data]))


def _other_contents(runtime: Runtime, target: Target, place: str, progress: Progress) -> None:
    after = ""
    while not progress.is_over():
        there = and_(Copy.sha256 == Content.sha256, Copy.place == place)
        query = select(Content.sha256).outerjoin(Copy, there)
        query = query.where(Content.sha256 > after, Copy.sha256.is_(None))
        with runtime.read() as work:
            lacking = work.session.scalars(query.order_by(Content.sha256).limit(BATCH)).all()
        if not lacking:
            return
        after = _copy_contents(runtime, target, place, lacking, progress)


def _copy_contents(
    runtime: Runtime, target: Target, place: str, lacking: Sequence[str], progress: Progress
) -> str:
    """Copy these, as many as make a group, their rows written together; the last one tried.

    What a crash leaves without a row is found whole in the target by the next run.
    """
    found: list[tuple[str, str]] = []
    begun, sha256 = progress.bytes, ""
    try:
        for sha256 in lacking:
            key = f"content/{object_key(sha256)}"
            try:
                target.put(key, _source(runtime, sha256, progress), sha256=sha256)
            except (NotStored, DigestMismatch, UnusableKey) as error:
                progress.bad.append(f"{sha256}: {error}")
                log.error("content not backed up", sha256=sha256, error=str(error))  # noqa: TRY400 - said
                continue
            found.append((sha256, key))
            progress.contents += 1
            if progress.is_over() or progress.bytes - begun >= GROUP_BYTES:
                break
    finally:
        if found:
            with runtime.work() as work:
                _keep_copies(work, place, found)
    return sha256


def _keep_copies(work: Work, place: str, found: Iterable[tuple[str, str]]) -> None:
    """Rows of copies that were just written and read back, or found in an object that is whole."""
    sqlite = work.session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    now = work.clock.now()
    common = {"place": place, "outcome": Outcome.PASS.value, "checked_at": now, "created_at": now}
    rows = [{"sha256": sha256, "path": path, **common} for sha256, path in sorted(found)]
    written = insert(Copy)
    renewed = {name: written.excluded[name] for name in ("path", "checked_at", "outcome")}
    upsert = written.on_conflict_do_update(index_elements=[Copy.sha256, Copy.place], set_=renewed)
    if rows:
        work.session.connection().execute(upsert, rows)
