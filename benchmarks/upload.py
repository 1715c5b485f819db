"""Uploads through the API, large and small, from one client and from four, against hashing and
writing the same bytes.

python3 dev.py bench upload [MEBIBYTES] [SMALL_FILES]

Each file is announced, sent and committed, as clients do; the server answers when it is synced.
"""

import hashlib
import http.client
import io
import json
import os
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks._common import Served, served, show, temporary_folder

MIB = 1 << 20
BLOCK = os.urandom(MIB)


class Blocks(io.RawIOBase):
    """As many bytes as asked for, no two files alike, without holding them."""

    def __init__(self, size: int) -> None:
        self.size = self._left = size
        self._begin = os.urandom(min(size, 16))

    def read(self, size: int = -1) -> bytes:
        begin = self._begin if self._left == self.size else b""
        chunk = (begin + BLOCK)[: min(MIB, self._left)]
        self._left -= len(chunk)
        return chunk


def hash_and_write(folder: Path, size: int, count: int) -> None:
    """As a file is kept safely: written, synced, named, and the name synced."""
    folder.mkdir()
    directory = os.open(folder, os.O_RDONLY)
    for number in range(count):
        digest, source = hashlib.sha256(), Blocks(size)
        arriving = folder / "arriving"
        with arriving.open("wb") as file:
            while chunk := source.read():
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        arriving.rename(folder / str(number))
        os.fsync(directory)
    os.close(directory)
    shutil.rmtree(folder)


class PeakMemory(threading.Thread):
    """Watches the resident memory of the server's processes together."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._root, self._over = psutil.Process(process), threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._over.wait(0.05):
            family = [self._root, *self._root.children(recursive=True)]
            self.peak = max(self.peak, sum(p.memory_info().rss for p in family if p.is_running()))

    def stop(self) -> int:
        self._over.set()
        self.join()
        return self.peak


class Client:
    """One connection, which stays open."""

    def __init__(self, server: Served) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=600)
        self._token = server.token

    def call(self, method: str, path: str, body: object = None) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {self._token}"}
        if isinstance(body, Blocks):
            headers |= {"Content-Type": "application/octet-stream"}
            self._connection.request(
                method, path, body, headers | {"Content-Length": str(body.size)}
            )
        else:
            headers |= {"Content-Type": "application/json"}
            data = None if body is None else json.dumps(body).encode()
            self._connection.request(method, path, data, headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status >= 400:
            raise SystemExit(f"{method} {path}: {response.status} {text[:500]!r}")
        answer: dict[str, object] = json.loads(text)
        return answer

    def upload(self, size: int, count: int) -> None:
        """So many files, into a draft of its own."""
        draft = self.call("POST", "/api/records", {})
        files = f"/api/records/{draft['id']}/draft/files"
        for number in range(count):
            self.call("POST", files, [{"key": f"{number}.bin"}])
            self.call("PUT", f"{files}/{number}.bin/content", Blocks(size))
            self.call("POST", f"{files}/{number}.bin/commit")


def measure(server: Served, size: int, count: int, clients: int) -> tuple[float, int]:
    """Seconds until all is there, and the peak of the server's memory in bytes."""
    watch = PeakMemory(server.process.pid)
    watch.start()
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda _: Client(server).upload(size, count // clients), range(clients)))
    return time.perf_counter() - begun, watch.stop()


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    small = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rows = []
    with temporary_folder() as folder, served(folder / "data") as server:
        idle = PeakMemory(server.process.pid)
        idle.start()
        Client(server).upload(1024, 4)
        at_rest = idle.stop()
        cases = (
            (f"1 x {mebibytes} MiB", mebibytes * MIB, 1, (1,)),
            (f"4 x {mebibytes // 4} MiB", mebibytes // 4 * MIB, 4, (1, 4)),
            (f"{small:,} x 10 KiB", 10 << 10, small, (1, 4)),
        )
        for name, size, count, all_clients in cases:
            total = size * count / MIB
            begun = time.perf_counter()
            hash_and_write(folder / "limit", size, count)
            limit = time.perf_counter() - begun
            label = f"{name}: hash, write, sync"
            rates = (f"{total / limit:.0f}", f"{count / limit:.0f}")
            rows.append([label, f"{limit:.2f}", *rates, "1.0", ""])
            for clients in all_clients:
                took, peak = measure(server, size, count, clients)
                label, more = f"{name}: {clients} at once", f"{(peak - at_rest) / MIB:.0f}"
                rates = (f"{total / took:.0f}", f"{count / took:.0f}")
                rows.append([label, f"{took:.2f}", *rates, f"{took / limit:.1f}", more])
    columns = ["", "seconds", "MiB/s", "files/s", "times the limit", "MiB above rest"]
    show("Uploads", columns, rows)


if __name__ == "__main__":
    main()
