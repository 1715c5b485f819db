"""Starting a server for the tests, and ending it for sure."""

import os
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.waiting import eventually

GUARD = Path(__file__).with_name("guard.py")


@dataclass(frozen=True)
class Server:
    """A running program and the file its output goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)

    def output(self) -> str:
        return self.log.read_text(errors="replace")


def carried(package: str, *path: str) -> Path:
    """A file that an installed package carries; the package itself is not imported."""
    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent.joinpath(*path)


def carried_program(name: str) -> Path:
    """A program that a package put beside Python's own."""
    return Path(sysconfig.get_path("scripts"), name)


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    ready: Callable[[str], bool],
    user: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Server:
    """Start `command` (as uid `user`) and return when `ready`, given its output so far, is true.

    Raises ServerEndedError, with the output, if it ended, AssertionError if it never was ready.
    """
    uid = str(os.geteuid() if user is None else user)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", GUARD, uid, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            start_new_session=True,
        )
    server = Server(process, log)
    try:
        eventually(lambda: process.poll() is not None or ready(server.output()), timeout=60)
    except BaseException:
        server.stop()
        raise
    if process.poll() is not None:
        server.stop()
        raise ServerEndedError(f"{command[0]} ended at once: {server.output()}")
    return server


def start_on_free_port(launch: Callable[[int], Server]) -> tuple[Server, int]:
    """Launch on a free port; again on another one where someone else took it in between."""
    for _ in range(4):
        port = free_port()
        try:
            return launch(port), port
        except ServerEndedError as error:
            last = error
    raise last


class ServerEndedError(RuntimeError):
    """The server did not stay up; the message carries what it printed."""
