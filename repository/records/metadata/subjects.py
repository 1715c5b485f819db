"""Keywords and classifications (DataCite property 6)."""

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from repository.records.metadata.languages import LanguageTag
from repository.records.metadata.terms import Part
from repository.records.metadata.text import Line


class Subject(Part):
    """InvenioRDM's `id` of a term becomes its `value_uri`, or its `classification_code`."""

    subject: Line
    scheme: Line | None = None
    scheme_uri: Line | None = None
    value_uri: Line | None = None
    classification_code: Line | None = None
    lang: LanguageTag | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"subject": value}
        if not isinstance(value, Mapping) or not isinstance(value.get("id"), str):
            return value
        told = {k: v for k, v in value.items() if k not in ("id", "title", "props")}
        known = value["id"].strip()
        is_address = known.startswith(("http://", "https://"))
        told.setdefault("value_uri" if is_address else "classification_code", known)
        told.setdefault("subject", known)
        return told
