"""Has a table opened in a process of its own, within limits, and brings back what that says.

A hostile file can exhaust or crash that process and nothing else: its memory, processor time,
disk and open files are limited, few run at once, and its environment holds no secrets.
"""

import fcntl
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import structlog

from repository.core.settings import Settings
from repository.tables import readers
from repository.tables.refusals import TableBusy, TableRefused

MAX_ANSWER = 64 << 20
DISK_SHARE = 8
WAIT_SECONDS = 5.0
LOOK_SECONDS = 0.05
ANSWER = "answer.json"
log = structlog.get_logger(__name__)


@contextmanager
def scratch(settings: Settings) -> Iterator[Path]:
    """A folder for one task, on the disk of the data folder; gone afterwards."""
    parent = settings.data_dir / "tables" / "tmp"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(settings: Settings, folder: Path, task: dict[str, Any], *, seconds: int) -> dict[str, Any]:
    """Do one task of the reader; `folder` is its scratch. Raises TableRefused, TableBusy."""
    limits = {
        "memory": settings.table_memory,
        "disk": DISK_SHARE * settings.table_memory,
        "seconds": seconds,
    }
    told = json.dumps({**task, "scratch": str(folder), "limits": limits})
    with _slot(settings):
        code = readers.perform(told.encode(), seconds * 2)
    if code:
        log.warning("table reader ended", status=code)
    answer = folder / ANSWER
    if not answer.is_file():
        raise TableRefused("time" if code in (-9, -24) else "disk" if code == -25 else "memory")
    if answer.stat().st_size > MAX_ANSWER:
        raise TableRefused("memory")
    said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if "refused" in said:
        raise TableRefused(said["refused"], **said["params"])
    return said


@contextmanager
def _slot(settings: Settings) -> Iterator[None]:
    """One of the few places for such processes on this machine, whichever worker asks.

    Raises TableBusy when none came free in a few seconds.
    """
    folder = settings.data_dir / "tables"
    deadline = time.monotonic() + WAIT_SECONDS
    while (held := _free(folder, settings.table_processes)) is None:
        if time.monotonic() > deadline:
            raise TableBusy(retry_after=10)
        time.sleep(LOOK_SECONDS)
    with held:
        yield


def _free(folder: Path, places: int) -> IO[str] | None:
    """A lock file that nobody else holds, held until it is closed."""
    for number in range(places):
        file = (folder / f"slot-{number}").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None
