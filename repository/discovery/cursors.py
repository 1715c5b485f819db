"""Going through a whole result, however long: a position in the order of publication.

A page number must count through all pages before it; a position need not. It is the moment the
last version was published, and how many with that same moment were already given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.core.work import Work
from repository.discovery.documents import published_number
from repository.discovery.engines.base import Sort
from repository.discovery.engines.nodes import Node, Range
from repository.records.models import Version

FIRST = "*"  # asks for the first page, as in Solr


@dataclass(frozen=True)
class Cursor:
    """`published` is in microseconds; None before the first page."""

    published: int | None = None
    given: int = 0

    def __str__(self) -> str:
        return FIRST if self.published is None else f"{self.published}.{self.given}"

    def filter(self, sort: Sort) -> list[Node]:
        if self.published is None:
            return []
        newest = sort is Sort.NEWEST
        low, high = (None, self.published) if newest else (self.published, None)
        return [Range("published", low, high)]


def parse_cursor(text: str) -> Cursor:
    """Raises ValidationFailed when the text was not given by an earlier page."""
    if text == FIRST:
        return Cursor()
    published, _, given = text.partition(".")
    if all(part.isascii() and part.isdigit() and len(part) < 18 for part in (published, given)):
        return Cursor(int(published), int(given))
    message = N_("Take this from the “next” link of the page before, or give * for the first page.")
    raise ValidationFailed(errors=[FieldError("/cursor", message)])


def cursor_after(work: Work, before: Cursor, ids: Sequence[str]) -> Cursor:
    """The position after `ids`, which were found at `before`, in their order; at least one."""
    query = select(Version.id, Version.published_at, Version.created_at).where(Version.id.in_(ids))
    moments = {
        row.id: published_number(row.published_at or row.created_at)
        for row in work.session.execute(query)
    }
    order = [moments[each] for each in ids if each in moments]
    if not order:
        return Cursor(before.published, before.given + len(ids))
    last = order[-1]
    same = order.count(last) + (before.given if last == before.published else 0)
    return Cursor(last, same)
