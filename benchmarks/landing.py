"""Landing page and files over HTTP, against a constant Flask view and against reading the disk.

python3 dev.py bench landing [MEBIBYTES]
"""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from benchmarks._common import free_port, median_seconds, served, show, temporary_folder
from repository import start
from repository.accounts.models import Actor, Role
from repository.accounts.services import create_user
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.deposit.importing.base import ImportFile, ImportItem
from repository.deposit.importing.services import import_item
from repository.worker import import_all_jobs

MIB = 1 << 20
CLIENTS, SECONDS = 4, 4.0
PAGE = "x" * 12_000
METADATA = {
    "resource_type": {"id": "dataset"},
    "titles": [
        {"title": "Lượng mưa ở Đồng Ví Dụ", "lang": "vi"},
        {"title": "Rainfall at Đồng Ví Dụ", "lang": "en"},
    ],
    "creators": [{"person_or_org": {"type": "personal", "name": "Nguyễn, Văn Ví"}}],
    "descriptions": [{"description": "Mưa ngày. " * 60, "lang": "vi"}],
    "publication_date": "2024",
    "publisher": "Kho Ví Dụ",
    "rights": [{"id": "cc-by-4.0"}],
    "subjects": [{"subject": "mưa"}],
}

constant = Flask(__name__)


@constant.get("/")
def page() -> str:
    return PAGE


def deposit(folder: Path, mebibytes: int) -> str:
    """Publish one record with a small and a large file; its id."""
    small, large = folder / "small.bin", folder / "large.bin"
    small.write_bytes(os.urandom(1024))
    with large.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(MIB))
    import_all_jobs()
    runtime: Runtime = start.prepare(Settings(data_dir=folder / "data"))
    with runtime.work() as work:
        user = create_user(
            work,
            email="depositor@example.org",
            password="only for a benchmark",
            name="Nguyễn Văn Ví",
            role=Role.RESEARCHER,
        )
    files = [ImportFile(path.name, path) for path in (small, large)]
    item = ImportItem(source_key="bench", metadata=dict(METADATA), files=files)
    _outcome, version_id = import_item(runtime, Actor.of(user), item)
    run_until_idle(runtime)
    runtime.close()
    return str(version_id)


@contextmanager
def constant_view() -> Iterator[str]:
    """The same server with the same workers, answering constant bytes."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "8", "-k", "gthread"]
    process = subprocess.Popen(
        [*command, "-b", f"127.0.0.1:{port}", "benchmarks.landing:constant"],
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            try:
                fetch(f"http://127.0.0.1:{port}/")
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)


def fetch(url: str, headers: dict[str, str] | None = None) -> int:
    """Read the whole answer away; how many bytes it had."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        return _read(connection, parts.path, headers or {})
    finally:
        connection.close()


def _read(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> int:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    if response.status >= 400:
        raise SystemExit(f"{path}: {response.status}")
    total = 0
    while chunk := response.read(MIB):
        total += len(chunk)
    return total


def per_second(url: str, headers: dict[str, str] | None = None) -> float:
    """Requests a second from CLIENTS connections that stay open, over SECONDS."""
    parts, counts, end = urlsplit(url), [0] * CLIENTS, time.perf_counter() + SECONDS

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        while time.perf_counter() < end:
            _read(connection, parts.path, headers or {})
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def etag_of(url: str) -> str:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("HEAD", parts.path)
    etag = connection.getresponse().headers["ETag"]
    connection.close()
    return str(etag)


def read_from_disk(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(MIB):
            continue


def main(mebibytes: int) -> None:
    with temporary_folder() as folder:
        record = deposit(folder, mebibytes)
        with constant_view() as constant_url, served(folder / "data") as server:
            landing = f"{server.base_url}/records/{record}"
            copy = {"If-None-Match": etag_of(landing)}
            limit = per_second(constant_url)
            rows = [["constant Flask view (limit)", f"{limit:,.0f} /s", "1.00"]]
            for name, url, headers in (
                ("landing page", landing, {}),
                ("landing page, copy still right", landing, copy),
                ("1 KiB file", f"{landing}/files/small.bin", {}),
            ):
                rate = per_second(url, headers)
                rows.append([name, f"{rate:,.0f} /s", f"{limit / rate:.2f}"])
            disk = median_seconds(lambda: read_from_disk(folder / "large.bin"))
            file = median_seconds(lambda: fetch(f"{landing}/files/large.bin"))
            rows.append(
                ["reading from disk (limit)", f"{mebibytes / disk:,.0f} MiB/s", "1.00"],
            )
            rows.append(
                [f"{mebibytes} MiB file", f"{mebibytes / file:,.0f} MiB/s", f"{file / disk:.2f}"]
            )
    show("Landing page and files", ["what", "rate", "times the limit"], rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
