"""Other resources: by identifier (DataCite property 12) or described whole (property 20)."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from repository.records.metadata.identifiers import listed_scheme, with_scheme
from repository.records.metadata.people import MAX_PEOPLE, Contributor, Creator
from repository.records.metadata.terms import GeneralType, NumberType, Part, RelationType
from repository.records.metadata.text import Line
from repository.records.metadata.titles import Title
from repository.records.metadata.vocabularies import RELATED_SCHEMES


class Relation(Part):
    """What both kinds share. `relation_type_information` says more where the type is `other`."""

    relation_type: RelationType
    relation_type_information: Line | None = None
    related_metadata_scheme: Line | None = None
    scheme_uri: Line | None = None
    scheme_type: Line | None = None
    _likely: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _scheme(cls, value: Any) -> Any:
        return with_scheme(value, RELATED_SCHEMES, cls._likely)


class RelatedIdentifier(Relation):
    _likely = ("doi", "url", "ark", "arxiv", "isbn", "issn", "handle", "urn", "swh")

    identifier: Line
    scheme: Annotated[Line, AfterValidator(listed_scheme)]
    resource_type: GeneralType | None = None


class RelatedItem(Relation):
    """A resource that may have no identifier, such as the journal an article stands in."""

    resource_type: GeneralType
    identifier: Line | None = None
    scheme: Annotated[Line | None, AfterValidator(listed_scheme)] = None
    creators: list[Creator] = Field(default_factory=list, max_length=MAX_PEOPLE)
    titles: list[Title] = Field(default_factory=list, max_length=100)
    publication_year: Annotated[Line, StringConstraints(pattern=r"^\d{4}$")] | None = None
    volume: Line | None = None
    issue: Line | None = None
    number: Line | None = None
    number_type: NumberType | None = None
    first_page: Line | None = None
    last_page: Line | None = None
    publisher: Line | None = None
    edition: Line | None = None
    contributors: list[Contributor] = Field(default_factory=list, max_length=MAX_PEOPLE)
