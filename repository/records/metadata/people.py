"""Creators, contributors and where they work (DataCite properties 2 and 7)."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from repository.records.metadata.identifiers import Identifier, NameIdentifier, bare, is_ror
from repository.records.metadata.languages import LanguageTag
from repository.records.metadata.terms import ContributorRole, Part
from repository.records.metadata.text import Line

MAX_PEOPLE = 5_000


class PersonOrOrg(Part):
    """`name` is written "Family, Given" for a person; it is made so where only the parts are told.

    `type` is unknown in records from elsewhere that do not say. `lang` is the language a name of an
    organisation is written in.
    """

    type: Literal["personal", "organizational"] | None = None
    name: Line
    given_name: Line | None = None
    family_name: Line | None = None
    lang: LanguageTag | None = None
    identifiers: list[NameIdentifier] = Field(default_factory=list, max_length=20)

    @model_validator(mode="before")
    @classmethod
    def _name(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        told = dict(value)
        if isinstance(told.get("type"), str):
            told["type"] = told["type"].lower()
        if not told.get("name"):
            parts = [told.get("family_name"), told.get("given_name")]
            given = [part for part in parts if isinstance(part, str) and part.strip()]
            if given:
                told["name"] = ", ".join(given)
        return told

    def known_as(self, scheme: str) -> str | None:
        """The bare identifier in one scheme, such as an ORCID to show beside the name."""
        for found in self.identifiers:
            if found.scheme == scheme:
                return bare(scheme, found.identifier)
        return None


class Affiliation(Part):
    """An organisation a person worked for. InvenioRDM's `id` (a ROR id) becomes an identifier."""

    name: Line
    identifiers: list[Identifier] = Field(default_factory=list, max_length=5)

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else id_as_identifier(value)


class Creator(Part):
    """InvenioRDM lets a creator have a role; DataCite has no place for it."""

    person_or_org: PersonOrOrg
    role: ContributorRole | None = None
    affiliations: list[Affiliation] = Field(default_factory=list, max_length=50)


class Contributor(Part):
    person_or_org: PersonOrOrg
    role: ContributorRole
    affiliations: list[Affiliation] = Field(default_factory=list, max_length=50)


def id_as_identifier(value: Any) -> Any:
    """Turn InvenioRDM's `id` of an organisation into an identifier; it is a ROR id if it can be.

    An organisation known by its id alone is called by it until someone tells its name.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("id"), str):
        return value
    told = {key: item for key, item in value.items() if key not in ("id", "title", "acronym")}
    identifiers = told.get("identifiers", [])
    known = value["id"].strip()
    told.setdefault("name", known)
    if not isinstance(identifiers, list) or _is_among(known, identifiers):
        return told
    entry = {"identifier": known} | ({"scheme": "ror"} if is_ror(known) else {})
    return told | {"identifiers": [entry, *identifiers]}


def _is_among(known: str, identifiers: list[Any]) -> bool:
    values = (i.get("identifier") for i in identifiers if isinstance(i, Mapping))
    return any(isinstance(v, str) and bare("ror", v) == bare("ror", known) for v in values)


def ror_of(identifiers: list[Identifier]) -> str | None:
    """The bare ROR id among an organisation's identifiers."""
    told = (i for i in identifiers if i.scheme == "ror")
    return next((bare("ror", i.identifier) for i in told), None)
