"""Terms of lists offered where something is typed: by a script as one types, else by a button."""

from dataclasses import dataclass, field
from typing import Any

from repository.core.work import Work
from repository.deposit.form.actions import row_at
from repository.deposit.form.rows import Row
from repository.deposit.form.schema import FORM
from repository.vocabularies.models import Kind, Term
from repository.vocabularies.subjects import key_of, subject_of
from repository.vocabularies.terms import suggested, term_of, vocabulary_of

KINDS = {Kind.SUBJECTS.value, Kind.AFFILIATIONS.value, Kind.FUNDERS.value, Kind.AWARDS.value}
OFFERED = 8


@dataclass(frozen=True)
class Suggestion:
    """`values` go into the inputs of the row by their names, `rest` into what it does not show."""

    key: str
    label: str
    note: str
    values: dict[str, str]
    rest: dict[str, Any] = field(default_factory=dict)


def suggestions(work: Work, kind: str, typed: str, language: str) -> list[Suggestion]:
    """For what was typed so far; nothing for a kind that there is not."""
    if kind not in KINDS:
        return []
    return [_of(work, kind, term, language) for term in suggested(work, typed, kind, limit=OFFERED)]


def _of(work: Work, kind: str, term: Term, language: str) -> Suggestion:
    label, key = term.label(language), key_of(term.vocabulary_id, term.code)
    vocabulary = vocabulary_of(work, term.vocabulary_id)
    if kind == Kind.SUBJECTS:
        made = subject_of(vocabulary, term)
        made["lang"] = language if term.labels.get(language) else made["lang"]
        del made["subject"]
        note = f"{term.code} · {vocabulary.title(language)}"
        return Suggestion(key, label, note, {"subject": label}, dict(made))
    place = ", ".join(
        str(term.props[name])
        for name in ("acronym", "location_name", "country_name")
        if term.props.get(name)
    )
    if kind == Kind.AWARDS:
        number = str(term.props.get("number") or term.code)
        return Suggestion(key, label, number, {"number": number, "title": label})
    name = "funder" if kind == Kind.FUNDERS else "name"
    return Suggestion(key, label, place, {name: label, "ror": term.uri})


def look(work: Work, form: Row, name: str, language: str) -> list[Suggestion]:
    """What the button beside the input called `name` offers."""
    found = _input(form, name)
    if found is None:
        return []
    _row, kind, typed = found
    return suggestions(work, kind, typed, language)


def take(work: Work, form: Row, what: str, language: str) -> str | None:
    """Put a term into its row: `subjects/0/subject=ford:1.5`. The name of the row."""
    name, _, key = what.partition("=")
    found, (vocabulary, _, code) = _input(form, name), key.partition(":")
    term = term_of(work, vocabulary, code)
    if found is None or term is None:
        return None
    row, kind, _typed = found
    if vocabulary_of(work, vocabulary).kind != kind:
        return None
    chosen = _of(work, kind, term, language)
    row.values.update(chosen.values)
    row.rest = row.rest | chosen.rest
    return name.rpartition("/")[0]


def _input(form: Row, name: str) -> tuple[Row, str, str] | None:
    """The row of an input that is suggested for, from what, and what is typed there."""
    around, _, last = name.rpartition("/")
    row, group = row_at(form, FORM, around)
    part = next((f for f in group.fields if f.name == last), None) if group else None
    if row is None or part is None or not part.suggests:
        return None
    return row, part.suggests, row.get(last)
