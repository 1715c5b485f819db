"""What the checks look at: metadata, files and their tables, access, as plain values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from repository.records.metadata import Problem, problems
from repository.records.metadata.frequencies import frequency_in

MOST_LINKS = 20


@dataclass(frozen=True)
class Table:
    """A table that was read, or was refused for `refusal`. `columns` have their statistics and
    what the depositor said of them.
    """

    columns: tuple[dict[str, Any], ...] = ()
    problems: frozenset[str] = frozenset()
    encoding: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class SubjectFile:
    """`sign` is the kind of its bytes, a word of `signs`; empty where nobody looked yet."""

    path: str
    media_type: str
    sha256: str
    table: Table | None = None
    sign: str = ""


@dataclass(frozen=True)
class Standing:
    """What the repository itself knows of a published version; a draft has none of it.

    `fixity` is `pass`, `fail` or empty; `checked_days` how long ago its bytes were last read
    whole, `due_days` how often they should be; `quiet_days` since the newest version came;
    `doubled` whether another record has all its files; `dead_links` how many of its links do not
    answer, None where none was tried; `contact_answers` None where nobody was asked, or where
    there is time to answer.
    """

    age_days: int = 0
    quiet_days: int = 0
    fixity: str = ""
    checked_days: int | None = None
    due_days: int = 90
    downloads: int = 0
    doubled: bool = False
    dead_links: int | None = None
    contact_answers: bool | None = None


@dataclass(frozen=True)
class Subject:
    """`metadata` as they are stored, complete or not; `access` is `access.rules.status`'s word;
    `personal_data` whether the files are said to hold personal data.
    """

    metadata: dict[str, Any]
    files: tuple[SubjectFile, ...]
    access: str
    doi: str | None
    today: date
    standing: Standing | None = None
    personal_data: bool = False

    @cached_property
    def problems(self) -> list[Problem]:
        """What there is to tell of the metadata, as of those that are published already."""
        return problems(self.metadata, "import")

    def listed(self, name: str) -> list[dict[str, Any]]:
        """The objects of a list in the metadata; whatever else stands there is left."""
        found = self.metadata.get(name)
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def texts(self) -> Iterator[str]:
        """Titles and descriptions."""
        for name, key in (("titles", "title"), ("descriptions", "description")):
            yield from (str(each.get(key) or "") for each in self.listed(name))

    def people(self) -> list[dict[str, Any]]:
        return [p for each in self.listed("creators") if isinstance(p := _person(each), dict)]

    def affiliations(self) -> list[dict[str, Any]]:
        return [
            place
            for each in self.listed("creators")
            for place in each.get("affiliations") or []
            if isinstance(place, dict)
        ]

    def topics(self) -> list[dict[str, Any]]:
        """Subjects and keywords, without how often the data are renewed."""
        told = self.listed("subjects")
        return [each for each in told if not frequency_in(each)]

    def frequencies(self) -> set[str]:
        """Codes of how often the data are said to be renewed."""
        return {frequency_in(each) for each in self.listed("subjects")} - {""}

    def links(self) -> list[str]:
        """Addresses on the web that the metadata lead to: related works and texts of licences."""
        related = (e for e in self.listed("related_identifiers") if e.get("scheme") == "url")
        told = [e.get("identifier") for e in related] + [
            e.get("link") for e in self.listed("rights")
        ]
        found = (text.strip() for text in told if isinstance(text, str))
        return list(dict.fromkeys(u for u in found if u.startswith(("https://", "http://"))))[
            :MOST_LINKS
        ]

    def rights(self) -> list[str]:
        """Identifiers of the licences, in lower case; empty for one stated in words."""
        return [str(each.get("id") or "").lower() for each in self.listed("rights")]

    def tables(self) -> list[Table]:
        """Those that were read."""
        return [f.table for f in self.files if f.table is not None and not f.table.refusal]

    def columns(self) -> list[dict[str, Any]]:
        return [column for table in self.tables() for column in table.columns]


def _person(creator: dict[str, Any]) -> Any:
    return creator.get("person_or_org")


def term(each: dict[str, Any], name: str) -> str:
    """The id of a controlled term, such as a description's type."""
    told = each.get(name)
    return str(told.get("id") or "") if isinstance(told, dict) else ""


def schemes(each: dict[str, Any]) -> set[str]:
    """In which schemes a person or organisation is identified."""
    told = each.get("identifiers")
    found = told if isinstance(told, list) else []
    return {str(one.get("scheme") or "") for one in found if isinstance(one, dict)}
