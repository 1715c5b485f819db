"""Looking terms up: by code or address, by what someone types, by what is nearest."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process, utils
from sqlalchemy import ColumnElement, Select, case, func, or_, select

from repository.core import fold
from repository.core.errors import NotFound
from repository.core.work import Work
from repository.vocabularies.models import Term, Vocabulary, VocabularyVersion

MAX_STEPS = 10
MAX_COMPARED = 10_000
NEAREST = 3


def vocabulary_of(work: Work, identifier: str) -> Vocabulary:
    found = work.session.get(Vocabulary, identifier)
    if found is None:
        raise NotFound
    return found


def vocabularies(work: Work, kind: str = "") -> list[Vocabulary]:
    query = select(Vocabulary).order_by(Vocabulary.kind.desc(), Vocabulary.id)
    return list(work.session.scalars(query.where(Vocabulary.kind == kind) if kind else query))


def versions_of(work: Work, vocabulary: str, limit: int = 100) -> list[VocabularyVersion]:
    """The imports that a list came in, the newest first."""
    query = select(VocabularyVersion).where(VocabularyVersion.vocabulary_id == vocabulary)
    return list(work.session.scalars(query.order_by(VocabularyVersion.id.desc()).limit(limit)))


def term_of(work: Work, vocabulary: str, code: str) -> Term | None:
    query = select(Term).where(Term.vocabulary_id == vocabulary, Term.code == code)
    return work.session.scalar(query)


def term_at(work: Work, uri: str) -> Term | None:
    """The term with this address; a standing one before a retired one."""
    if not uri:
        return None
    query = select(Term).where(Term.uri == uri).order_by(Term.retired, Term.id).limit(1)
    return work.session.scalar(query)


def current(work: Work, term: Term) -> Term:
    """What a retired term was replaced by, however often; the term itself where by nothing."""
    for _ in range(MAX_STEPS):
        following = term.replaced_by and term_of(work, term.vocabulary_id, term.replaced_by)
        if not following:
            return term
        term = following
    return term


def ancestors(work: Work, term: Term) -> list[Term]:
    """The terms above, the widest first."""
    above: list[Term] = []
    while term.parent and len(above) < MAX_STEPS:
        found = term_of(work, term.vocabulary_id, term.parent)
        if found is None or found in above:
            break
        above.insert(0, found)
        term = found
    return above


def children(work: Work, vocabulary: str, parent: str, limit: int = 500) -> list[Term]:
    query = select(Term).where(Term.vocabulary_id == vocabulary, Term.parent == parent)
    return list(work.session.scalars(query.order_by(Term.position, Term.code).limit(limit)))


def found_by(
    work: Work,
    typed: str,
    *,
    vocabulary: str = "",
    kind: str = "",
    retired: bool = False,
    parent: str | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[list[Term], int]:
    """Terms whose words begin with all the words typed, marks or none, and how many there are.

    Nothing typed is all of them, in the order of the list.
    """
    query = _matching(typed, vocabulary, kind, retired)
    if parent is not None:
        query = query.where(Term.parent == parent)
    total = work.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = work.session.scalars(query.order_by(*_order(typed)).offset(offset).limit(limit))
    return list(rows), total


def suggested(work: Work, typed: str, kind: str, *, limit: int = 10) -> list[Term]:
    """The first few for who is still typing; for nothing typed, nothing."""
    if not fold.tokens(typed[:200]):
        return []
    query = _matching(typed[:200], "", kind, retired=False).order_by(*_order(typed[:200]))
    return list(work.session.scalars(query.limit(limit)))


def _matching(typed: str, vocabulary: str, kind: str, retired: bool) -> Select[tuple[Term]]:
    query = select(Term)
    if vocabulary:
        query = query.where(Term.vocabulary_id == vocabulary)
    if kind:
        ids = select(Vocabulary.id).where(Vocabulary.kind == kind)
        query = query.where(Term.vocabulary_id.in_(ids))
    if not retired:
        query = query.where(~Term.retired)
    words = [Term.folded.contains(f" {word}", autoescape=True) for word in _words(typed)]
    if words:
        code = typed.strip().rpartition(":")[2]
        query = query.where(or_(Term.code == code, Term.uri == typed.strip(), _all(words)))
    return query


def _all(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *others = conditions
    for each in others:
        first &= each
    return first


def _words(typed: str) -> list[str]:
    return fold.tokens(typed[:200])[:10]


def _order(typed: str) -> tuple[ColumnElement[int], ...]:
    words = _words(typed)
    if not words:
        return (Term.vocabulary_id, Term.position, Term.id)  # type: ignore[return-value]
    exact = case((Term.code == typed.strip().rpartition(":")[2], 0), else_=1)
    starts = case((Term.folded.startswith(f" {' '.join(words)}", autoescape=True), 0), else_=1)
    return (exact, starts, func.length(Term.folded), Term.position, Term.id)  # type: ignore[return-value]


def nearest(work: Work, vocabulary: str, wrong: str, limit: int = NEAREST) -> list[Term]:
    """Standing terms whose code or label is most like what was written."""
    query = (
        select(Term)
        .where(Term.vocabulary_id == vocabulary, ~Term.retired)
        .order_by(Term.position)
        .limit(MAX_COMPARED)
    )
    known = list(work.session.scalars(query))
    codes = process.extract(
        wrong.lower(), [t.code.lower() for t in known], scorer=fuzz.ratio, limit=limit
    )
    labels = [n for term in known for n in (term.label_vi, term.label_en)]
    named = process.extract(
        wrong, labels, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit * 2
    )
    scored = [(score, index) for _code, score, index in codes]
    scored += [(score * 0.9, index // 2) for _name, score, index in named]
    best = dict.fromkeys(index for score, index in sorted(scored, reverse=True) if score > 50)
    return [known[index] for index in best][:limit]


def by_codes(work: Work, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Term]:
    """Many at once, by (vocabulary, code)."""
    lists: dict[str, set[str]] = {}
    for vocabulary, code in wanted:
        lists.setdefault(vocabulary, set()).add(code)
    found: dict[tuple[str, str], Term] = {}
    for vocabulary, codes in lists.items():
        query = select(Term).where(Term.vocabulary_id == vocabulary, Term.code.in_(codes))
        found |= {(vocabulary, term.code): term for term in work.session.scalars(query)}
    return found
