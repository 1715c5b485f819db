"""What a metadata format is."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from repository.records.document import Document
from repository.records.metadata import Metadata


class Oai(NamedTuple):
    """How OAI-PMH announces a format (OAI-PMH 2.0, section 4.4 ListMetadataFormats)."""

    prefix: str
    schema: str
    namespace: str


class Format(Protocol):
    """`name` stands in addresses, `label` before people; `extension` has no dot.

    `oai` is None for formats that are not offered for harvesting. `render` gives UTF-8.
    """

    name: str
    label: str
    media_type: str
    extension: str
    oai: Oai | None

    def render(self, document: Document) -> bytes: ...


@runtime_checkable
class Profiled(Protocol):
    """A format that narrows its media type; `profile` is the URI that names how (RFC 6906)."""

    profile: str


def profile_of(entry: Format) -> str:
    """The URI that tells a format from others of its media type; empty where none is known."""
    if isinstance(entry, Profiled):
        return entry.profile
    return entry.oai.namespace if entry.oai else ""


@runtime_checkable
class Selective(Protocol):
    """A format that is not apt for every document. `render` is asked only where it `suits`."""

    def suits(self, document: Document) -> bool: ...


@dataclass(frozen=True)
class Imported:
    """What was read: the metadata, and the DOI the resource has already, bare."""

    metadata: Metadata
    doi: str | None = None


@runtime_checkable
class Readable(Protocol):
    """A format that can be taken in as well. `read` raises UnreadableMetadata."""

    def read(self, data: bytes) -> Imported: ...


@dataclass(frozen=True)
class Understood:
    """What was read for a draft: metadata in the model's names, complete or not; the DOI it has
    already, bare; and the names of what there was no place for.
    """

    metadata: dict[str, Any]
    doi: str | None = None
    left: tuple[str, ...] = ()


class UnreadableMetadata(ValueError):
    """The bytes are not the format they should be, or hold metadata nobody could publish.

    The text names the place and the remedy, for an operator's report.
    """
