"""Records that may be the same: files of equal content, titles and creators that nearly agree.

Only what the one who asks may see is compared, so that nothing hidden shows by its shadow.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rapidfuzz import fuzz, utils
from sqlalchemy import Select, func, select

from repository.access.file_rules import files_downloadable_by
from repository.access.rules import visible_to
from repository.accounts.models import ANONYMOUS, Actor
from repository.core.work import Work
from repository.quality.subject import Subject, SubjectFile
from repository.records.models import File, Record, State, Version
from repository.records.titles import title_of

LIKE = 92
SAME_PEOPLE = 60
COMPARED = 5000
SHOWN = 5
MOST_FILES = 500
NOTHING = sha256(b"").hexdigest()  # an empty file is no sign of a double
Files = Mapping[str, Sequence[SubjectFile]]


@dataclass(frozen=True)
class Alike:
    """Another record's newest version; `files` of them have the same content."""

    version_id: str
    title: str
    files: int = 0


def alike(work: Work, actor: Actor, version: Version, subject: Subject) -> list[Alike]:
    """Other records that `version` may be a double of, those with equal files first."""
    found = {each.version_id: each for each in _equal_files(work, actor, version, subject)}
    for each in _equal_titles(work, actor, version, subject):
        found.setdefault(each.version_id, each)
    return list(found.values())[:SHOWN]


def doubled(work: Work, versions: Mapping[str, str], files: Files) -> set[str]:
    """Ids of those of which another public record's newest version has every file, by content.

    `versions` are record ids by version id, `files` what is in each.
    """
    digests = {
        each: frozenset(f.sha256 for f in files[each] if f.sha256) - {NOTHING} for each in versions
    }
    everything = frozenset[str]().union(*digests.values())
    if not everything:
        return set()
    known = _public_holders(work, everything).with_only_columns(
        File.sha256, func.min(Version.record_id), func.max(Version.record_id)
    )
    ends = {
        str(digest): (first, last)
        for digest, first, last in work.session.execute(known.group_by(File.sha256))
    }
    holders: dict[frozenset[str], list[str]] = {}
    found = set()
    for version, record in versions.items():
        mine = digests[version]
        if not mine or any(ends.get(each, (record, record)) == (record, record) for each in mine):
            continue
        if mine not in holders:
            holders[mine] = _holders(work, mine)
        if any(holder != record for holder in holders[mine]):
            found.add(version)
    return found


def _holders(work: Work, digests: Collection[str]) -> list[str]:
    """Two public records, if there are as many, that have all these contents."""
    query = (
        _public_holders(work, digests)
        .group_by(Version.record_id)
        .having(func.count(File.sha256.distinct()) == len(digests))
        .limit(2)
    )
    return list(work.session.scalars(query))


def _public_holders(work: Work, digests: Collection[str]) -> Select[tuple[str]]:
    """Records from whose newest version anybody may have a file of such content."""
    now = work.clock.now()
    return (
        select(Version.record_id)
        .select_from(File)
        .join(Version, Version.id == File.version_id)
        .join(Record, Record.latest_id == Version.id)
        .where(
            File.sha256.in_(sorted(digests)),
            Version.state == State.PUBLISHED.value,
            visible_to(ANONYMOUS, now),
            files_downloadable_by(ANONYMOUS, now),
        )
    )


def _equal_files(work: Work, actor: Actor, version: Version, subject: Subject) -> list[Alike]:
    digests = {file.sha256 for file in subject.files if file.sha256}
    if not digests:
        return []
    now = work.clock.now()
    query = (
        select(Version, File.sha256)
        .join(File, File.version_id == Version.id)
        .join(Record, Record.latest_id == Version.id)
        .where(
            File.sha256.in_(sorted(digests)[:MOST_FILES]),
            File.size > 0,
            Version.record_id != version.record_id,
            Version.state == State.PUBLISHED.value,
            visible_to(actor, now),
            files_downloadable_by(actor, now),
        )
        .limit(200)
    )
    counts: dict[str, tuple[Version, set[str]]] = {}
    for other, digest in work.session.execute(query):
        counts.setdefault(other.id, (other, set()))[1].add(str(digest))
    ordered = sorted(counts.values(), key=lambda pair: -len(pair[1]))
    return [Alike(v.id, title_of(v.metadata_json, "vi"), len(same)) for v, same in ordered]


def _equal_titles(work: Work, actor: Actor, version: Version, subject: Subject) -> list[Alike]:
    own = titles(subject.metadata)
    if not own:
        return []
    mine = people(subject.metadata)
    query = (
        select(Version.id, Version.metadata_json)
        .join(Record, Record.latest_id == Version.id)
        .where(
            Version.record_id != version.record_id,
            Version.state == State.PUBLISHED.value,
            visible_to(actor, work.clock.now()),
        )
        .order_by(Version.published_at.desc())
        .limit(COMPARED)
    )
    return [
        Alike(identifier, title_of(metadata, "vi"))
        for identifier, metadata in work.session.execute(query)
        if same(own, titles(metadata)) and same_people(mine, people(metadata))
    ]


def titles(metadata: dict[str, object]) -> list[str]:
    told = metadata.get("titles")
    found = told if isinstance(told, list) else []
    titles = [str(each.get("title") or "") for each in found if isinstance(each, dict)]
    return [plain for title in titles if len(plain := utils.default_process(title)) > 8]


def people(metadata: dict[str, object]) -> str:
    told = metadata.get("creators")
    found = told if isinstance(told, list) else []
    names = []
    for each in found[:20]:
        person = each.get("person_or_org") if isinstance(each, dict) else None
        if isinstance(person, dict):
            name = person.get("name") or " ".join(
                str(person.get(part) or "") for part in ("family_name", "given_name")
            )
            names.append(str(name))
    return utils.default_process(" ".join(names))


def same(mine: list[str], others: list[str]) -> bool:
    return any(fuzz.ratio(one, other, score_cutoff=LIKE) for one in mine for other in others)


def same_people(mine: str, others: str) -> bool:
    """Word order and missing co-authors do not matter; a draft without authors yet agrees."""
    return not mine or bool(fuzz.token_set_ratio(mine, others, score_cutoff=SAME_PEOPLE))
