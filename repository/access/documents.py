"""Builds the Document of a version for a reader: the only way from rows to anything shown."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, func, select

from repository.access.file_rules import files_downloadable_by, files_listed_for, is_for_everyone
from repository.access.files import MAX_FILES, count_files, file_entries, landing_url
from repository.access.rules import (
    Action,
    can,
    embargo_is_over,
    is_core,
    is_ordinary,
    status,
    visible_to,
)
from repository.access.terms import require_accepted
from repository.accounts.models import ANONYMOUS, Actor
from repository.core.errors import Forbidden, NotFound
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.document import (
    AccessStatus,
    CollectionLink,
    Document,
    Source,
    Tombstone,
    VersionLink,
)
from repository.records.doi import trial_prefix
from repository.records.metadata import Metadata
from repository.records.models import Draft, File, State, Version
from repository.records.origins import Origin
from repository.records.placement import placements
from repository.records.titles import title_of

T = TypeVar("T", bound=tuple[Any, ...])
Neighbours = Mapping[str, tuple[VersionLink | None, VersionLink | None]]
NAMED_FILE = (  # built once: every download asks it
    select(File, Version)
    .join(Version, Version.id == File.version_id)
    .where(
        File.version_id == bindparam("version_id"),
        File.path == bindparam("path"),
        File.committed,
        Version.state != State.DRAFT.value,
    )
)


def find_version(work: Work, actor: Actor, version_id: str) -> Version:
    """A published or withdrawn version that `actor` may see. Raises NotFound, the same and after
    the same statements whether it is hidden, a draft or was never there.
    """
    version = work.session.scalar(
        select(Version).where(
            Version.id == version_id,
            Version.state != State.DRAFT.value,
            visible_to(actor, work.clock.now()),
        )
    )
    if version is None:
        raise NotFound
    return version


def find_named(work: Work, actor: Actor, identifier: str) -> Version:
    """The version with this id, else the newest that `actor` may see of the record with it.

    Raises NotFound as `find_version` does.
    """
    with suppress(NotFound):
        return find_version(work, actor, identifier)
    latest = latest_visible(work, actor, identifier)
    if latest is None:
        raise NotFound
    return latest


def latest_visible(work: Work, actor: Actor, record_id: str) -> Version | None:
    """The newest version of a record that `actor` may see; a standing one before a withdrawn."""
    return latest_visible_of(work, actor, [record_id]).get(record_id)


def latest_visible_of(work: Work, actor: Actor, record_ids: Collection[str]) -> dict[str, Version]:
    """The same of many records, by their ids; those of which `actor` may see none are left out."""
    standing = Version.state == State.PUBLISHED.value
    order = (standing.desc(), Version.number.desc())
    place = func.row_number().over(partition_by=Version.record_id, order_by=order)
    placed = (
        select(Version.id, place.label("place"))
        .where(
            Version.record_id.in_(record_ids),
            Version.state != State.DRAFT.value,
            visible_to(actor, work.clock.now()),
        )
        .subquery()
    )
    query = select(Version).join(placed, placed.c.id == Version.id).where(placed.c.place == 1)
    return {version.record_id: version for version in work.session.scalars(query)}


def visible_versions(
    work: Work, actor: Actor, record_id: str, limit: int = 100
) -> Sequence[VersionLink]:
    """The versions of a record that `actor` may see, newest first."""
    query = _newest_first(select(Version), work, actor, record_id).limit(limit)
    return [_link(work, version) for version in work.session.scalars(query)]


def visible_version_ids(
    work: Work, actor: Actor, record_id: str, limit: int = 100
) -> Sequence[str]:
    """Of the same versions the ids alone, without reading what is said of each."""
    query = _newest_first(select(Version.id), work, actor, record_id).limit(limit)
    return list(work.session.scalars(query))


def _newest_first(query: Select[T], work: Work, actor: Actor, record_id: str) -> Select[T]:
    return query.where(
        Version.record_id == record_id,
        Version.state != State.DRAFT.value,
        visible_to(actor, work.clock.now()),
    ).order_by(Version.number.desc())


def document_for(
    work: Work, actor: Actor, version: Version, *, files_limit: int = MAX_FILES
) -> Document | None:
    """All that `actor` may know of a version; None where that is nothing.

    Files are listed only for those who may download them.
    """
    return next(documents_for(work, actor, [version], files_limit=files_limit))


def documents_for(
    work: Work, actor: Actor, versions: Sequence[Version], *, files_limit: int = MAX_FILES
) -> Iterator[Document | None]:
    """The same of several, in their order."""
    now = work.clock.now()
    beside = _neighbours(work, actor, versions)
    sources = _sources(work, versions)
    for version in versions:
        known = version.state != State.DRAFT and can(actor, Action.VIEW, version, now)
        document = _document(work, actor, version, beside, files_limit) if known else None
        source = sources.get(version.record_id)
        yield replace(document, source=source) if document and source else document


def _sources(work: Work, versions: Sequence[Version]) -> Mapping[str, Source]:
    """Where their records were harvested, by the records' ids."""
    of_these = Origin.record_id.in_({version.record_id for version in versions})
    return {
        each.record_id: Source(
            name=each.source,
            url=each.url,
            base_url=each.base_url,
            identifier=each.identifier,
            datestamp=each.datestamp,
            namespace=each.namespace,
            harvested_at=each.harvested_at,
        )
        for each in work.session.scalars(select(Origin).where(of_these))
    }


