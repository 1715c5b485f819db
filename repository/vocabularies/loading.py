"""Bringing a list into the database: term by term in batches, the rest retired at the end.

Memory is bounded by the batch, a killed import is repeated whole, and until its end nothing that
is in use is retired.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select, update

from repository.audit.services import log
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.vocabularies.models import MAX_CODE, Kind, Term, Vocabulary, VocabularyVersion
from repository.vocabularies.rows import TermRow

BATCH = 1000
MAX_TERMS = 1_000_000
_KEPT = ("uri", "parent", "label_vi", "label_en", "folded", "retired", "replaced_by", "props")


@dataclass(frozen=True)
class Description:
    """What a list is; what is empty stays as it is known."""

    id: str
    kind: str = Kind.SUBJECTS.value
    title_vi: str = ""
    title_en: str = ""
    scheme: str = ""
    scheme_uri: str = ""
    source: str = ""
    closed: bool = False
    digest: str = ""


@dataclass(frozen=True)
class Outcome:
    added: int
    changed: int
    retired: int
    total: int


def load(
    runtime: Runtime,
    told: Description,
    rows: Iterable[TermRow],
    version: str,
    *,
    user_id: int | None = None,
    whole: bool = True,
    progress: Callable[[int], None] = lambda _count: None,
) -> Outcome:
    """Bring a list's terms in as `version`; with `whole`, terms that are not among them retire.

    `progress` is told how many more are in after each batch. Raises ValidationFailed for a term
    without code or label, and for lists of the program.
    """
    with runtime.work() as work:
        number = _begin(work, told, version, user_id)
    added = changed = position = 0
    for batch in batches(rows):
        with runtime.work() as work:
            work.lock(f"vocabulary:{told.id}")
            new, other = _put(work, told.id, version, number, batch, position)
        added, changed, position = added + new, changed + other, position + len(batch)
        progress(len(batch))
    with runtime.work() as work:
        retired = _retire(work, told.id, version, number) if whole else 0
        return _finish(work, told, version, number, (added, changed, retired))


def batches(rows: Iterable[TermRow]) -> Iterator[list[TermRow]]:
    """Some at a time. Raises ValidationFailed: a term without code or label, none, too many."""
    source, position = iter(rows), 0
    while batch := _checked(islice(source, BATCH), position):
        position += len(batch)
        if position > MAX_TERMS:
            message = N_("A list has at most %(count)s terms.")
            raise ValidationFailed(errors=[FieldError("", message, {"count": MAX_TERMS})])
        yield batch
    if not position:
        raise ValidationFailed(errors=[FieldError("", N_("There is no term in this file."))])


def refuse_closed(told: Description, known: Vocabulary | None) -> None:
    """Raises ValidationFailed for a list that follows the program."""
    if known is not None and known.closed and not told.closed:
        message = N_("The list %(id)s is part of the program; it cannot be imported into.")
        raise ValidationFailed(errors=[FieldError("/vocabulary", message, {"id": told.id})])


def changes_of(term: Term, row: TermRow) -> dict[str, Any]:
    """The columns that a row would change, as they would be."""
    columns = row.columns()
    return {name: columns[name] for name in _KEPT if getattr(term, name) != columns[name]}


def _begin(work: Work, told: Description, version: str, user_id: int | None) -> int:
    now = work.clock.now()
    known = work.session.get(Vocabulary, told.id)
    if known is None:
        known = Vocabulary(
            id=told.id, kind=told.kind, title_vi="", title_en="", created_at=now, updated_at=now
        )
        work.session.add(known)
    refuse_closed(told, known)
    for name in ("title_vi", "title_en", "scheme", "scheme_uri", "source"):
        setattr(known, name, getattr(told, name) or getattr(known, name) or "")
    known.title_vi = known.title_vi or known.title_en or told.id
    known.scheme = known.scheme or (told.title_en or told.id)[:200]
    known.closed = told.closed
    begun = VocabularyVersion(vocabulary_id=told.id, version=version[:100], user_id=user_id, at=now)
    work.session.add(begun)
    work.session.flush()
    return begun.id


def _checked(rows: Iterator[TermRow], done: int) -> list[TermRow]:
    """The next rows, each code once; the last of two wins."""
    batch = {}
    for index, row in enumerate(rows, done + 1):
        if not row.code or len(row.code) > MAX_CODE or not (row.label_vi or row.label_en):
            message = N_("Term %(number)s needs a code of at most %(most)s characters and a label.")
            params = {"number": index, "most": MAX_CODE}
            raise ValidationFailed(errors=[FieldError(f"/{index}", message, params)])
        batch[row.code] = row
    return list(batch.values())


def _put(
    work: Work,
    vocabulary: str,
    version: str,
    number: int,
    batch: Sequence[TermRow],
    position: int,
) -> tuple[int, int]:
    codes = [row.code for row in batch]
    query = select(Term).where(Term.vocabulary_id == vocabulary, Term.code.in_(codes))
    known = {term.code: term for term in work.session.scalars(query)}
    fresh: list[dict[str, Any]] = []
    changed = 0
    for index, row in enumerate(batch, position):
        term = known.get(row.code)
        if term is None:
            place = {"vocabulary_id": vocabulary, "code": row.code, "position": index}
            fresh.append(
                row.columns() | place | {"since": version[:100], "until": "", "seen": number}
            )
            continue
        if changes := changes_of(term, row):
            changed += 1
            for name, value in changes.items():
                setattr(term, name, value)
        term.seen, term.position = number, index
        term.until = version[:100] if term.retired else ""
    if fresh:
        work.session.execute(insert(Term), fresh)
    return len(fresh), changed


def _retire(work: Work, vocabulary: str, version: str, number: int) -> int:
    gone = (
        update(Term)
        .where(Term.vocabulary_id == vocabulary, Term.seen != number, ~Term.retired)
        .values(retired=True, until=version[:100])
        .returning(Term.id)
    )
    return len(work.session.execute(gone).all())


def _finish(
    work: Work, told: Description, version: str, number: int, counts: tuple[int, int, int]
) -> Outcome:
    standing = select(func.count()).where(Term.vocabulary_id == told.id, ~Term.retired)
    total = work.session.scalar(standing) or 0
    vocabulary = work.session.get_one(Vocabulary, told.id)
    vocabulary.version, vocabulary.terms = version[:100], total
    vocabulary.digest, vocabulary.updated_at = told.digest, work.clock.now()
    done = work.session.get_one(VocabularyVersion, number)
    done.added, done.changed, done.retired = counts
    log(work, done.user_id, "vocabulary.import", "vocabulary", told.id, version=version[:100])
    return Outcome(*counts, total)
