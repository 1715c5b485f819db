"""The folder of dumps: each dump a folder of its own, complete from the moment it has its name."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from repository.core.settings import Settings

MANIFEST = "manifest.json"
NAME = re.compile(r"\d{8}T\d{6}Z")
_UNFINISHED = ".unfinished-"
Manifest = dict[str, Any]


def dumps_dir(settings: Settings) -> Path:
    return settings.data_dir / "dumps"


def names(settings: Settings) -> list[str]:
    """The dumps there are, newest first."""
    folder = dumps_dir(settings)
    if not folder.is_dir():
        return []
    return sorted((p.name for p in folder.iterdir() if NAME.fullmatch(p.name)), reverse=True)


def manifest(settings: Settings, name: str) -> Manifest | None:
    """What a dump holds; None where there is none of that name."""
    if not NAME.fullmatch(name):
        return None
    try:
        text = (dumps_dir(settings) / name / MANIFEST).read_text(encoding="utf-8")
    except OSError:
        return None
    found: Manifest = json.loads(text)
    return found


def file_path(settings: Settings, name: str, file: str) -> Path | None:
    """Where a file of a dump lies: only files that its manifest names."""
    told = manifest(settings, name)
    if told is None or file not in {each["name"] for each in told["files"]}:
        return None
    return dumps_dir(settings) / name / file


@contextmanager
def unfinished(settings: Settings) -> Iterator[Path]:
    """A folder to write in, gone afterwards unless it was renamed; clears what a kill left."""
    folder = dumps_dir(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
    made.chmod(0o755)
    try:
        yield made
    finally:
        if made.is_dir():
            shutil.rmtree(made)


def finish(settings: Settings, made: Path, at: datetime) -> str:
    """Give a complete folder its name, by which it is seen at once and whole."""
    name = f"{at:%Y%m%dT%H%M%SZ}"
    target = dumps_dir(settings) / name
    if target.is_dir():  # made within the same second: the later one is as true
        shutil.rmtree(target)
    made.rename(target)
    return name


def remove(settings: Settings, name: str) -> None:
    """Take its name away first, so that nobody reads half of it."""
    folder = dumps_dir(settings) / name
    hidden = folder.with_name(f"{_UNFINISHED}{name}")
    folder.rename(hidden)
    shutil.rmtree(hidden)
