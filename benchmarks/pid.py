"""Registering a backlog of DOIs, against a bare loop of the same requests; memory on the way.

The registry is the tests' simulator, in a process of its own, answering at once.

python3 dev.py bench pid [DOIS]
"""

import json
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import requests
from sqlalchemy import select

from benchmarks._common import SECRET_KEY, show, temporary_folder
from repository.accounts.models import Actor
from repository.accounts.services import create_user
from repository.core.jobs import RetryLater
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.deposit.drafts import create_draft
from repository.deposit.publish import publish
from repository.migrate import upgrade
from repository.pid.models import Identifier
from repository.pid.payloads import target_of
from repository.pid.sync import drain
from tests.services.datacite_registry import Account, Registry, serving

PREFIX, USERNAME, PASSWORD = "10.82001", "BENCH.REPO", "only for a benchmark"
DEFAULT, BATCH, BARE = 10_000, 100, 1_000


def registry(told: Connection) -> None:
    """Serve until the other side hangs up."""
    accounts = {USERNAME: Account(PASSWORD, frozenset({PREFIX}))}
    with serving(Registry(accounts)) as running:
        told.send(running.url)
        told.poll(None)


def backlog(runtime: Runtime, dois: int) -> None:
    """Publish until `dois` identifiers wait: a concept's and a version's for each record."""
    metadata = {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": "Rainfall at an invented station", "lang": "en"}],
        "creators": [{"person_or_org": {"type": "personal", "family_name": "Researcher"}}],
        "publication_date": "2026-05-01",
        "publisher": "Example Repository",
    }
    with runtime.work() as work:
        actor = Actor.of(
            create_user(work, email="bench@example.org", password=PASSWORD, name="Bench")
        )
    for _ in range(dois // 2 // BATCH):
        with runtime.work() as work:
            for _ in range(BATCH):
                draft = create_draft(work, actor, metadata, files_enabled=False)
                publish(work, actor, draft.version_id)


def drained(runtime: Runtime) -> list[int]:
    """Work off the queue as the runner does; resident bytes after each slice."""
    process, seen = psutil.Process(), []
    while True:
        try:
            drain(runtime, PREFIX)
        except RetryLater as later:
            time.sleep(later.seconds)
            seen.append(process.memory_info().rss)
        else:
            return seen


def bare(runtime: Runtime, url: str) -> float:
    """Seconds for one PUT of a body made beforehand, the connection kept."""
    with runtime.read() as work:
        found = work.session.scalars(select(Identifier).limit(BARE)).all()
        targets = [target for row in found if (target := target_of(work, row))]
    session = requests.Session()
    session.auth = (USERNAME, PASSWORD)
    bodies = [
        (t.doi, json.dumps({"data": {"attributes": t.attributes | {"url": t.url}}}))
        for t in targets
    ]
    begun = time.perf_counter()
    for doi, body in bodies:
        session.put(f"{url}/dois/{doi}", data=body, timeout=10).raise_for_status()
    return (time.perf_counter() - begun) / len(bodies)


def measure(scratch: Path, url: str, dois: int) -> None:
    settings = Settings(
        data_dir=scratch,
        secret_key=SECRET_KEY,
        pid_provider="datacite",
        datacite_url=url,
        datacite_prefix=PREFIX,
        datacite_username=USERNAME,
        datacite_password=PASSWORD,
        datacite_rate_limit=1_000_000,
        datacite_rate_seconds=1,
    )
    runtime = Runtime.from_settings(settings)
    upgrade(runtime.database)
    backlog(runtime, dois)
    begun = time.perf_counter()
    memory = drained(runtime)
    ours = (time.perf_counter() - begun) / dois
    least = bare(runtime, url)
    runtime.close()
    show(
        f"{dois} DOIs waiting",
        ["", "DOIs/s", "times the limit"],
        [
            ["bare loop of PUT (limit)", f"{1 / least:.0f}", "1.0"],
            ["queue to findable", f"{1 / ours:.0f}", f"{ours / least:.1f}"],
        ],
    )
    tenth = memory[len(memory) // 10]
    print(f"resident: {tenth / 1e6:.0f} MB after a tenth, {memory[-1] / 1e6:.0f} MB at the end")


def main() -> None:
    dois = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    ours, theirs = multiprocessing.Pipe()
    served = multiprocessing.Process(target=registry, args=(theirs,), daemon=True)
    served.start()
    with temporary_folder() as scratch:
        measure(scratch, ours.recv(), dois)
    served.terminate()


if __name__ == "__main__":
    main()
