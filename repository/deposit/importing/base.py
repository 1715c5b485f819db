"""What a reader of one kind of source gives, and how it says that it cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from repository.records.access import AccessSettings
from repository.records.file_access import FileAccess

MAX_DESCRIPTOR = 20 << 20


class CannotImport(Exception):
    """One item cannot be taken; the text says what is wrong and where."""


@dataclass(frozen=True)
class ImportFile:
    """A file to take along. `description` is JSON kept with it, e.g. its `variables`."""

    path: str
    source: Path
    description: Mapping[str, Any] = field(default_factory=dict)
    access: FileAccess = field(default_factory=FileAccess)


@dataclass(frozen=True)
class ImportItem:
    """One record to be. `source_key` is the same whenever the same item is read again."""

    source_key: str
    metadata: dict[str, Any]
    files: Sequence[ImportFile] = ()
    access: AccessSettings = field(default_factory=AccessSettings)
    external_doi: str | None = None


class Reader(Protocol):
    """Reads one kind of source."""

    def reads(self, path: Path) -> bool:
        """Whether this path, as far as its name tells, is of this kind."""
        ...

    def read(self, path: Path) -> ImportItem:
        """Raises CannotImport."""
        ...


def read_bounded(path: Path) -> bytes:
    """The whole of a small file. Raises CannotImport when it is missing, unreadable or large."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_DESCRIPTOR + 1)
    except OSError as error:
        raise CannotImport(f"{path.name} cannot be read: {error.strerror}") from error
    if len(data) > MAX_DESCRIPTOR:
        raise CannotImport(f"{path.name} is larger than {MAX_DESCRIPTOR >> 20} MiB")
    return data
