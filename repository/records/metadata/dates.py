"""Dates as they are known: a year, a day, a span (DataCite properties 5 and 8)."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from repository.core.messages import N_
from repository.records.metadata.terms import DateType, Part
from repository.records.metadata.text import Line

_PUBLICATION = N_("Write the date as a year, year-month or year-month-day: 2024-05-17.")
# W3CDTF (the profile of ISO 8601 that DataCite asks for): a year, to a fraction of a second.
_MOMENT = re.compile(
    r"-?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?"
)


def is_moment(text: str) -> bool:
    """Whether `text` is a W3CDTF date that the calendar has."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return False
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        date(year or 4, month, day)  # year 0 is a leap year, and outside what `date` knows
    except ValueError:
        return False
    return True


def is_date(text: str) -> bool:
    """A date or a span `start/end` (RKMS-ISO8601), of which one end may be open."""
    ends = text.split("/")
    if len(ends) == 1:
        return is_moment(text)
    told = [end for end in ends if end not in ("", "..", "open", "unknown")]
    return len(ends) == 2 and bool(told) and all(map(is_moment, told))


def _publication_date(text: str) -> str:
    ends = text.split("/")
    if len(ends) > 2 or not all(is_moment(end) for end in ends) or text.startswith("-"):
        raise PydanticCustomError("problem", _PUBLICATION)
    return text


PublicationDate = Annotated[Line, AfterValidator(_publication_date)]
"""EDTF level 0, as InvenioRDM takes it: its first four characters are the publication year."""


class Date(Part):
    """`date` is kept as written, also where it is no date a program could read (`321 BCE`)."""

    date: Line
    type: DateType
    description: Line | None = None
