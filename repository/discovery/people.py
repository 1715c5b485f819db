"""Names as their owners write them, and the institutions they are numbered to."""

from collections.abc import Iterable
from dataclasses import dataclass

from repository.formats.people import family_first
from repository.records.metadata.people import Affiliation, Contributor, Creator, ror_of
from repository.records.metadata.vocabularies import CONTRIBUTOR_TYPES


@dataclass(frozen=True)
class Organisation:
    name: str
    url: str | None


@dataclass(frozen=True)
class Person:
    """`marks` are numbers into the page's list of institutions, from 1."""

    name: str
    orcid: str | None
    url: str | None
    marks: tuple[int, ...]
    role: str
    is_organisation: bool


def display_name(name: str, family: str | None = None, given: str | None = None) -> str:
    """`Nguyễn Văn Ví` but `Ví Example`: Vietnamese put the family name first.

    `name` is written "Family, Given" for a person; an organisation's has no such comma, or more.
    """
    if not (family and given):
        if name.count(", ") != 1:
            return name
        family, given = name.split(", ")
    return f"{family} {given}" if family_first(family) else f"{given} {family}"


def people_of(
    agents: Iterable[Creator | Contributor], known: list[Organisation], language: str
) -> list[Person]:
    """The people of a page; their institutions are added to `known`, each once."""
    found = []
    for agent in agents:
        person = agent.person_or_org
        is_organisation = person.type == "organizational"
        marks = dict.fromkeys(_mark(each, known) for each in agent.affiliations)
        ror = person.known_as("ror")
        found.append(
            Person(
                name=person.name
                if is_organisation
                else display_name(person.name, person.family_name, person.given_name),
                orcid=person.known_as("orcid"),
                url=f"https://ror.org/{ror}" if ror else None,
                marks=tuple(sorted(marks)),
                role=CONTRIBUTOR_TYPES.label(agent.role.id, language) if agent.role else "",
                is_organisation=is_organisation,
            )
        )
    return found


def _mark(affiliation: Affiliation, known: list[Organisation]) -> int:
    ror = ror_of(affiliation.identifiers)
    names = [each.name for each in known]
    if affiliation.name in names:
        return names.index(affiliation.name) + 1
    known.append(Organisation(affiliation.name, f"https://ror.org/{ror}" if ror else None))
    return len(known)
