"""Subjects in metadata that claim to come from a list we have: checked, completed, kept current.

A subject claims so by its scheme (a list's name or id), by the code `LIST:CODE`, or by an address
that is a term's.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from repository.core.messages import N_
from repository.core.work import Work
from repository.records.metadata.problems import Problem
from repository.vocabularies.models import Kind, Term, Vocabulary
from repository.vocabularies.terms import current, nearest, term_at, term_of

# As others write the schemes of our lists, and the addresses InvenioRDM has for the OECD's codes.
ALIASES = {
    "fos": "ford",
    "fields of science and technology (fos)": "ford",
    "oecd fos": "ford",
    "oecd ford": "ford",
}
INVENIORDM_FOS = "http://www.oecd.org/science/inno/38235147.pdf?"
_UNKNOWN = N_("“%(value)s” is not in the list “%(list)s”. The nearest: %(near)s.")
_UNKNOWN_AT_ALL = N_("“%(value)s” is not in the list “%(list)s”.")
_RETIRED = N_("“%(value)s” is no longer in force in the list “%(list)s”.")
Json = Mapping[str, Any]


class Claim(NamedTuple):
    """The list a subject claims, and the code or address it gives."""

    vocabulary: Vocabulary
    value: str
    term: Term | None


class Lookup:
    """The lists of subjects, and each term that was asked for, read once: for all the subjects of
    many records in one transaction that changes no list.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self.lists = known_lists(work)
        self._terms: dict[tuple[str, str], Term | None] = {}

    def term_of(self, vocabulary: str, code: str) -> Term | None:
        return self._once((vocabulary, code), lambda: term_of(self.work, vocabulary, code))

    def term_at(self, uri: str) -> Term | None:
        return self._once(("", uri), lambda: term_at(self.work, uri))

    def labelled(self, vocabulary: str, text: str) -> Term | None:
        """The term with this label, in either language."""
        query = self.work.session.query(Term).filter(
            Term.vocabulary_id == vocabulary, (Term.label_en == text) | (Term.label_vi == text)
        )
        found = query.order_by(Term.retired, Term.id)
        return self._once((f"{vocabulary} by label", text), found.first)

    def _once(self, key: tuple[str, str], read: Callable[[], Term | None]) -> Term | None:
        if key not in self._terms:
            self._terms[key] = read()
        return self._terms[key]


def claim_of(lookup: Lookup, subject: Json) -> Claim | None:
    """What a subject claims to be; None for a keyword, or a scheme that we do not have."""
    known = lookup.lists
    code, uri = (_text(subject, name) for name in ("classification_code", "value_uri"))
    if told := _text(subject, "id"):  # as InvenioRDM names a subject, before it is validated
        code, uri = (code, told) if "://" in told else (told, uri)
    if uri.startswith(INVENIORDM_FOS):
        code, uri = f"ford:{uri.removeprefix(INVENIORDM_FOS)}", ""
    prefix, colon, rest = code.partition(":")
    scheme = _text(subject, "scheme").lower()
    named = known.get(prefix.lower()) if colon else None
    vocabulary = named or known.get(ALIASES.get(scheme, scheme))
    value = rest if named else code
    if vocabulary is None:
        term = lookup.term_at(uri)
        at = next((v for v in known.values() if term and v.id == term.vocabulary_id), None)
        return Claim(at, uri, term) if at is not None else None
    if value:
        return Claim(vocabulary, value, lookup.term_of(vocabulary.id, value))
    term = lookup.term_at(uri)
    if uri:
        mine = term if term and term.vocabulary_id == vocabulary.id else None
        return Claim(vocabulary, uri, mine)
    return _by_label(lookup, subject, vocabulary)


def _text(subject: Json, name: str) -> str:
    value = subject.get(name)
    return value.strip() if isinstance(value, str) else ""


def _by_label(lookup: Lookup, subject: Json, vocabulary: Vocabulary) -> Claim:
    """A scheme alone: the words have to be a term's, as DataCite writes `FOS: Law`."""
    text = _text(subject, "subject").removeprefix("FOS: ")
    return Claim(vocabulary, text, lookup.labelled(vocabulary.id, text))


def known_lists(work: Work) -> dict[str, Vocabulary]:
    """The lists of subjects, by id and by scheme in lower case."""
    query = work.session.query(Vocabulary).filter(Vocabulary.kind == Kind.SUBJECTS.value)
    found: dict[str, Vocabulary] = {}
    for vocabulary in query:
        found[vocabulary.id] = vocabulary
        found.setdefault(vocabulary.scheme.lower(), vocabulary)
    return found


def problems_of(work: Work, metadata: Json, lookup: Lookup | None = None) -> Iterator[Problem]:
    """An error for each code that its list does not know, a warning for each that is retired and
    replaced by nothing; pointers into the metadata.
    """
    subjects = _subjects(metadata)
    lookup = lookup or (Lookup(work) if subjects else None)
    for index, subject in subjects:
        claim = claim_of(lookup, subject) if lookup else None
        if claim is None:
            continue
        title = claim.vocabulary.title_vi
        params = {"value": claim.value, "list": title}
        if claim.term is None:
            near = nearest(work, claim.vocabulary.id, claim.value)
            told = "; ".join(f"{term.code} {term.label('vi')}" for term in near)
            message = _UNKNOWN if near else _UNKNOWN_AT_ALL
            yield Problem(f"/subjects/{index}", message, params | {"near": told})
        elif claim.term.retired and current(work, claim.term).retired:
            yield Problem(f"/subjects/{index}", _RETIRED, params, "warning")


def _subjects(metadata: Json) -> list[tuple[int, Json]]:
    told = metadata.get("subjects")
    listed = told if isinstance(told, list) else []
    return [(i, each) for i, each in enumerate(listed) if isinstance(each, Mapping)]


def completed(work: Work, metadata: dict[str, Any], lookup: Lookup | None = None) -> dict[str, Any]:
    """With each subject that claims a term as its list has it today: old codes as what replaced
    them, label, scheme and addresses filled in. Valid metadata stay valid.
    """
    if not metadata.get("subjects"):
        return metadata
    lookup, seen = lookup or Lookup(work), set()
    subjects = []
    for subject in metadata["subjects"]:
        claim = claim_of(lookup, subject)
        if claim is None or claim.term is None:
            subjects.append(subject)
            continue
        made = subject_of(claim.vocabulary, current(work, claim.term))
        key = (made["scheme"], made["classification_code"])
        if key not in seen:
            seen.add(key)
            subjects.append(made)
    return metadata | {"subjects": subjects}


def subject_of(vocabulary: Vocabulary, term: Term) -> dict[str, str]:
    """A term as metadata have it; in English where there is that, for those who harvest."""
    made = {
        "subject": term.label("en"),
        "scheme": vocabulary.scheme,
        "scheme_uri": vocabulary.scheme_uri,
        "value_uri": term.uri,
        "classification_code": term.code,
        "lang": "en" if term.label_en else "vi",
    }
    return {name: value for name, value in made.items() if value}


def key_of(vocabulary: str, code: str) -> str:
    """A term's name across lists, as the API and searches have it: `ford:1.5`."""
    return f"{vocabulary}:{code}"
