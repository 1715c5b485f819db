"""The protocol that every search engine meets, and the shape of what it indexes.

An index is disposable: the database is the truth, and any index can be built again from it.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from repository.discovery.engines.nodes import EVERYTHING, Node

FORMAT = 7  # of documents, and of how engines keep them; an index of another format is built anew
TEXT_FIELDS = ("text", "stem", "marked", "title", "creator", "subject")
FACETS = (
    "collection",
    "type",
    "years",
    "access",
    "topic",
    "institution",
    "language",
    "license",
    "format",
    "funder",
)
KEYWORD_FIELDS = ("id", "record", "identifier", "placed", "publisher", *FACETS)
BOX_FIELDS = ("west", "south", "east", "north")
NUMBER_FIELDS = (
    "year",
    "published",
    "modified",
    "public_from",
    "shown_from",
    "shown_until",
    "newest",
    "owner",
    "used",
    *BOX_FIELDS,
)


@dataclass(frozen=True)
class IndexDocument:
    """One version of a record, ready for any engine.

    `texts` holds, for each text field, values whose words are folded and joined by blanks; a
    phrase never reaches from one value into the next; all that the others have, `text` has too
    (`stem` in other forms). `numbers` has every number field.
    """

    id: str
    record: str
    texts: Mapping[str, Sequence[str]]
    keywords: Mapping[str, Sequence[str]]
    numbers: Mapping[str, int]
    sort_title: str


class Sort(StrEnum):
    RELEVANCE = "bestmatch"
    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    MODIFIED = "modified"
    MOST_USED = "mostused"


@dataclass(frozen=True)
class Search:
    """`query` scores; `filters` and `chosen` facet values only narrow.

    `facets` asks for the most frequent values, at most so many each. A facet with chosen values
    is counted as if they were not chosen, so that its other values can be added.
    """

    query: Node = EVERYTHING
    filters: Sequence[Node] = ()
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facets: Mapping[str, int] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True)
class Found:
    """Version ids in order, how many there are in all, and counts of facet values."""

    ids: list[str]
    total: int
    facets: dict[str, list[tuple[str, int]]]


class EngineError(Exception):
    """The index cannot be opened or is torn; building it anew is the remedy."""


class Writer(Protocol):
    """The one writer of an index. What it wrote is visible to readers after `commit`."""

    def replace(self, record: str, documents: Sequence[IndexDocument], *, known: bool) -> None:
        """Put these in the place of all documents of a record; none to remove it.

        `known` is False where the caller is certain that the index has none of the record yet.
        """
        ...

    def commit(self) -> None: ...


class Reader(Protocol):
    """An open index, shared by threads; sees the newest commit at each search."""

    def search(self, search: Search) -> Found:
        """Raises EngineError."""
        ...

    def count(self) -> int:
        """How many documents there are."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """How to make, write and read an index in a folder. Raises EngineError."""

    def create(self, folder: Path) -> None:
        """An empty index in an empty folder."""
        ...

    def writer(self, folder: Path) -> AbstractContextManager[Writer]:
        """Leaving it without `commit` forgets what was not committed."""
        ...

    def reader(self, folder: Path) -> Reader: ...
