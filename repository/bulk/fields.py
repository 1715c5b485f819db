"""The parts of metadata that are edited in bulk, each as texts: in actions and in cells alike.

`read` says the entries of a field as texts; `write` makes the metadata say these texts. An entry
whose text stays is kept as it is, with all that the text does not show.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.records.metadata.languages import iso_639_3, same_language
from repository.records.metadata.vocabularies import CONTRIBUTOR_TYPES
from repository.vocabularies.models import Vocabulary
from repository.vocabularies.subjects import Lookup, claim_of, key_of, subject_of
from repository.vocabularies.terms import current, nearest

Json = dict[str, Any]
PART = " | "  # between the parts of one entry
MAX_VALUE = 10_000
_NO_TERM = N_("“%(value)s” is no code of a list. Write it as ford:1.5.")
_NEAR = N_("“%(value)s” is in no list. The nearest: %(near)s.")


@dataclass(frozen=True)
class Context:
    """What reading and writing needs beyond the metadata."""

    work: Work
    lookup: Lookup

    @classmethod
    def of(cls, work: Work) -> "Context":
        return cls(work, Lookup(work))


@dataclass(frozen=True)
class Entries:
    """A list in the metadata, or those of its entries that are `mine`.

    As each kind of field: `read` gives texts, `write` takes them, `canonical` is how `read` would
    give a text that someone wrote (it raises ValidationFailed for what is no value); `hint` shows
    how a value is written.
    """

    name: str
    label: str
    path: str
    show: Callable[[Context, Json], str]
    parse: Callable[[Context, str], Json]
    hint: str = ""
    mine: Callable[[Json], bool] = bool
    many: bool = True

    def read(self, context: Context, metadata: Json) -> list[str]:
        return [self.show(context, e) for e in metadata.get(self.path) or () if self.mine(e)]

    def write(self, context: Context, metadata: Json, texts: Sequence[str]) -> Json:
        entries = metadata.get(self.path) or []
        known = {self.show(context, e): e for e in entries if self.mine(e)}
        told = [known.get(text) or self.parse(context, text) for text in dict.fromkeys(texts)]
        others = [e for e in entries if not self.mine(e)]
        written = [*told, *others] if not others or self.mine(entries[0]) else [*others, *told]
        rest = {name: value for name, value in metadata.items() if name != self.path}
        return rest | ({self.path: written} if written else {})

    def canonical(self, context: Context, text: str) -> str:
        return self.show(context, self.parse(context, text))


@dataclass(frozen=True)
class Single:
    """One value, at a name or at the `id` under it."""

    name: str
    label: str
    path: str
    term: bool = False
    hint: str = ""
    many: bool = False

    def read(self, context: Context, metadata: Json) -> list[str]:
        value = metadata.get(self.path)
        found = value.get("id") if self.term and isinstance(value, dict) else value
        return [str(found)] if found else []

    def write(self, context: Context, metadata: Json, texts: Sequence[str]) -> Json:
        rest = {name: value for name, value in metadata.items() if name != self.path}
        if not texts:
            return rest
        return rest | {self.path: {"id": texts[0]} if self.term else texts[0]}

    def canonical(self, context: Context, text: str) -> str:
        return text.lower() if self.term else text


@dataclass(frozen=True)
class InLanguage:
    """The first main title, or abstract, in one language."""

    name: str
    label: str
    path: str
    key: str
    language: str
    kinds: tuple[str | None, ...]
    hint: str = ""
    many: bool = False

    def _mine(self, entry: Json) -> bool:
        kind = (entry.get("type") or {}).get("id")
        return kind in self.kinds and same_language(entry.get("lang"), self.language)

    def read(self, context: Context, metadata: Json) -> list[str]:
        found = (e[self.key] for e in metadata.get(self.path) or () if self._mine(e))
        return [str(text) for text in found][:1]

    def write(self, context: Context, metadata: Json, texts: Sequence[str]) -> Json:
        entries = list(metadata.get(self.path) or ())
        place = next((i for i, e in enumerate(entries) if self._mine(e)), None)
        if place is None and texts:
            kind = {"type": {"id": self.kinds[0]}} if self.kinds[0] else {}
            entries.append({self.key: texts[0], "lang": self.language} | kind)
        elif place is not None and texts:
            entries[place] = entries[place] | {self.key: texts[0]}
        elif place is not None:
            del entries[place]
        rest = {name: value for name, value in metadata.items() if name != self.path}
        return rest | ({self.path: entries} if entries else {})

    def canonical(self, context: Context, text: str) -> str:
        return text


Field = Entries | Single | InLanguage


def _is_coded(subject: Json) -> bool:
    return bool(
        subject.get("scheme") or subject.get("classification_code") or subject.get("value_uri")
    )


def _show_subject(context: Context, subject: Json) -> str:
    claim = claim_of(context.lookup, subject)
    if claim is not None and claim.term is not None:
        return key_of(claim.vocabulary.id, claim.term.code)
    code = subject.get("classification_code") or subject.get("value_uri") or subject["subject"]
    return f"{subject.get('scheme', '')}:{code}"


def _parse_subject(context: Context, text: str) -> Json:
    claim = claim_of(context.lookup, {"classification_code": text})
    if claim is None:
        raise _wrong(_NO_TERM, value=text)
    if claim.term is None:
        near = [key_of(t.vocabulary_id, t.code) for t in _near(context, claim.vocabulary, text)]
        raise _wrong(_NEAR, value=text, near=", ".join(near) or "—")
    return dict(subject_of(claim.vocabulary, current(context.work, claim.term)))


def _near(context: Context, vocabulary: Vocabulary, text: str) -> list[Any]:
    return nearest(context.work, vocabulary.id, text.partition(":")[2])


def _wrong(message: str, **params: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldError("", message, params)])


def _show_right(_context: Context, right: Json) -> str:
    return str(right.get("id") or right.get("title") or right.get("link"))


def _parse_right(_context: Context, text: str) -> Json:
    if text.startswith(("http://", "https://")):
        return {"link": text}
    return {"id": text.lower()} if " " not in text else {"title": text}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(PART.strip())]


def _show_funding(_context: Context, funding: Json) -> str:
    funder, award = funding.get("funder") or {}, funding.get("award") or {}
    identifiers = [str(i["identifier"]) for i in funder.get("identifiers") or ()]
    parts = [str(funder.get("name", "")), *identifiers[:1]]
    parts += ["" for _ in range(2 - len(parts))]
    parts += [str(award.get("number") or ""), str(award.get("title") or "")]
    return PART.join(parts).rstrip("| ")


def _parse_funding(_context: Context, text: str) -> Json:
    name, identifier, number, title = (*_parts(text), "", "", "")[:4]
    funder: Json = {"name": name}
    if identifier:
        funder["identifiers"] = [{"identifier": identifier}]
    award = {key: value for key, value in (("number", number), ("title", title)) if value}
    return {"funder": funder} | ({"award": award} if award else {})


def _show_contributor(_context: Context, contributor: Json) -> str:
    person = contributor.get("person_or_org") or {}
    orcid = [i["identifier"] for i in person.get("identifiers") or () if i["scheme"] == "orcid"]
    role = (contributor.get("role") or {}).get("id", "")
    return PART.join([str(person.get("name", "")), str(role), *map(str, orcid[:1])])


def _parse_contributor(_context: Context, text: str) -> Json:
    """`Family, Given | role | ORCID`; a name without a comma is an organisation's."""
    name, role, orcid = (*_parts(text), "", "")[:3]
    family, comma, given = name.partition(",")
    person: Json = {"type": "organizational", "name": name}
    if comma:
        person = {"type": "personal", "family_name": family, "given_name": given.strip()}
        person["name"] = f"{family}, {given.strip()}"
    if orcid:
        person["identifiers"] = [{"scheme": "orcid", "identifier": orcid}]
    known = CONTRIBUTOR_TYPES.find(role or "other")
    return {"person_or_org": person, "role": {"id": known.id if known else role}}


