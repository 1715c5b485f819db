"""Noticing looks and downloads as they are answered, at next to no cost to whoever waits."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from threading import Lock

import structlog
from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from repository.core.runtime import Runtime
from repository.stats.rules import is_program, is_robot
from repository.stats.services import Seen, record_seen
from repository.web.context import runtime
from repository.web.negotiation import is_api

EXTENSION = "stats"
KEPT = 200
KEPT_FOR = timedelta(seconds=5)
MOST = 5000
# endpoint -> whether it is a download (a request, in COUNTER's words) or a look
LOOKS: Mapping[str, bool] = {
    "discovery.landing": False,
    "previews.preview": False,
    "tables.table": False,
    "api.read_record": False,
    "discovery.download": True,
    "discovery.download_all": True,
    "api.download_file": True,
    "api.download_files": True,
}
log = structlog.get_logger(__name__)


class Memory:
    """What this process saw in the last seconds. It is written in one transaction, after some
    answer was sent; when the process is killed before, so few looks are lost.
    """

    def __init__(self) -> None:
        self._seen: list[Seen] = []
        self._lock = Lock()

    def add(self, seen: Seen) -> None:
        with self._lock:
            if len(self._seen) < MOST:
                self._seen.append(seen)

    def write(self, parts: Runtime, *, all_of_it: bool = False) -> None:
        """Write what has waited long enough. Whatever fails is logged: counting never breaks
        what is counted.
        """
        with self._lock:
            due = bool(self._seen) and (
                all_of_it
                or len(self._seen) >= KEPT
                or parts.clock.now() - self._seen[0].at >= KEPT_FOR
            )
            batch, self._seen = (self._seen, []) if due else ([], self._seen)
        if not batch:
            return
        try:
            with parts.work() as work:
                record_seen(work, batch)
        except Exception:
            log.exception("usage was not written", events=len(batch))


def memory() -> Memory:
    found: Memory = current_app.extensions[EXTENSION]
    return found


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = kept = Memory()

    @app.after_request
    def notice(response: Response) -> Response:
        parts = runtime()
        seen = _seen(response, parts)
        if seen is not None:
            kept.add(seen)
        response.call_on_close(lambda: kept.write(parts))
        return response


def _seen(response: Response, parts: Runtime) -> Seen | None:
    """A look or a whole download; not what a robot asks, a page shows, or a download goes on."""
    is_download = LOOKS.get(request.endpoint or "")
    if is_download is None or request.method != "GET" or not _is_whole(response):
        return None
    if is_download and request.args.get("inline") == "1":
        return None
    agent = request.user_agent.string[:500]
    robots_file = parts.settings.robots_file
    if is_robot(agent, Path(robots_file) if robots_file else None):
        return None
    arguments = request.view_args or {}
    return Seen(
        at=parts.clock.now(),
        version_id=str(arguments.get("record_id") or arguments.get("id") or ""),
        is_download=is_download,
        machine=is_api() or is_program(agent),
        address=request.remote_addr or "",
        agent=agent,
        target=str(arguments.get("path") or arguments.get("key") or "") if is_download else "",
        bytes=(response.content_length or 0) if is_download else 0,
    )


def _is_whole(response: Response) -> bool:
    if response.status_code == 206:
        return response.headers.get("Content-Range", "").startswith("bytes 0-")
    return response.status_code == 200
