"""What a way of harvesting is: it knows a protocol, and nothing of what becomes of the answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from repository.core.fetch import Answer, FetchFailed

MAX_PAGE = 16 << 20  # bytes
Get = Callable[[str], Answer]
"""Fetches an address within the site's limits. Raises FetchRefused."""


class NotUnderstood(FetchFailed):
    """The source answered, with what its protocol does not allow; asking again would not help."""

    code = "source-not-understood"


class TokenRefused(NotUnderstood):
    """The source no longer knows where it left off: the list has to be begun again."""


@dataclass(frozen=True)
class About:
    """What a source says of itself. `by_day` where it knows no smaller time, `tells_deletions`
    where it promises to tell them for ever, `prefixes` the formats it gives.
    """

    name: str
    by_day: bool
    tells_deletions: bool
    prefixes: Sequence[str]


@dataclass(frozen=True)
class Asked:
    """Which records: in the format `prefix`, of the set `set_spec` where it is named, changed since
    `since` where it is given.
    """

    address: str
    prefix: str
    set_spec: str = ""
    since: datetime | None = None
    by_day: bool = False


@dataclass(frozen=True)
class Entry:
    """An item as a source lists it: `metadata` is an XML element, None where it is deleted."""

    identifier: str
    datestamp: str
    metadata: bytes | None


@dataclass(frozen=True)
class Page:
    """Some items. `token` leads to the next, empty on the last; `said_at` is the source's clock,
    `size` how many items the whole list has, where it tells.
    """

    entries: Sequence[Entry]
    token: str = ""
    said_at: datetime | None = None
    size: int | None = None


class Kind(Protocol):
    """`name` stands in the database and on the command line, `label` before people."""

    name: str
    label: str

    def describe(self, get: Get, address: str) -> About:
        """Raises FetchRefused; FetchFailed where trying again would not help."""
        ...

    def page(self, get: Get, asked: Asked, token: str) -> Page:
        """The first page where `token` is empty. Raises FetchRefused, TokenRefused."""
        ...
