"""What the form offers to choose from, in the reader's language."""

from collections.abc import Callable, Iterable
from functools import cache

from babel import Locale

from repository.core.messages import N_
from repository.records.grounds import GROUNDS
from repository.records.metadata import vocabularies as lists
from repository.records.metadata.frequencies import FREQUENCIES
from repository.records.metadata.languages import iso_639_3
from repository.records.metadata.licences import LICENCES, Licence, find_licence
from repository.records.metadata.vocabulary import Vocabulary

Choice = tuple[str, str]
LISTS: dict[str, Vocabulary] = {
    "resource_types": lists.RESOURCE_TYPES,
    "title_types": lists.TITLE_TYPES,
    "description_types": lists.DESCRIPTION_TYPES,
    "contributor_roles": lists.CONTRIBUTOR_TYPES,
    "date_types": lists.DATE_TYPES,
    "relation_types": lists.RELATION_TYPES,
    "identifier_schemes": lists.RELATED_SCHEMES,
    "name_types": lists.NAME_TYPES,
    "frequencies": FREQUENCIES,
}
# Spoken in Vietnam and around it, then those that science is written in.
LANGUAGES = ("vi", "en", "fr", "zh", "ja", "ko", "ru", "de", "es", "pt", "id", "ms", "th", "lo")
OF_VIETNAM = ("km", "hmn")
EMPTY = {
    "title_types": N_("Main title"),
    "identifier_schemes": N_("Find out"),
    "frequencies": N_("Not said"),
    "licences": N_("Choose one, or name another below"),
}
SAID = {
    "has_files": (
        ("yes", N_("There are files"), N_("Upload them above; readers download them here.")),
        ("no", N_("Description only"), N_("The data lie elsewhere or cannot be given away.")),
    ),
    "record_access": (
        ("public", N_("Everyone may read it"), N_("It is found by search engines and harvesters.")),
        (
            "restricted",
            N_("Only you and the curators"),
            N_("Nobody else learns that it exists; its DOI leads to a closed door."),
        ),
    ),
    "files_access": (
        ("public", N_("Everyone may download them"), N_("No account is asked for.")),
        (
            "restricted",
            N_("Only you and the curators"),
            N_("The description says that there are files, not what they hold."),
        ),
    ),
    "data_classes": (
        (
            "ordinary",
            N_("Ordinary data"),
            N_("Most research data. They may be open to everyone."),
        ),
        (
            "important",
            N_("Important data"),
            N_(
                "On the Prime Minister's list: their spread may touch defence, security, the "
                "economy, public health. The files go only to people whom you give access."
            ),
        ),
        (
            "core",
            N_("Core data"),
            N_(
                "Important data that touch these directly. They cannot be published or exported "
                "here. Only a curator can lower the class again."
            ),
        ),
    ),
}
LICENCES_IN_WORDS = {
    "cc-by-4.0": N_("Anyone may use, change and share it, also for money, if they name you."),
    "cc0-1.0": N_("You give up your rights: anyone may do anything with it without naming you."),
    "cc-by-sa-4.0": N_("As CC BY; what is made from it must be shared under the same licence."),
    "cc-by-nc-4.0": N_("As CC BY, but not for money. Many uses in teaching and industry fall out."),
    "cc-by-nd-4.0": N_("May be shared whole only: nobody may publish anything made from it."),
    "cc-by-nc-sa-4.0": N_("Not for money, and what is made from it keeps the same licence."),
    "cc-by-nc-nd-4.0": N_("May be passed on whole, not for money: hardly reusable for research."),
    "odbl-1.0": N_("For databases: use it and name you; a changed database stays open too."),
    "odc-by-1.0": N_("For databases: anyone may use it if they name you."),
    "pddl-1.0": N_("For databases: you give up your rights."),
    "mit": N_("For software: do anything, keep the notice."),
    "apache-2.0": N_("For software: do anything, keep the notices; patents are licensed too."),
    "gpl-3.0-or-later": N_("For software: programs made from it must be free in the same way."),
    "bsd-3-clause": N_("For software: do anything, keep the notice, do not advertise with names."),
}


class Choices:
    """Lists of (value, label), by the name that a field has for them.

    `translate` says our own words in `language`; the vocabularies bring theirs along.
    """

    def __init__(self, language: str, translate: Callable[[str], str]) -> None:
        self.language = language
        self._translate = translate

    def of(self, name: str, value: str = "") -> list[Choice]:
        """The choices, and `value` itself where it came from elsewhere and is none of them."""
        known = list(self._known(name))
        if value and all(value != choice for choice, _label in known):
            other = find_licence(value) if name == "licences" else None
            known.append((value, self._licence(other) if other else value))
        return known

    def empty(self, name: str) -> str:
        """What it means to choose nothing; empty where that says nothing."""
        return self._translate(EMPTY[name]) if name in EMPTY else ""

    def said(self, name: str) -> list[tuple[str, str, str]]:
        """Choices between few things: value, label, and a sentence on what it means."""
        return [(v, self._translate(label), self._translate(what)) for v, label, what in SAID[name]]

    def in_words(self, licence: str) -> str:
        """What a licence allows; empty for one we have no words for."""
        words = LICENCES_IN_WORDS.get(licence)
        return self._translate(words) if words else ""

    def licences(self) -> dict[str, str]:
        """What each licence allows, for a script to show when one is chosen."""
        return {licence: self._translate(words) for licence, words in LICENCES_IN_WORDS.items()}

    def label(self, name: str, value: str) -> str:
        return dict(self._known(name)).get(value, value)

    def _known(self, name: str) -> Iterable[Choice]:
        if name in SAID:
            return [(value, label) for value, label, _what in self.said(name)]
        if name == "grounds":
            return [(g.id, f"{self._translate(g.label)} ({g.sources})") for g in GROUNDS]
        if name == "licences":
            return [(known.id, self._licence(known)) for known in LICENCES]
        if name == "languages":
            return _languages(self.language, LANGUAGES)
        if name == "data_languages":
            codes = _languages(self.language, LANGUAGES + OF_VIETNAM)
            return [(iso_639_3(code), label) for code, label in codes]
        return [(entry.id, entry.label(self.language)) for entry in LISTS[name]]

    def _licence(self, licence: Licence) -> str:
        return f"{licence.vi if self.language == 'vi' else licence.en} ({licence.spdx})"


@cache
def _languages(reader: str, codes: tuple[str, ...]) -> tuple[Choice, ...]:
    names = Locale.parse(reader).languages
    return tuple((code, names[code]) for code in codes if code in names)