def _document(
    work: Work, actor: Actor, version: Version, beside: Neighbours, files_limit: int
) -> Document:
    now = work.clock.now()
    counted = count_files(work, actor, version)
    previous, following = beside.get(version.id, (None, None))
    return Document(
        id=version.id,
        concept_id=version.record_id,
        doi=version.doi,
        concept_doi=version.record.doi,
        url=landing_url(work, version.id),
        concept_url=landing_url(work, version.record_id),
        metadata=Metadata.model_validate(version.metadata_json),
        access=_access_status(version, now),
        number=version.number,
        is_latest=version.is_latest,
        revision=version.revision,
        created_at=version.created_at,
        updated_at=version.updated_at,
        published_at=version.published_at,
        files=tuple(file_entries(work, actor, version, limit=files_limit)),
        file_count=counted.files,
        file_bytes=counted.size,
        locked_count=counted.locked,
        previous=previous,
        next=following,
        withdrawn=_tombstone(version),
        collections=collection_links(work, version.record_id),
        repository_name=work.settings.site_name,
        test_prefix=trial_prefix(work.settings),
        terms=version.terms,
        data_class=version.data_class,
        personal_data_ground=version.personal_data_ground,
    )


def title_for(work: Work, actor: Actor, identifier: str, language: str) -> str | None:
    """The title of a record or version, published or draft; None where `actor` may not see it."""
    version = work.session.get(Version, identifier) or latest_visible(work, actor, identifier)
    if version is None or not can(actor, Action.VIEW, version, work.clock.now()):
        return None
    draft = work.session.get(Draft, version.id) if version.state == State.DRAFT else None
    told = draft.metadata_json if draft is not None else version.metadata_json
    return title_of(told, language) or None


def public_document(work: Work, version: Version) -> Document | None:
    """What the whole world may know: for harvesters, registries and the index."""
    return document_for(work, ANONYMOUS, version)


def downloadable_version(work: Work, actor: Actor, version_id: str) -> Version:
    """A version of whose files `actor` may have or know of some, or all where it has none. Raises
    NotFound, and Forbidden where the version may be known and none of its files.
    """
    version = find_version(work, actor, version_id)
    counted = count_files(work, actor, version)
    some = counted.files or counted.locked
    if not some and not can(actor, Action.DOWNLOAD, version, work.clock.now()):
        raise Forbidden(N_("The files of this record are not public."), way=way_to_ask(version.id))
    return version


def exportable_document(
    work: Work, actor: Actor, version: Version, *, files_limit: int = MAX_FILES
) -> Document:
    """What `actor` may take away of a version in another system's format. Raises NotFound where
    they may know nothing of it, Forbidden where its data are core: they are exported for nobody.
    """
    document = document_for(work, actor, version, files_limit=files_limit)
    if document is None:
        raise NotFound
    if is_core(version):
        raise Forbidden(N_("Core data are not exported, for nobody. Their page can be read here."))
    return document


def packable_version(work: Work, actor: Actor, version_id: str) -> Version:
    """A version whose files `actor` may have all at once. Raises TermsNotAccepted too."""
    version = downloadable_version(work, actor, version_id)
    require_accepted(actor, version, work.clock.now())
    return version


