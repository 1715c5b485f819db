"""Pages made lately, so that many visitors of one record cost little more than one."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from flask import current_app, request
from werkzeug.wrappers import Response

from repository.web.caching import has_session

EXTENSION = "discovery.pages"
MAX_PAGES = 128
MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class Kept:
    body: bytes
    status: int
    link: str
    last_modified: datetime | None


class PageMemory:
    """The pages this process used last, by their ETag, which changes with all they say."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, etag: str) -> Kept | None:
        with self._lock:
            kept = self._pages.get(etag)
            if kept is not None:
                self._pages.move_to_end(etag)
            return kept

    def put(self, etag: str, kept: Kept) -> None:
        if len(kept.body) > MAX_BYTES:
            return
        with self._lock:
            self._pages[etag] = kept
            while len(self._pages) > MAX_PAGES:
                self._pages.popitem(last=False)


def _memory() -> PageMemory:
    memory: PageMemory = current_app.extensions[EXTENSION]
    return memory


def _is_everybodys() -> bool:
    """Pages of those who have a session, or with arguments that the page repeats, are not kept."""
    return not has_session() and not (request.args.keys() - {"lang"})


def recall(etag: str) -> Kept | None:
    return _memory().get(etag) if _is_everybodys() else None


def keep(etag: str, response: Response) -> None:
    if _is_everybodys():
        link, changed = response.headers.get("Link", ""), response.last_modified
        _memory().put(etag, Kept(response.get_data(), response.status_code, link, changed))
