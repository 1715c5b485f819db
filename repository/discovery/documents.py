"""What is indexed of a published version.

Reads the stored metadata as it lies there, without building the model again: a rebuild goes
through every version there is. What only some may see is indexed too, with numbers from which
the access filter decides (`access_filter`); names of files only where anyone may have the files.
Core data are not indexed at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from repository.access.file_rules import files_listed_for
from repository.access.membership import reviewed_versions
from repository.access.rules import granted_records, linked_records, public_from, status
from repository.accounts.models import ANONYMOUS, Actor
from repository.core import fold
from repository.core.work import Work
from repository.discovery import places
from repository.discovery.engines.base import IndexDocument
from repository.discovery.engines.nodes import EVERYTHING, And, AnyOf, Node, Not, Or, Range
from repository.discovery.standing import standing
from repository.records.collections import Collection, CollectionMember
from repository.records.data_class import DataClass
from repository.records.models import File, Permission, Record, Version
from repository.records.placement import placements
from repository.stats.services import totals
from repository.vocabularies.labels import Words, words_of

MAX_FILE_NAMES = 200
MAX_TEXT = 100_000
MAX_GRANTS = 50_000  # of one reader; records beyond are not found by searching
NEVER = 10_000_000  # beyond every date's ordinal
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Json = Mapping[str, Any]
COLUMNS = (
    Version.id,
    Version.record_id,
    Version.number,
    Version.doi,
    Version.metadata_json,
    Version.record_access,
    Version.files_access,
    Version.embargo_until,
    Version.files_enabled,
    Version.delete_files_at,
    Version.data_class,
    Version.updated_at,
    func.coalesce(Version.published_at, Version.created_at),
    Record.doi,
    Record.owner_id,
)


class Published(NamedTuple):
    """`COLUMNS` of a version: what a document or the access rule reads. More would be decoded in
    vain, and an object of the session for each took as long again.
    """

    id: str
    record_id: str
    number: int
    doi: str | None
    metadata_json: dict[str, Any]
    record_access: str
    files_access: str
    embargo_until: date | None
    files_enabled: bool
    delete_files_at: date | None
    data_class: str
    updated_at: datetime
    published_at: datetime
    record_doi: str | None
    owner_id: int


def index_documents(work: Work, record_ids: Sequence[str]) -> dict[str, list[IndexDocument]]:
    """For each record, the documents of its published versions; none where it has none."""
    now = work.clock.now()
    versions = _published(work, record_ids)
    names = _file_names(work, [v for each in versions.values() for v in each], now)
    placed = placements(work.session, record_ids)
    used = totals(work, record_ids)
    collections = {record: _collections(placed[record]) for record in record_ids}
    words = words_of(work, (v.metadata_json for each in versions.values() for v in each))
    return {
        record: [
            _document(
                version,
                versions[record],
                names.get(version.id, ()),
                collections[record],
                used[record].unique_any,
                now.date(),
                words,
            )
            for version in versions[record]
        ]
        for record in record_ids
    }


def _collections(placed: Sequence[tuple[Collection, bool]]) -> dict[str, list[str]]:
    """Slugs of the collections and of those above; the ids of those whose members have access."""
    return {
        "collection": [each.slug for each, _direct in placed],
        "placed": [str(each.id) for each, direct in placed if direct],
    }


def _published(work: Work, record_ids: Sequence[str]) -> dict[str, list[Published]]:
    query = (
        select(*COLUMNS)
        .join(Record, Record.id == Version.record_id)
        .where(
            Version.record_id.in_(record_ids),
            Version.data_class != DataClass.CORE.value,
            standing(),
        )
        .order_by(Version.number)
    )
    found: dict[str, list[Published]] = {record: [] for record in record_ids}
    for version in map(Published._make, work.session.execute(query)):
        found[version.record_id].append(version)
    return found


def _file_names(
    work: Work, versions: Sequence[Published], now: datetime
) -> dict[str, list[tuple[str, str]]]:
    """Paths and media types by version, of files that the whole world may know of."""
    query = (
        select(File.version_id, File.path, File.media_type)
        .join(Version, Version.id == File.version_id)
        .where(
            File.version_id.in_([version.id for version in versions]),
            File.committed,
            files_listed_for(ANONYMOUS, now),
        )
        .order_by(File.version_id, File.path)
        .execution_options(yield_per=1000)
    )
    names: dict[str, list[tuple[str, str]]] = {}
    for version_id, path, media_type in work.session.execute(query):
        known = names.setdefault(version_id, [])
        if len(known) < MAX_FILE_NAMES:
            known.append((path, media_type))
    return names


def _document(
    version: Published,
    versions: Sequence[Published],
    files: Sequence[tuple[str, str]],
    collections: Mapping[str, list[str]],
    used: int,
    today: date,
    words: Mapping[tuple[str, str], Words],
) -> IndexDocument:
    metadata = version.metadata_json
    titles = [each["title"] for each in metadata.get("titles", ())]
    agents = [*metadata.get("creators", ()), *metadata.get("contributors", ())]
    people = list(_people(agents))
    institutions = [name for agent in agents for name in _names(agent.get("affiliations"))]
    topics = _topics(metadata)
    coded = [found for found in map(words.get, _codes(metadata)) if found is not None]
    subjects = [*topics, *(text for found in coded for text in found.texts)]
    topics += [wider for found in coded for wider in found.wider]
    texts = [
        *titles,
        *people,
        *dict.fromkeys(subjects),
        *institutions,
        *_other_texts(metadata),
        *(path for path, _ in files),
    ]
    once = {text: fold.fold_text(text[:MAX_TEXT]) for text in texts}
    folded = [once[text] for text in texts]
    return IndexDocument(
        id=version.id,
        record=version.record_id,
        texts={
            "text": [each.folded for each in folded],
            "stem": [each.plain for each in folded if each.plain],
            "marked": [each.marked for each in folded],
            "title": [once[text].folded for text in titles],
            "creator": [once[text].folded for text in people],
            "subject": [once[text].folded for text in subjects],
        },
        keywords={
            **_keywords(version, today),
            "identifier": _distinct(_identifiers(version, agents)),
            "topic": _distinct(topics),
            "institution": _distinct(institutions),
            "format": _distinct(media_type for _, media_type in files),
            **collections,
        },
        numbers=_numbers(version, versions) | {"used": used},
        sort_title=fold.dictionary_key(once[titles[0]].marked if titles else ""),
    )


def _topics(metadata: Json) -> list[str]:
    return [each["subject"] for each in metadata.get("subjects", ()) if each.get("subject")]


def _codes(metadata: Json) -> Iterator[tuple[str, str]]:
    for each in metadata.get("subjects", ()):
        yield str(each.get("scheme") or ""), str(each.get("classification_code") or "")


def _people(agents: Sequence[Json]) -> Iterator[str]:
    """Names in both orders: DataCite has "Family, Given", and people ask for either."""
    for agent in agents:
        person = agent["person_or_org"]
        yield person.get("name") or ""
        if person.get("given_name"):
            yield f"{person['given_name']} {person.get('family_name') or ''}"


def _other_texts(metadata: Json) -> Iterator[str]:
    for described in metadata.get("descriptions", ()):
        yield described["description"]
    for funding in metadata.get("funding", ()):
        yield from _names([funding.get("funder") or {}])
        award = funding.get("award") or {}
        yield from (str(award[key]) for key in ("number", "title") if award.get(key))
    for feature in (metadata.get("locations") or {}).get("features", ()):
        yield from (str(feature[key]) for key in ("place", "description") if feature.get(key))
    yield metadata.get("publisher") or ""


def _names(organisations: Sequence[Json] | None) -> Iterator[str]:
    return (each["name"] for each in organisations or () if each.get("name"))


def _keywords(version: Published, today: date) -> dict[str, list[str]]:
    metadata, year = version.metadata_json, _year(version.metadata_json)
    resource_type = (metadata.get("resource_type") or {}).get("id")
    funders = [each.get("funder") or {} for each in metadata.get("funding", ())]
    return {
        "publisher": _distinct((metadata.get("publisher"),)),
        "type": _distinct((resource_type,)),
        "years": [year] if year else [],
        "language": _distinct([each["id"] for each in metadata.get("languages", ())]),
        "access": [status(version, today)],
        "license": _distinct([each.get("id") for each in metadata.get("rights", ())]),
        "funder": _distinct(_names(funders)),
    }


def _distinct(values: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys([str(value)[:500] for value in values if value]))


def _identifiers(version: Published, agents: Sequence[Json]) -> Iterator[str]:
    metadata = version.metadata_json
    yield from (doi.lower() for doi in (version.doi, version.record_doi) if doi)
    yield from (version.id, version.record_id)
    for agent in agents:
        organisations = agent.get("affiliations") or ()
        for holder in (agent["person_or_org"], *organisations):
            for each in holder.get("identifiers") or ():
                yield str(each["identifier"]).lower()
    for each in (*metadata.get("identifiers", ()), *metadata.get("related_identifiers", ())):
        yield str(each["identifier"]).lower()


def _year(metadata: Json) -> str:
    year = str(metadata.get("publication_date") or "")[:4]
    return year if year.isdigit() else ""


def _numbers(version: Published, versions: Sequence[Published]) -> dict[str, int]:
    """When the world may see a version, and when as the newest one it may see."""
    start = _ordinal(public_from(version))
    later = []
    if len(versions) > 1:
        later = [_ordinal(public_from(v)) for v in versions if v.number > version.number]
    return {
        "year": int(_year(version.metadata_json) or 0),
        "published": published_number(version.published_at),
        "modified": published_number(version.updated_at),
        "public_from": start,
        "shown_from": start,
        "shown_until": min(later, default=NEVER),
        "newest": int(not later),
        "owner": version.owner_id,
        **places.numbers(version.metadata_json.get("locations")),
    }


def published_number(moment: datetime) -> int:
    """Microseconds since 1970, which sort versions published within one second too."""
    return (moment - EPOCH) // MICROSECOND


def _ordinal(day: date | None) -> int:
    return NEVER if day is None else day.toordinal()


def access_filter(work: Work, actor: Actor, *, all_versions: bool = False) -> Node:
    """The access rule inside the query, so that totals, facets and suggestions do not leak.

    It says what is not there for them: that is seldom much, and quickly looked up, where going
    through all that is there took a quarter of a search. What is found is asked of `visible_to`
    again when it is read from the database.
    """
    now = work.clock.now()
    day = now.date().toordinal()
    unseen = Range("public_from", day + 1, None)
    hidden = Or((Range("shown_from", day + 1, None), Range("shown_until", None, day)))
    old = Range("newest", 0, 0)
    linked = linked_records(actor, Permission.VIEW, now)
    if (actor.user_id is None and not linked) or not actor.scopes:
        return Not(unseen if all_versions else hidden)
    if actor.is_curator:
        return EVERYTHING if all_versions else Not(old)
    own = _own(work, actor, linked, now)
    if all_versions:
        return Not(And((unseen, Not(own))))
    return Not(Or((And((hidden, Not(own))), And((old, own)))))


def _own(work: Work, actor: Actor, linked: Sequence[str], now: datetime) -> Node:
    """What is there for this reader beside what is there for everyone."""
    by_link = AnyOf("record", tuple(linked))
    if actor.user_id is None:
        return by_link
    mine = select(CollectionMember.collection_id).where(CollectionMember.user_id == actor.user_id)
    return Or(
        (
            by_link,
            Range("owner", actor.user_id, actor.user_id),
            AnyOf("record", _values(work, granted_records(actor, Permission.VIEW, now))),
            AnyOf("placed", _values(work, mine)),
            AnyOf("id", _values(work, reviewed_versions(actor.user_id, Permission.VIEW))),
        )
    )


def _values(work: Work, query: Select[Any]) -> tuple[str, ...]:
    """One column, past the session, which would take thrice as long over thousands of rows."""
    rows = work.session.connection().execute(query.limit(MAX_GRANTS))
    return tuple(map(str, rows.scalars().all()))
