"""A controlled list: the ids of the API, the names of DataCite, the labels of both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Entry(NamedTuple):
    """One value. `id` is InvenioRDM's where it has one; `datacite` the name in the schema.

    Several entries may share a DataCite name where InvenioRDM is finer; the first of them is what
    the name is read as.
    """

    id: str
    datacite: str
    vi: str
    en: str

    def label(self, language: str) -> str:
        return self.vi if language.startswith("vi") else self.en

    @property
    def labels(self) -> dict[str, str]:
        return {"vi": self.vi, "en": self.en}


@dataclass(frozen=True)
class Vocabulary:
    """Entries in the order in which they are offered."""

    name: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        known: dict[str, Entry] = {}
        for key in ("id", "datacite"):
            for entry in self.entries:
                known.setdefault(getattr(entry, key).lower(), entry)
        object.__setattr__(self, "_known", known)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def find(self, value: str) -> Entry | None:
        """The entry with this id or DataCite name, in any case of letters."""
        known: dict[str, Entry] = self.__dict__["_known"]
        return known.get(value.lower())

    def datacite(self, value: str) -> str:
        """The DataCite name of an id; what is not in the list is its own name."""
        entry = self.find(value)
        return entry.datacite if entry else value

    def is_finest(self, entry: Entry) -> bool:
        """Whether `entry` says more than its DataCite name is read as."""
        return self.find(entry.datacite) is not entry

    def label(self, value: str, language: str) -> str:
        entry = self.find(value)
        return entry.label(language) if entry else value


def plain(name: str, *entries: tuple[str, str, str]) -> Vocabulary:
    """A list whose ids are the DataCite names in lower case: (name, Vietnamese, English)."""
    return Vocabulary(name, tuple(Entry(n.lower(), n, vi, en) for n, vi, en in entries))


def listed(name: str, *entries: tuple[str, str, str, str]) -> Vocabulary:
    return Vocabulary(name, tuple(Entry(*entry) for entry in entries))
