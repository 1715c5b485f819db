"""The sample records, as they lie in the package's folder `records`.

One folder a record: `record.json` (`owner`; `access`, `metadata`, `file_access` by path, in the
API's shape) and beside it `files`, whose paths become the paths of the version's files.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SampleRecord:
    """`owner` is the role of the demo user who deposits it. Without `files` it is metadata-only."""

    slug: str
    owner: str
    access: dict[str, Any]
    metadata: dict[str, Any]
    files: tuple[tuple[str, Path], ...]
    file_access: dict[str, dict[str, Any]]


def sample_records() -> Iterator[SampleRecord]:
    """Every sample record, by slug; each call reads the folder anew."""
    folder = Path(str(resources(__package__).joinpath("records")))
    for path in sorted(folder.glob("*/record.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        yield SampleRecord(
            slug=path.parent.name,
            owner=told["owner"],
            access=told["access"],
            metadata=told["metadata"],
            files=_files(path.parent / "files"),
            file_access=told.get("file_access", {}),
        )


def _files(folder: Path) -> tuple[tuple[str, Path], ...]:
    """Paths with `/` between folders, sorted.

    pip compiles every script it installs, those among the samples too: what it leaves is no sample.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(
        (path.relative_to(folder).as_posix(), path)
        for path in found
        if "__pycache__" not in path.parts
    )
