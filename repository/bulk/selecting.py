"""Which records a bulk edit is about: found by a search, named in a list, having a term."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Text, cast, select

from repository.core.work import Work
from repository.records.models import Record, State, Version
from repository.vocabularies.subjects import Lookup, claim_of

MAX_RECORDS = 20_000
SCANNED = 500


def versions_named(work: Work, given: Sequence[str]) -> dict[str, str]:
    """The version that each id, of a version, a record or a DOI, means: of a record its newest."""
    bare = {each: _bare(each) for each in given}
    wanted = list(set(bare.values()))
    found: dict[str, str] = {}
    for model in (Version, Record):
        latest = Version.id if model is Version else Record.latest_id
        query = select(model.id, model.doi, latest).where(
            model.id.in_(wanted) | model.doi.in_(wanted)
        )
        for identifier, doi, version in work.session.execute(query):
            for name in (identifier, doi):
                if name and version:
                    found.setdefault(name.lower(), version)
    return {each: found[name] for each, name in bare.items() if name in found}


def _bare(given: str) -> str:
    """An id out of the address of a page or a DOI."""
    text = given.strip().lower()
    if "doi.org/" in text:
        return text.partition("doi.org/")[2]
    return text.rpartition("/records/")[2] if "/records/" in text else text.removeprefix("doi:")


def versions_with(work: Work, key: str) -> Iterator[list[str]]:
    """Ids, some at a time, of published versions with a subject that is the term `LIST:CODE`."""
    vocabulary, _, code = key.partition(":")
    lookup = Lookup(work)
    query = select(Version.id, Version.metadata_json).where(Version.state == State.PUBLISHED.value)
    if code.isascii():
        query = query.where(
            cast(Version.metadata_json, Text).contains(f'"{code}"', autoescape=True)
        )
    rows = work.session.execute(query.execution_options(yield_per=SCANNED))
    for batch in rows.partitions(SCANNED):
        yield [
            identifier
            for identifier, metadata in batch
            if any(_is(lookup, s, vocabulary, code) for s in metadata.get("subjects") or ())
        ]


def _is(lookup: Lookup, subject: Any, vocabulary: str, code: str) -> bool:
    if subject.get("classification_code") != code:
        return False
    claim = claim_of(lookup, subject)
    return claim is not None and claim.vocabulary.id == vocabulary
