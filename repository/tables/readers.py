"""The processes that fork to open tables: started when they are needed, kept a minute for more.

Starting Python and importing DuckDB costs a hundred times what a fork costs, and more than reading
a small table. What was forked is shut in as ADR 28 says; what forks reads no table.
"""

import atexit
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock

import repository

PACKAGE = Path(repository.__file__).resolve().parent.parent
KILLED = -int(signal.SIGKILL)
Process = subprocess.Popen[bytes]
_idle: list[Process] = []
_lock = Lock()


def perform(task: bytes, seconds: float) -> int:
    """Have a task done; its exit status, negative where a signal ended it, that of SIGKILL also
    where it took more than so many seconds on the clock.
    """
    process, used = _borrow()
    try:
        code = _ask(process, task, seconds)
        if code is None and used and process.poll() is not None:  # it had just gone, for idleness
            process = _start()
            code = _ask(process, task, seconds)
    except BaseException:
        _end(process)
        raise
    if code is None:
        _end(process)
        return KILLED
    with _lock:
        _idle.append(process)
    return code


def _borrow() -> tuple[Process, bool]:
    """One that waits, or a new one; and whether it was used before."""
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.poll() is None:
                return process, True
            _end(process)
    return _start(), False


def _start() -> Process:
    """With none of our secrets in its environment."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(PACKAGE),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "repository.tables.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment,
        start_new_session=True,
        bufsize=0,
    )


def _ask(process: Process, task: bytes, seconds: float) -> int | None:
    """None where it is gone, or does not answer in time."""
    told, asked = process.stdout, process.stdin
    if told is None or asked is None:  # never: both are pipes
        return None
    try:
        asked.write(task + b"\n")
    except BrokenPipeError:
        process.wait()
        return None
    with selectors.DefaultSelector() as selector:
        selector.register(told, selectors.EVENT_READ)
        if not selector.select(seconds):
            return None
    line = told.readline()
    if not line:
        process.wait()
        return None
    return int(line)


def _end(process: Process) -> None:
    """With what it forked: they are a process group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    process.wait()


def _end_idle() -> None:
    with _lock:
        while _idle:
            _end(_idle.pop())


atexit.register(_end_idle)
os.register_at_fork(after_in_child=_idle.clear)
