"""A value out of a controlled list, as the API writes it: `{"id": "dataset"}`."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from repository.core.messages import N_
from repository.records.metadata import vocabularies as lists
from repository.records.metadata.languages import LanguageTag, iso_639_3
from repository.records.metadata.nearest import nearest
from repository.records.metadata.text import Line
from repository.records.metadata.vocabulary import Vocabulary

_UNKNOWN = N_("“%(value)s” is not in the list of allowed values.")
_UNKNOWN_NEAR = N_("“%(value)s” is not in the list of allowed values. The nearest: %(near)s.")


class Part(BaseModel):
    """What every part of the metadata shares: no field that nobody would read."""

    model_config = ConfigDict(extra="forbid")


class Term(Part):
    """Takes the bare id or the DataCite name as well, and passes over labels sent back to us."""

    id: Line

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"id": value}
        if isinstance(value, Mapping):
            return {key: item for key, item in value.items() if key in cls.model_fields} or value
        return value


def _in(vocabulary: Vocabulary) -> Callable[[Any], Any]:
    def canonical(term: Term) -> Term:
        entry = vocabulary.find(term.id)
        if entry is None:
            near = ", ".join(nearest(term.id, [entry.id for entry in vocabulary]))
            message = _UNKNOWN_NEAR if near else _UNKNOWN
            raise PydanticCustomError("problem", message, {"value": term.id, "near": near})
        return term.model_copy(update={"id": entry.id})

    return canonical


class ResourceTypeTerm(Term):
    """`description` is DataCite's free text beside the general type (property 10)."""

    description: Line | None = None


class LanguageTerm(Part):
    """A language of the resource, in ISO 639-3 where BCP 47 says no more."""

    id: LanguageTag

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        code = value.get("id") if isinstance(value, Mapping) else value
        return {"id": iso_639_3(code.strip())} if isinstance(code, str) else value


ResourceType = Annotated[ResourceTypeTerm, AfterValidator(_in(lists.RESOURCE_TYPES))]
GeneralType = Annotated[Term, AfterValidator(_in(lists.RESOURCE_TYPES))]
TitleType = Annotated[Term, AfterValidator(_in(lists.TITLE_TYPES))]
DescriptionType = Annotated[Term, AfterValidator(_in(lists.DESCRIPTION_TYPES))]
ContributorRole = Annotated[Term, AfterValidator(_in(lists.CONTRIBUTOR_TYPES))]
DateType = Annotated[Term, AfterValidator(_in(lists.DATE_TYPES))]
RelationType = Annotated[Term, AfterValidator(_in(lists.RELATION_TYPES))]
NumberType = Annotated[Term, AfterValidator(_in(lists.NUMBER_TYPES))]
