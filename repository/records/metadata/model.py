"""The metadata of one version: DataCite Metadata Schema 4.7 whole, in the API's names."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, model_validator

from repository.records.metadata.dates import Date, PublicationDate
from repository.records.metadata.funding import Funding
from repository.records.metadata.identifiers import AlternateIdentifier, with_scheme
from repository.records.metadata.inveniordm import accept
from repository.records.metadata.languages import LanguageTag, same_language
from repository.records.metadata.people import MAX_PEOPLE, Contributor, Creator
from repository.records.metadata.places import Locations
from repository.records.metadata.relations import RelatedIdentifier, RelatedItem
from repository.records.metadata.rights import Rights
from repository.records.metadata.subjects import Subject
from repository.records.metadata.terms import LanguageTerm, Part, ResourceType
from repository.records.metadata.text import Line
from repository.records.metadata.titles import Description, Title
from repository.records.metadata.vocabularies import NAME_SCHEMES


class PublisherDetails(Part):
    """What DataCite 4.5 says of a publisher beside its name (property 4)."""

    identifier: Line | None = None
    scheme: Line | None = None
    scheme_uri: Line | None = None
    lang: LanguageTag | None = None

    @model_validator(mode="before")
    @classmethod
    def _scheme(cls, value: Any) -> Any:
        return with_scheme(value, NAME_SCHEMES, ())


# The context of `model_validate` for what `accept` was already asked for: it costs as much again.
ACCEPTED = "accepted"


class Metadata(Part):
    """Complete metadata. What is sent in InvenioRDM's shape is taken too (`accept`).

    Shape and controlled lists are checked here, so that anything DataCite allows can be kept;
    whether identifiers and dates can be true is for `problems` to say. Raises pydantic's
    ValidationError; `parse` says the same in our words.
    """

    resource_type: ResourceType
    titles: Annotated[list[Title], Field(min_length=1, max_length=100)]
    creators: Annotated[list[Creator], Field(min_length=1, max_length=MAX_PEOPLE)]
    publication_date: PublicationDate
    publisher: Line
    publisher_details: PublisherDetails | None = None
    descriptions: list[Description] = Field(default_factory=list, max_length=100)
    contributors: list[Contributor] = Field(default_factory=list, max_length=MAX_PEOPLE)
    subjects: list[Subject] = Field(default_factory=list, max_length=1_000)
    dates: list[Date] = Field(default_factory=list, max_length=500)
    languages: list[LanguageTerm] = Field(default_factory=list, max_length=100)
    identifiers: list[AlternateIdentifier] = Field(default_factory=list, max_length=500)
    related_identifiers: list[RelatedIdentifier] = Field(default_factory=list, max_length=10_000)
    related_items: list[RelatedItem] = Field(default_factory=list, max_length=1_000)
    sizes: list[Line] = Field(default_factory=list, max_length=500)
    formats: list[Line] = Field(default_factory=list, max_length=500)
    version: Line | None = None
    rights: list[Rights] = Field(default_factory=list, max_length=100)
    locations: Locations = Field(default_factory=Locations)
    funding: list[Funding] = Field(default_factory=list, max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _as_sent(cls, value: Any, info: ValidationInfo) -> Any:
        done = info.context == ACCEPTED
        return accept(value) if isinstance(value, dict) and not done else value

    @property
    def year(self) -> str:
        """DataCite's publicationYear, four digits."""
        return self.publication_date[:4]

    def title(self, language: str | None = None) -> str:
        """The main title in `language` where there is one, else the first."""
        main = [t for t in self.titles if t.type is None] or self.titles
        return next((t for t in main if same_language(t.lang, language or "")), main[0]).title

    def description(self, language: str | None = None) -> str | None:
        """The abstract in `language` where there is one, else the first; None without any."""
        told = [d for d in self.descriptions if d.type.id == "abstract"] or self.descriptions
        if not told:
            return None
        return next((d for d in told if same_language(d.lang, language or "")), told[0]).description