def downloadable_file(work: Work, actor: Actor, version_id: str, path: str) -> File:
    """A file whose bytes `actor` may have. Raises Forbidden where they may only know that it is
    there, and for every path of a version of whose files they may know nothing, TermsNotAccepted
    where they have terms to accept first, NotFound in every other case.
    """
    now = work.clock.now()
    if (given := _for_everyone(work, version_id, path, now)) is not None:
        return given
    query = (
        select(File, files_downloadable_by(actor, now).label("open"))
        .join(Version, Version.id == File.version_id)
        .where(
            File.version_id == version_id,
            File.path == path,
            File.committed,
            Version.state != State.DRAFT.value,
            files_listed_for(actor, now),
        )
    )
    found = work.session.execute(query).one_or_none()
    if found is None:
        if find_version(work, actor, version_id).state == State.PUBLISHED:
            downloadable_version(work, actor, version_id)
        raise NotFound
    if not found.open:
        message = N_("This file is restricted: ask the owner of the record for access.")
        raise Forbidden(message, way=way_to_ask(version_id))
    file: File = found[0]
    require_accepted(actor, work.session.get_one(Version, version_id), now)
    return file


def _for_everyone(work: Work, version_id: str, path: str, now: datetime) -> File | None:
    """A file that anybody may have, as most are: found without asking what this reader may."""
    found = work.session.execute(NAMED_FILE, {"version_id": version_id, "path": path}).one_or_none()
    return (
        found.File
        if found is not None and is_for_everyone(found.Version, found.File, now)
        else None
    )


def way_to_ask(version_id: str) -> str:
    """The path of the page where access to its files is asked for."""
    return f"/records/{version_id}/request-access"


def collection_links(work: Work, record_id: str) -> tuple[CollectionLink, ...]:
    """The collections of a record and those above; the caller asked whether it may be seen."""
    return tuple(
        CollectionLink(
            slug=each.slug,
            kind=each.kind,
            title_vi=each.title_vi,
            title_en=each.title_en,
            url=f"{work.settings.base_url}/collections/{each.slug}",
            direct=direct,
        )
        for each, direct in placements(work.session, [record_id])[record_id]
    )


def _access_status(version: Version, now: datetime) -> AccessStatus:
    over = embargo_is_over(version, now.date())
    opens = not over and is_ordinary(version)
    return AccessStatus(
        status=status(version, now.date()),
        record="restricted" if is_core(version) else "public" if over else version.record_access,
        files=_files_access(version, over=over),
        embargo_until=version.embargo_until if opens else None,
        embargo_reason=version.embargo_reason if opens else "",
    )


def _files_access(version: Version, *, over: bool) -> str:
    if not is_ordinary(version):
        return "restricted"
    return "public" if over else version.files_access


def _tombstone(version: Version) -> Tombstone | None:
    if version.state != State.WITHDRAWN:
        return None
    told = version.withdrawal
    return Tombstone(datetime.fromisoformat(told["at"]), told["reason"], told.get("note", ""))


def _neighbours(work: Work, actor: Actor, versions: Sequence[Version]) -> Neighbours:
    """The versions before and after each of `versions` among those that `actor` may see."""
    before, after = (
        each(Version.id).over(partition_by=Version.record_id, order_by=Version.number)
        for each in (func.lag, func.lead)
    )
    named = (
        select(Version.id, before.label("before"), after.label("after"))
        .where(
            Version.record_id.in_({version.record_id for version in versions}),
            Version.state != State.DRAFT.value,
            visible_to(actor, work.clock.now()),
        )
        .subquery()
    )
    asked = select(named).where(named.c.id.in_([version.id for version in versions]))
    pairs = {row.id: (row.before, row.after) for row in work.session.execute(asked)}
    wanted = {each for pair in pairs.values() for each in pair if each}
    found = work.session.scalars(select(Version).where(Version.id.in_(wanted))) if wanted else ()
    links = {each.id: _link(work, each) for each in found}
    return {
        each: (links.get(earlier), links.get(later)) for each, (earlier, later) in pairs.items()
    }


def _link(work: Work, version: Version) -> VersionLink:
    return VersionLink(
        id=version.id,
        number=version.number,
        doi=version.doi,
        label=str(version.metadata_json.get("version") or f"v{version.number}"),
        published_at=version.published_at or version.created_at,
        url=landing_url(work, version.id),
    )
