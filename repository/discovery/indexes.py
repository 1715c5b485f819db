"""Where the index lies, which one is current, and how far each has followed the change feed.

    <data folder>/search/<engine>/
        CURRENT       the name of the folder that searches read
        <name>/       an index, as its engine keeps it
        <name>.json   what is known of it: `IndexState`
        write.lock    held by whoever writes the current index
        build.lock    held by whoever builds the next one

How far an index has come lies beside it, and not in the database: every machine may keep its own.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from repository.core.settings import Settings
from repository.discovery.engines.base import FORMAT, Engine, EngineError
from repository.discovery.engines.registry import engine_named


class IndexBusyError(EngineError):
    """Somebody else is at it."""


@dataclass(frozen=True)
class IndexState:
    """`seq`: all changes up to it are in the index. While it is built, `after` is the last record
    of the walk that is in it, and `done` how many are. `used`: the day (ISO 8601) on which the
    counts of use were last taken over.
    """

    seq: int
    format: int = FORMAT
    building: bool = False
    after: str = ""
    done: int = 0
    used: str = ""


class Indexes:
    """The indexes of one machine and engine."""

    def __init__(self, settings: Settings) -> None:
        self.engine: Engine = engine_named(settings.search_engine)
        self.folder = settings.data_dir.resolve() / "search" / settings.search_engine
        self._pointer = self.folder / "CURRENT"

    def current(self) -> Path | None:
        """The index to read and to keep up to date; None before the first was built."""
        try:
            return self.folder / self._pointer.read_text("ascii")
        except FileNotFoundError:
            return None

    def usable(self) -> Path | None:
        """The current index, unless documents have another shape now."""
        current = self.current()
        if current is None or not current.is_dir():
            return None
        state = self.state(current)
        return current if state is not None and state.format == FORMAT else None

    def state(self, index: Path) -> IndexState | None:
        """None where nothing is known of the index: it is not to be used."""
        try:
            return IndexState(**json.loads(_state_file(index).read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def keep(self, index: Path, state: IndexState) -> None:
        """Remember the state; only after the index itself was committed."""
        _replace(_state_file(index), json.dumps(asdict(state)))

    def unfinished(self) -> Path | None:
        """The index whose building was interrupted, to be gone on with."""
        for file in self.folder.glob("*.json"):
            state = self.state(file.with_suffix(""))
            if (
                state
                and state.building
                and state.format == FORMAT
                and file.with_suffix("").is_dir()
            ):
                return file.with_suffix("")
        return None

    def create(self, state: IndexState) -> Path:
        index = self.folder / secrets.token_hex(6)
        index.mkdir(parents=True)
        self.engine.create(index)
        self.keep(index, state)
        return index

    def make_current(self, index: Path) -> None:
        """From now on searches read this one; the others are thrown away."""
        _replace(self._pointer, index.name)
        for other in self.folder.iterdir():
            if other.is_dir() and other != index:
                self.discard(other)

    def discard(self, index: Path) -> None:
        _state_file(index).unlink(missing_ok=True)
        shutil.rmtree(index, ignore_errors=True)

    @contextmanager
    def lock(self, name: str, *, wait: bool) -> Iterator[None]:
        """Held by one process at a time, and let go of when that dies. Raises IndexBusyError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexBusyError("the search index is being built by another process") from None
            yield


def _state_file(index: Path) -> Path:
    return index.with_name(f"{index.name}.json")


def _replace(path: Path, text: str) -> None:
    arriving = path.with_name(f"{path.name}.new")
    with arriving.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    arriving.replace(path)
