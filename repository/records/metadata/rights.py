"""Licences and other statements of rights (DataCite property 16)."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from repository.core.messages import N_
from repository.records.metadata.funding import localised
from repository.records.metadata.languages import LanguageTag
from repository.records.metadata.licences import SPDX, find_licence
from repository.records.metadata.terms import Part
from repository.records.metadata.text import Line, LongLine

_EMPTY = N_("Choose a licence, or state the rights in words or by a link.")


class Rights(Part):
    """A licence from the list needs its `id` only; title and link are then filled in.

    `id` is the identifier in `scheme` (SPDX for the licences offered), kept in lower case when the
    licence is one of those.
    """

    id: Line | None = None
    title: LongLine | None = None
    lang: LanguageTag | None = None
    link: Line | None = None
    scheme: Line | None = None
    scheme_uri: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_inveniordm_has_it(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = {"id": value}
        if not isinstance(value, Mapping):
            return value
        told = {k: v for k, v in value.items() if k not in ("description", "props", "icon")}
        if isinstance(told.get("title"), Mapping):
            told |= localised(told["title"], told.get("lang"))
        licence = find_licence(told["id"].strip()) if isinstance(told.get("id"), str) else None
        if licence is not None:
            told["id"] = licence.id
            if not told.keys() & {"title", "link", "scheme"}:
                told |= {"title": licence.en, "lang": "en", "link": licence.link}
                told |= {"scheme": "SPDX", "scheme_uri": SPDX}
        return told

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.id is None and self.title is None and self.link is None:
            raise PydanticCustomError("problem", _EMPTY)
        return self
