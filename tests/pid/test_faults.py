"""Hundreds of publications while the registry fails at random and workers are killed."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from repository.core.clock import SystemClock
from repository.core.jobs import Job
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.deposit.publish import withdraw
from repository.pid import services
from repository.pid.models import Identifier
from repository.records.models import Record, State, Version
from tests.pid.helpers import (
    datacite_settings,
    depositor,
    edited,
    published,
    succeeded,
)
from tests.services.datacite_registry import Fault, Registry
from tests.waiting import eventually

PUBLICATIONS = {"sqlite": 100, "postgresql": 300}
KILLS = 6
FAULT_RATE = 0.15
# Those that keep a client waiting are rarer, so that the test is not.
FAULTS = [*Fault, *[f for f in Fault if f not in (Fault.HANG, Fault.LATE, Fault.THROTTLE)] * 2]
WORKER = (
    "from repository.core.runtime import Runtime\n"
    "from repository.core.settings import Settings\n"
    "from repository.worker import run_worker\n"
    "run_worker(Runtime.from_settings(Settings()))\n"
)


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    told = settings.model_dump(mode="json", exclude_defaults=True)
    told |= {"datacite_password": settings.datacite_password.get_secret_value()}
    told |= {"secret_key": settings.secret_key.get_secret_value()}
    env = {f"REPOSITORY_{name}".upper(): str(value) for name, value in told.items()}
    return subprocess.Popen([sys.executable, "-c", WORKER], env={**os.environ, **env})


@contextmanager
def workers(settings: Settings, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    running = [start_worker(settings) for _ in range(count)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def act(runtime: Runtime, dice: random.Random, versions: list[str], number: int) -> None:
    """One publication: of a record, a new version, an edit; now and then a withdrawal."""
    with runtime.work() as work:
        choice = dice.random()
        chosen = dice.choice(versions) if versions else None
        version = work.session.get(Version, chosen) if chosen else None
        if version is None or choice < 0.5 or version.state != State.PUBLISHED:
            versions.append(published(work, f"Title {number}").id)
        elif choice < 0.7:
            versions.append(succeeded(work, version.id, f"Title {number}").id)
        else:
            edited(work, version.id, f"Title {number}")
            if choice > 0.95:
                withdraw(work, depositor(work), version, "other")


def _wait_for_another_put(registry: Registry) -> None:
    have = len(registry.puts)
    eventually(lambda: len(registry.puts) > have, timeout=60)


def test_every_doi_comes_to_be_as_it_should(
    database_url: str, tmp_path: Path, registry: Registry
) -> None:
    seed = int(os.environ.get("TEST_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}: run again with TEST_SEED={seed}")  # noqa: T201
    dice = random.Random(seed)
    chaos = random.Random(seed + 1)
    registry.hang_seconds = 0.4
    registry.chaos = lambda: chaos.choice(FAULTS) if chaos.random() < FAULT_RATE else None
    settings = datacite_settings(
        tmp_path / "data",
        database_url,
        registry.url,
        datacite_timeout=0.3,
        job_retry_seconds=0.05,
        job_lease_seconds=1,
    )
    runtime = Runtime.from_settings(settings, SystemClock())
    versions: list[str] = []
    publications = PUBLICATIONS[runtime.database.engine.dialect.name]
    every = publications // KILLS
    with workers(settings, 2) as running:
        for number in range(publications):
            act(runtime, dice, versions, number)
            if number % every == every - 1:
                _wait_for_another_put(registry)
                victim = dice.randrange(len(running))
                running[victim].kill()
                running[victim].wait()
                running[victim] = start_worker(settings)
        registry.chaos = lambda: None
        eventually(lambda: is_idle(runtime), timeout=120)
    check(runtime, registry)
    runtime.close()


def is_idle(runtime: Runtime) -> bool:
    with runtime.read() as work:
        waiting = select(func.count()).where(Identifier.due_at.is_not(None))
        undone = select(func.count()).where(Job.kind == services.SYNC, Job.state != "done")
        return not work.session.scalar(waiting) and not work.session.scalar(undone)


def check(runtime: Runtime, registry: Registry) -> None:
    with runtime.read() as work:
        versions = work.session.scalars(select(Version)).all()
        records = work.session.scalars(select(Record)).all()
        assert set(registry.dois) == {r.doi for r in records} | {v.doi for v in versions}
        assert not work.session.scalar(select(func.count()).where(Identifier.failure.is_not(None)))
        for version in versions:
            held = registry.dois[str(version.doi)]
            standing = version.state == State.PUBLISHED
            assert held.state == ("findable" if standing else "registered")
            assert held.attributes["url"] == f"{settings_url(runtime)}/records/{version.id}"
            title = version.metadata_json["titles"][0]["title"]
            assert held.attributes["titles"][0]["title"] == title
        for record in records:
            held = registry.dois[str(record.doi)]
            newest = work.session.get_one(Version, record.latest_id)
            standing = newest.state == State.PUBLISHED
            assert held.state == ("findable" if standing else "registered")
            title = newest.metadata_json["titles"][0]["title"]
            assert held.attributes["titles"][0]["title"] == title


def settings_url(runtime: Runtime) -> str:
    return runtime.settings.base_url
