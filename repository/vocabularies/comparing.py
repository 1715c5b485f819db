"""What an import would change in a list, told before anything changes."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from repository.core.work import Work
from repository.vocabularies.files import Source
from repository.vocabularies.loading import batches, changes_of
from repository.vocabularies.models import Term
from repository.vocabularies.rows import TermRow

SHOWN = 100  # examples of each kind


@dataclass
class Compared:
    """Counts of terms, and the first of each kind."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    total: int = 0
    examples: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"added": [], "changed": [], "retired": []}
    )

    def note(self, kind: str, told: dict[str, Any]) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples[kind]) < SHOWN:
            self.examples[kind].append(told)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def compare(work: Work, source: Source, *, whole: bool) -> Compared:
    """Against the list as it is; memory holds the codes. Raises ValidationFailed."""
    compared, vocabulary = Compared(), source.told.id
    seen: set[str] = set()
    for batch in batches(source.rows):
        compared.total += len(batch)
        codes = [row.code for row in batch]
        query = select(Term).where(Term.vocabulary_id == vocabulary, Term.code.in_(codes))
        known = {term.code: term for term in work.session.scalars(query)}
        for row in batch:
            _note(compared, known.get(row.code), row)
        seen.update(codes)
        work.session.expunge_all()
    if whole:
        standing = (
            select(Term.code, Term.label_vi, Term.label_en)
            .where(Term.vocabulary_id == vocabulary, ~Term.retired)
            .order_by(Term.position, Term.id)
            .execution_options(yield_per=1000)
        )
        for code, vi, en in work.session.execute(standing):
            if code not in seen:
                compared.note("retired", {"code": code, "label": vi or en})
    return compared


def _note(compared: Compared, term: Term | None, row: TermRow) -> None:
    told: dict[str, Any] = {"code": row.code, "label": row.label_vi or row.label_en}
    if term is None:
        compared.note("added", told)
        return
    changes = changes_of(term, row)
    if not changes:
        return
    before = {name: getattr(term, name) for name in changes if name not in ("folded", "props")}
    parts = [[name, str(old), str(changes[name])] for name, old in before.items()]
    compared.note("changed", told | {"parts": parts})
