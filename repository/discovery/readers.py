"""The index as this process has it open."""

import threading

import structlog

from repository.core.settings import Settings
from repository.discovery.engines.base import EngineError, Found, Reader, Search
from repository.discovery.indexes import Indexes

log = structlog.get_logger(__name__)
_open: dict[tuple[str, str], "_Current"] = {}
_lock = threading.Lock()


class _Current:
    """The reader of the current index; another one as soon as the pointer names another."""

    def __init__(self, settings: Settings) -> None:
        self._indexes = Indexes(settings)
        self._reader: Reader | None = None
        self._name = ""
        self._lock = threading.Lock()

    def search(self, search: Search) -> Found | None:
        reader = self._current()
        return None if reader is None else reader.search(search)

    def _current(self) -> Reader | None:
        index = self._indexes.current()
        if index is None:
            return None
        with self._lock:
            if index.name != self._name:
                self._reader, self._name = self._indexes.engine.reader(index), index.name
            return self._reader

    def forget(self) -> None:
        with self._lock:
            self._reader, self._name = None, ""


def ask(settings: Settings, search: Search) -> Found | None:
    """Search the index of this machine; None while there is none to search.

    An index may be swapped for another between looking and reading: then it is asked once more.
    """
    key = (str(settings.data_dir), settings.search_engine)
    with _lock:
        current = _open.get(key)
        if current is None:
            current = _open[key] = _Current(settings)
    for _attempt in range(2):
        try:
            return current.search(search)
        except EngineError:
            log.warning("the search index did not answer", exc_info=True)
            current.forget()
    return None
