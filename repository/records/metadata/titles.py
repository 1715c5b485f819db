"""Titles and descriptions, each in its language (DataCite properties 3 and 17)."""

from repository.records.metadata.languages import LanguageTag
from repository.records.metadata.terms import DescriptionType, Part, Term, TitleType
from repository.records.metadata.text import Line, LongText


class Title(Part):
    """Without `type` it is a main title; there may be one in each language."""

    title: Line
    lang: LanguageTag | None = None
    type: TitleType | None = None


class Description(Part):
    """`description` is Markdown or plain text; HTML in it is shown as text or made harmless."""

    description: LongText
    lang: LanguageTag | None = None
    type: DescriptionType = Term(id="abstract")
