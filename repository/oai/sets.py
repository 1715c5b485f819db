"""What a set is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from repository.core.work import Work
from repository.records.document import Document


@dataclass(frozen=True, order=True)
class SetEntry:
    """A set by its `spec` (colons make a hierarchy), with a name and description for people."""

    spec: str
    name: str
    description: str = ""


SetProvider = Callable[[Work, Document], Iterable[SetEntry]]
