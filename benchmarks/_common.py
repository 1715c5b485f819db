"""What benchmarks share: repeated timing, a table of medians and ratios, a served repository."""

import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

SECRET_KEY = "a secret that is only for benchmarks, long enough"


def median_seconds(
    act: Callable[[], object],
    rounds: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The median of `rounds` runs, in seconds of `clock`."""
    times = []
    for _ in range(rounds):
        begun = clock()
        act()
        times.append(clock() - begun)
    return statistics.median(times)


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print the table, and the machine it was measured on."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*row)
    console = Console(width=110)
    console.print(table)
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


@dataclass(frozen=True)
class Served:
    """A repository under `repository serve`, in processes of its own."""

    base_url: str
    process: subprocess.Popen[bytes]
    data_dir: Path
    token: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="repository-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def served(data_dir: Path, **settings: str) -> Iterator[Served]:
    """Start a server on a free port with one user and a token; stop it at the end."""
    port = free_port()
    environment = {
        **os.environ,
        "REPOSITORY_DATA_DIR": str(data_dir),
        "REPOSITORY_SECRET_KEY": SECRET_KEY,
        "REPOSITORY_BASE_URL": f"http://127.0.0.1:{port}",
        "REPOSITORY_RATE_LIMIT": "1000000 per minute",
        **{f"REPOSITORY_{name.upper()}": value for name, value in settings.items()},
    }

    def command(*args: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "repository.cli", *args],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout.strip().splitlines()[-1]

    command(
        "user",
        "create",
        "--email",
        f"bench-{port}@example.org",
        "--password",
        "only for a benchmark",
        "--role",
        "admin",
    )
    token = command(
        "token",
        "create",
        "--email",
        f"bench-{port}@example.org",
        "--scopes",
        "user:read,deposit:write,deposit:actions",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "repository.cli", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    base_url = f"http://127.0.0.1:{port}"
    try:
        until_it_answers(f"{base_url}/health/ready")
        yield Served(base_url, process, data_dir, token)
    finally:
        process.terminate()
        process.wait(60)


def until_it_answers(address: str) -> None:
    """Wait for a server that was started, for three minutes at most."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")
