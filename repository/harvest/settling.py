"""What a source's item becomes here: a record, a revision, a draft for review, a tombstone."""

from typing import Any

from sqlalchemy import Select, select

from repository.access.rules import Action, can
from repository.accounts.models import Actor
from repository.core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    RepositoryError,
    ValidationFailed,
)
from repository.core.messages import N_
from repository.core.work import Work
from repository.curation import placing, reviews
from repository.deposit import publish as publishing
from repository.deposit import review as reviewing
from repository.deposit.checks import as_published, checked, metadata_problems
from repository.deposit.drafts import create_draft, discard_draft, save_draft
from repository.harvest.kinds.base import Entry
from repository.harvest.models import HarvestedItem, HarvestSource, ItemState
from repository.harvest.reading import Told
from repository.harvest.rules import merged
from repository.pid import services as pid
from repository.records.metadata.dates import is_moment
from repository.records.models import Draft, State, Version
from repository.records.origins import Origin
from repository.records.reviews import UNDER_REVIEW

REASON = "removed-at-source"
OURS = N_("Its DOI %(doi)s is of this repository's own prefix: another cannot bring it.")


TWICE = N_("Another source brings the same item already.")


def explained(error: RepositoryError) -> str:
    """What is wrong, with the places, in one line."""
    wrong = [f"{e.pointer}: {e.message % dict(e.params)}" for e in error.errors]
    return "; ".join([str(error), *wrong[:5]])[:1000]


def version_of(work: Work, source: HarvestSource, item: HarvestedItem) -> Version | None:
    """What the item became here; also before its source was removed and added again."""
    if item.version_id is not None:
        return work.session.get(Version, item.version_id, with_for_update=True)
    if item.state != ItemState.REFUSED:
        return None
    held = select(HarvestedItem.id).where(HarvestedItem.version_id == Version.id)
    before = _brought(source, item.identifier).where(~held.exists())
    return work.session.scalar(before.order_by(Version.number.desc()).limit(1))


def _brought(source: HarvestSource, identifier: str) -> Select[tuple[Version]]:
    return (
        select(Version)
        .join(Origin, Origin.record_id == Version.record_id)
        .where(Origin.base_url == source.address, Origin.identifier == identifier)
    )


def create(
    work: Work, actor: Actor, source: HarvestSource, identifier: str, entry: Entry, told: Told
) -> str:
    """A record without files; published, or submitted to the curators of the source's collection.

    The id of its version. Raises RepositoryError for what cannot be taken.
    """
    if work.session.scalar(_brought(source, identifier).limit(1)) is not None:
        raise Conflict(TWICE)
    draft = create_draft(work, actor, _dated(work, entry, source, told), files_enabled=False)
    draft.external_doi = _foreign(work, told.doi) or None
    origin = Origin(record_id=draft.version.record_id, base_url=source.address)
    origin.identifier = identifier
    _tell(work, origin, source, entry, told)
    work.session.add(origin)
    metadata, _access = checked(work, draft, "import")
    draft.metadata_json = metadata
    if source.review and source.collection is not None:
        reviews.begin(work, actor, draft.version, source.collection)
        reviewing.submit_quietly(work, actor, draft)
        origin.said = metadata
        return draft.version_id
    version = publishing.publish(work, actor, draft.version_id, stage="import")
    origin.said = version.metadata_json
    if source.collection is not None:
        placing.place(work, actor, source.collection, version.record)
    return version.id


def _dated(work: Work, entry: Entry, source: HarvestSource, told: Told) -> dict[str, Any]:
    """With the day of the source's last change where it names no date of publication that can be,
    and with the source as publisher where it names none.
    """
    day = entry.datestamp[:10]
    day = day if is_moment(day) else work.clock.now().date().isoformat()
    return {"publication_date": day, "publisher": source.name} | told.metadata


def _foreign(work: Work, doi: str) -> str:
    """A DOI that is the source's to give. Raises Conflict."""
    if doi and pid.is_registered_here(work, doi):
        raise Conflict(
            OURS, errors=[FieldError("/pids/doi/identifier", OURS, {"doi": doi})], doi=doi
        )
    return doi


def _tell(work: Work, origin: Origin, source: HarvestSource, entry: Entry, told: Told) -> None:
    origin.source, origin.url = source.name, told.url
    origin.datestamp, origin.namespace = entry.datestamp, told.namespace
    origin.harvested_at = work.clock.now()


def change(
    work: Work, actor: Actor, source: HarvestSource, version: Version, entry: Entry, told: Told
) -> bool:
    """Let what a version says follow its source, but for the fields that were edited here.

    The caller asked whether `actor` may. Raises RepositoryError for what cannot be taken.
    """
    origin = work.session.get_one(Origin, version.record_id)
    says = _valid(work, _dated(work, entry, source, told))
    draft = work.session.get_one(Draft, version.id) if version.state == State.DRAFT else None
    here = draft.metadata_json if draft is not None else version.metadata_json
    metadata, origin.said = merged(here, origin.said, says), says
    doi = _foreign(work, told.doi)
    returns = version.state == State.WITHDRAWN
    same = metadata == here and doi in ("", version.doi) and told.url == origin.url
    if same and not returns:
        return False
    _tell(work, origin, source, entry, told)
    if draft is not None:
        draft.external_doi = doi or None
        save_draft(work, actor, version.id, metadata=metadata)
        reviewing.renew_fingerprint(work, draft)
        return True
    if returns:
        publishing.reinstate(work, version)
    if doi:
        pid.take_external(work, version, doi)
    metadata = _valid(work, metadata)
    publishing.revise(work, actor, version, metadata, source=source.name)
    publishing.tell_everyone(work, version)
    return True


def _valid(work: Work, metadata: dict[str, Any]) -> dict[str, Any]:
    errors = [
        FieldError(p.pointer, p.message, p.params)
        for p in metadata_problems(work, metadata, "import")
        if p.severity == "error"
    ]
    if errors:
        raise ValidationFailed(N_("The record cannot be published yet."), errors=errors)
    return as_published(work, metadata)


def take_out(work: Work, actor: Actor, version: Version) -> None:
    """Throw away a draft that waits for its review: there is nothing any more to look at."""
    review = reviews.of_version(work, version.id)
    if review is not None and review.status in UNDER_REVIEW:
        reviews.cancel(work, actor, review)
    discard_draft(work, actor, version.id)


def withdraw(work: Work, actor: Actor, source: HarvestSource, version: Version) -> None:
    """Raises Forbidden."""
    if not can(actor, Action.WITHDRAW, version, work.clock.now()):
        raise Forbidden
    publishing.withdraw(work, actor, version, REASON, source.name)
