"""Who paid (DataCite property 19), in InvenioRDM's funder and award."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from repository.core.messages import N_
from repository.records.metadata.identifiers import canonical_scheme, detect
from repository.records.metadata.languages import LanguageTag
from repository.records.metadata.people import id_as_identifier
from repository.records.metadata.terms import Part
from repository.records.metadata.text import Line
from repository.records.metadata.vocabularies import FUNDER_SCHEMES

_EMPTY_AWARD = N_("Give the number, the title or the address of the award.")
_UNKNOWN = N_("“%(value)s” is not a known kind of identifier. Choose one from the list.")


class FunderIdentifier(Part):
    identifier: Line
    scheme: Line
    scheme_uri: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _scheme(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        told = dict(value)
        identifier = told.get("identifier")
        if "scheme" in told:
            told["scheme"] = canonical_scheme(told["scheme"], FUNDER_SCHEMES)
        elif isinstance(identifier, str):
            told["scheme"] = detect(identifier.strip(), ("ror", "isni")) or "other"
        return told

    @model_validator(mode="after")
    def _is_listed(self) -> Self:
        if FUNDER_SCHEMES.find(self.scheme) is None:
            raise PydanticCustomError("problem", _UNKNOWN, {"value": self.scheme})
        return self


class Funder(Part):
    """DataCite carries the first identifier."""

    name: Line
    identifiers: list[FunderIdentifier] = Field(default_factory=list, max_length=5)

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        told = id_as_identifier(value)
        if isinstance(told, dict):
            told.pop("country", None)
        return told


class Award(Part):
    """`uri` is where the award is described; `lang` the language of its title."""

    number: Line | None = None
    title: Line | None = None
    lang: LanguageTag | None = None
    uri: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_inveniordm_has_it(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        told = dict(value)
        if isinstance(told.get("title"), Mapping):
            told |= localised(told["title"], told.get("lang"))
        known = told.pop("id", None)
        if isinstance(known, str):
            told.setdefault("number", known.rpartition("::")[2])
        addresses = told.pop("identifiers", [])
        for entry in addresses if isinstance(addresses, list) else []:
            if isinstance(entry, Mapping) and isinstance(entry.get("identifier"), str):
                told.setdefault("uri", entry["identifier"])
        return told

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.number is None and self.title is None and self.uri is None:
            raise PydanticCustomError("problem", _EMPTY_AWARD)
        return self


class Funding(Part):
    funder: Funder
    award: Award | None = None


def localised(texts: Mapping[Any, Any], stated: Any = None) -> dict[str, Any]:
    """InvenioRDM's `{"en": "…"}` as one title and its language.

    Of several it is the one in the language stated beside them, in none (`und`, undetermined, which
    is how we send such a title), in English, or the first.
    """
    language = next((tag for tag in (stated, "und", "en") if tag in texts), next(iter(texts), None))
    told = {"title": texts.get(language)}
    return told if language == "und" else told | {"lang": language}


def by_language(title: str, language: str | None) -> dict[str, str]:
    """A title as InvenioRDM's clients expect it; they look for English first."""
    return {language: title} if language else {"en": title, "und": title}
