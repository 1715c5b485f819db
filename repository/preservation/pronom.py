"""Which format of the PRONOM registry a file has: what an archive plans its preservation by.

Siegfried knows, by the registry's signatures and by the name where a format has none, in a process
of its own. It gets small files whole, and of large ones the ends: it would read a file of 50 GB to
its last byte. Where the package `pygfried` is not installed nothing is identified.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import structlog
from sqlalchemy import Select, select, update

from repository.core.runtime import Runtime
from repository.core.settings import MIB
from repository.core.work import Work
from repository.records.models import File
from storage.base import NotStored

IDENTIFY = "files.identify-format"
GATHERING = timedelta(seconds=10)  # files that arrive meanwhile share one start of the program
AT_ONCE, BYTES_AT_ONCE = 500, 64 * MIB
WHOLE, END = 16 * MIB, MIB
LONGEST_ENDING = 20
SECONDS = 120
PROGRAM = Path(__file__).with_name("pronom_process.py")
log = structlog.get_logger(__name__)


def request_format(work: Work, file: File) -> None:
    """Ask, with this transaction, for the format of a file, and of all beside it that wait too."""
    if file.puid is None and find_spec("pygfried") is not None:
        key, payload = f"{IDENTIFY}:{file.version_id}", {"version": file.version_id}
        work.enqueue(IDENTIFY, key, payload, delay=GATHERING)


def identify(runtime: Runtime, version_id: str | None = None) -> None:
    """Identify all files that wait for it, of one version or of all."""
    if find_spec("pygfried") is not None:
        while _identify_some(runtime, version_id):
            continue


def _identify_some(runtime: Runtime, version_id: str | None) -> int:
    """Identify some of the files that wait; how many. Each is looked at once: one at which the
    program fails is kept as one of no known format.
    """
    with runtime.read() as work:
        waiting = _waiting(work, version_id)
    if not waiting:
        return 0
    with tempfile.TemporaryDirectory(prefix="formats-") as name:
        taken = _copied(runtime, waiting, Path(name))
        found = _asked(Path(name))
    if found is None and len(taken) > 1:  # one of them is its end: each by itself
        for file in taken:
            with tempfile.TemporaryDirectory(prefix="formats-") as name:
                _copied(runtime, [file], Path(name))
                _keep(runtime, [file], _asked(Path(name)) or {})
    else:
        _keep(runtime, taken, found or {})
    return len(taken)


def _waiting(work: Work, version_id: str | None) -> Sequence[File]:
    return work.session.scalars(waiting_query(version_id).limit(AT_ONCE)).all()


def waiting_query(version_id: str | None) -> Select[tuple[File]]:
    """In the order of the index of files without a format: there are few of them among many."""
    query = select(File).where(File.puid.is_(None), File.committed, File.sha256.is_not(None))
    if version_id is not None:
        query = query.where(File.version_id == version_id)
    return query.order_by(File.version_id, File.id)


def _copied(runtime: Runtime, files: Sequence[File], folder: Path) -> list[File]:
    """Those of `files` that were written to `folder`, each by its id and its name's ending, till
    there is enough of them.
    """
    taken, size = [], 0
    for file in files:
        if size > BYTES_AT_ONCE:
            break
        taken.append(file)
        if file.size:
            size += _copy(runtime, file, folder / f"{file.id}{_ending(file.path)}")
    return taken


def _ending(path: str) -> str:
    ending = PurePosixPath(path).suffix
    return ending if ending.isascii() and len(ending) <= LONGEST_ENDING else ""


def _copy(runtime: Runtime, file: File, to: Path) -> int:
    ranges = [(0, file.size)]
    if file.size > WHOLE:
        ranges = [(0, END), (file.size - END, END)]
    with to.open("wb") as copy, suppress(NotStored):  # fixity tells of it
        for start, length in ranges:
            for chunk in runtime.store.read(file.sha256 or "", start, length):
                copy.write(chunk)
    return min(file.size, WHOLE)


def _asked(folder: Path) -> dict[str, str] | None:
    """Identifiers by file id; None where the program came to its end by what it read. Raises
    OSError where it cannot be started: then the job is tried again.
    """
    if not any(folder.iterdir()):
        return {}
    command = [sys.executable, "-I", str(PROGRAM), str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, a folder of our own making
            command, capture_output=True, timeout=SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except subprocess.SubprocessError as error:
        log.warning("formats were not identified", error=str(error))
        return None
    found: dict[str, str] = json.loads(done.stdout)
    return {name.partition(".")[0]: puid for name, puid in found.items()}


def _keep(runtime: Runtime, files: Sequence[File], found: dict[str, str]) -> None:
    """Bytes that were replaced meanwhile stay to be looked at."""
    with runtime.work() as work:
        for file in files:
            same = (File.id == file.id, File.sha256 == file.sha256, File.puid.is_(None))
            puid = found.get(str(file.id), "")
            work.session.execute(update(File).where(*same).values(puid=puid))
