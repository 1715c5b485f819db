"""Lists and searches for somebody with many grants, beside the same pages for anonymous.

python3 dev.py bench access [RECORDS]

A twentieth of the records is restricted as a whole; one reader was granted none of them, one 1,000
and one 5,000. Whole requests, in one process without a socket, the readers in turn; at most twice
the time of anonymous is what a reader with 1,000 grants may be asked to wait.
"""

import logging
import statistics
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import structlog
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from benchmarks._common import SECRET_KEY, show, temporary_folder
from benchmarks.search import fill
from repository import start
from repository.accounts.identity import start_session
from repository.accounts.models import ANONYMOUS, Actor, User
from repository.accounts.services import create_user
from repository.app import create_app
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.discovery import indexing
from repository.discovery.search import SearchRequest, search
from repository.records.models import Grant, Permission, Version

EVERY = 20
GRANTS = (0, 1000, 5000)
ROUNDS = 15
PAGES = {
    "search page, everything": "/search",
    "search page, one word": "/search?q=m%E1%BA%B7n",
    "search page, two words, a facet": "/search?q=l%C6%B0%E1%BB%A3ng+m%C6%B0a&type=dataset",
    "suggestions": "/search/suggest?q=d%E1%BB%AF+li",
    "front page": "/",
    "Atom feed": "/feed.atom",
    "/api/records, everything": "/api/records",
    "/api/records, one word": "/api/records?q=m%E1%BA%B7n",
    "/api/records, page 40": "/api/records?page=40&size=25",
}


def grantees(runtime: Runtime, count: int) -> dict[int, User]:
    """Restrict a twentieth, and give as much of it to as many readers."""
    restricted = [f"{n:07}" for n in range(EVERY // 2, count, EVERY)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with runtime.work() as work:
        for first in range(0, len(restricted), 500):
            ids = [f"v{number}" for number in restricted[first : first + 500]]
            closed = {"record_access": "restricted", "files_access": "restricted"}
            work.session.execute(update(Version).where(Version.id.in_(ids)).values(**closed))
        made = {
            grants: create_user(
                work,
                email=f"reader{grants}@example.org",
                password="only for a benchmark",
                name=f"R{grants}",
            )
            for grants in GRANTS
        }
        rows = [
            {
                "record_id": f"r{number}",
                "user_id": user.id,
                "permission": Permission.VIEW.value,
                "created_at": now,
            }
            for grants, user in made.items()
            for number in restricted[:grants]
        ]
        work.session.execute(insert(Grant), rows)
    return made


def check(runtime: Runtime, readers: dict[int, User], count: int) -> None:
    """Everybody finds all that they may see, before it is timed."""
    hidden = len(range(EVERY // 2, count, EVERY))
    for grants, actor in [(0, ANONYMOUS), *((n, Actor.of(u)) for n, u in readers.items())]:
        with runtime.read() as work:
            total = search(work, actor, SearchRequest(limit=1)).total
        if total != count - hidden + min(grants, hidden):
            raise SystemExit(f"with {grants} grants {total} records are found")


def signed_in(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    with app.test_request_context():
        start_session(user)
        kept = dict(session)
    with client.session_transaction() as own:
        own.update(kept)
    return client


def measure(clients: dict[str, FlaskClient], address: str) -> list[float]:
    """Medians in milliseconds; the readers take turns, so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in clients}
    for turn in range(ROUNDS + 2):
        for name, client in clients.items():
            begun = time.perf_counter()
            answer = client.get(address)
            answer.get_data()
            if answer.status_code != 200:
                raise SystemExit(f"{address} answers {answer.status_code}")
            if turn > 1:
                times[name].append((time.perf_counter() - begun) * 1000)
    return [statistics.median(each) for each in times.values()]


def main(count: int) -> None:
    with temporary_folder() as folder:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        runtime = prepared(folder)
        fill(runtime, count)
        readers = grantees(runtime, count)
        indexing.rebuild(runtime, afresh=True)
        check(runtime, readers, count)
        app = create_app(runtime)
        clients = {"anonymous": app.test_client()}
        clients |= {f"{n:,} grants": signed_in(app, user) for n, user in readers.items()}
        rows = []
        for name, address in PAGES.items():
            anonymous, *theirs = measure(clients, address)
            shown = [f"{ms:.1f} ({ms / anonymous:.2f})" for ms in theirs]
            rows.append([name, f"{anonymous:.1f}", *shown])
        columns = ["ms at p50 (ratio)", *clients]
        show(f"Grants: {count:,} records, {count // EVERY:,} restricted", columns, rows)
        runtime.close()


def prepared(folder: Path) -> Runtime:
    settings = Settings(
        data_dir=folder / "data",
        secret_key=SECRET_KEY,
        rate_limit="1000000 per minute",
    )
    return start.prepare(settings)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
