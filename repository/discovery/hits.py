"""From what an engine found to what a reader may see."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from repository.access.rules import visible_to
from repository.accounts.models import Actor
from repository.core.work import Work
from repository.discovery.standing import standing
from repository.records.models import Version


def visible_in_order(work: Work, actor: Actor, ids: Sequence[str]) -> list[Version]:
    """The versions with these ids that `actor` may see now, whatever the index still believes."""
    query = (
        select(Version)
        .where(Version.id.in_(ids), standing(), visible_to(actor, work.clock.now()))
        .options(joinedload(Version.record))
    )
    found = {version.id: version for version in work.session.scalars(query)}
    return [found[each] for each in ids if each in found]


def summary_texts(version: Version) -> list[str]:
    """Titles, then descriptions."""
    metadata = version.metadata_json
    return [
        *(each["title"] for each in metadata.get("titles", ())),
        *(each["description"] for each in metadata.get("descriptions", ())),
    ]


def subjects_of(version: Version) -> list[str]:
    """The subjects that have a text of their own, in their order."""
    subjects = version.metadata_json.get("subjects", ())
    return [each["subject"] for each in subjects if each.get("subject")]