def _only(name: str) -> Callable[[Context, Json], str]:
    return lambda _context, entry: str(entry.get(name, ""))


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Entries(
            "subject",
            N_("Subject from a list"),
            "subjects",
            _show_subject,
            _parse_subject,
            "ford:1.5",
            _is_coded,
        ),
        Entries(
            "keyword",
            N_("Keyword"),
            "subjects",
            _only("subject"),
            lambda _context, text: {"subject": text},
            "khí hậu",
            lambda entry: not _is_coded(entry),
        ),
        Entries("license", N_("Licence"), "rights", _show_right, _parse_right, "cc-by-4.0"),
        Entries(
            "language",
            N_("Language of the data"),
            "languages",
            _only("id"),
            lambda _context, text: {"id": iso_639_3(text)},
            "vie",
        ),
        Entries(
            "contributor",
            N_("Contributor"),
            "contributors",
            _show_contributor,
            _parse_contributor,
            "Nguyễn, Thị Mẫu | datacurator | 0000-0002-1825-0097",
        ),
        Entries(
            "funding",
            N_("Funding"),
            "funding",
            _show_funding,
            _parse_funding,
            "Quỹ Mẫu | https://ror.org/04gyf1771 | 105.08-2026 | Đề tài mẫu",
        ),
        Single("publisher", N_("Publisher"), "publisher"),
        Single("resource_type", N_("What is it?"), "resource_type", term=True, hint="dataset"),
        Single("publication_date", N_("Date of publication"), "publication_date", hint="2026-05"),
        Single("version", N_("Version label"), "version", hint="1.0"),
        InLanguage("title_vi", N_("Title in Vietnamese"), "titles", "title", "vi", (None,)),
        InLanguage("title_en", N_("Title in English"), "titles", "title", "en", (None,)),
        InLanguage(
            "description_vi",
            N_("Description in Vietnamese"),
            "descriptions",
            "description",
            "vi",
            ("abstract",),
        ),
        InLanguage(
            "description_en",
            N_("Description in English"),
            "descriptions",
            "description",
            "en",
            ("abstract",),
        ),
    )
}
