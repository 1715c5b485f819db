"""What a subject is called, in each language and with all that is wider than it.

Published subjects carry their term's label in one language. By it they are found as a facet's
value; readers are shown the label in theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from repository.core.work import Work
from repository.vocabularies.models import Kind, Term, Vocabulary
from repository.vocabularies.subjects import ALIASES, known_lists
from repository.vocabularies.terms import MAX_STEPS, by_codes

Key = tuple[str, str]


def term_called(work: Work, label: str) -> Term | None:
    """The subject whose label in metadata is this; one in force before one that is not."""
    lists = select(Vocabulary.id).where(Vocabulary.kind == Kind.SUBJECTS.value)
    query = select(Term).where(Term.label_en == label[:500], Term.vocabulary_id.in_(lists))
    return work.session.scalar(query.order_by(Term.retired, Term.id).limit(1))


@dataclass(frozen=True)
class Words:
    """`wider` are the labels, as facet values, of what lies above; `texts` all labels of all."""

    wider: tuple[str, ...]
    texts: tuple[str, ...]


def words_of(work: Work, metadata: Iterable[Mapping[str, Any]]) -> dict[Key, Words]:
    """Of all subjects with a scheme of ours and a code, by these two as metadata write them."""
    pairs = {
        (str(s["scheme"]), str(s["classification_code"]))
        for each in metadata
        for s in each.get("subjects") or ()
        if s.get("scheme") and s.get("classification_code")
    }
    if not pairs:
        return {}
    known = known_lists(work)
    wanted: dict[Key, Key] = {}
    for scheme, code in pairs:
        vocabulary = known.get(ALIASES.get(scheme.lower(), scheme.lower()))
        if vocabulary is not None:
            wanted[scheme, code] = (vocabulary.id, code)
    terms = by_codes(work, wanted.values())
    level = terms
    for _ in range(MAX_STEPS):
        above = {(t.vocabulary_id, t.parent) for t in level.values() if t.parent} - terms.keys()
        if not above:
            break
        level = by_codes(work, above)
        terms |= level
    return {pair: _words(key, terms) for pair, key in wanted.items() if key in terms}


def _words(key: Key, terms: Mapping[Key, Term]) -> Words:
    chain = [terms[key]]
    while (up := (key[0], chain[-1].parent)) in terms and len(chain) <= MAX_STEPS:
        chain.append(terms[up])
    texts = (text for term in chain for text in term.labels.values())
    return Words(tuple(term.label("en") for term in chain[1:]), tuple(texts))
