"""One large upload through the API, against hashing and writing the same bytes.

python3 dev.py bench upload [MEBIBYTES]
"""

import hashlib
import http.client
import io
import json
import os
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks._common import Served, median_seconds, served, show, temporary_folder

MIB = 1 << 20
BLOCK = os.urandom(MIB)


class Blocks(io.RawIOBase):
    """As many mebibytes as asked for, without holding them."""

    def __init__(self, count: int) -> None:
        self._left = count

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            return b""
        self._left -= 1
        return BLOCK


def hash_and_write(target: Path, mebibytes: int) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for _ in range(mebibytes):
            digest.update(BLOCK)
            file.write(BLOCK)
        file.flush()
        os.fsync(file.fileno())
    target.unlink()


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


def call(server: Served, method: str, path: str, body: object = None) -> dict[str, object]:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=600)
    headers = {"Authorization": f"Bearer {server.token}"}
    if isinstance(body, Blocks):
        headers |= {"Content-Type": "application/octet-stream"}
        headers |= {"Content-Length": str(body._left * MIB)}
        connection.request(method, path, body, headers)
    else:
        headers |= {"Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body).encode(), headers)
    response = connection.getresponse()
    text = response.read()
    if response.status >= 400:
        raise SystemExit(f"{method} {path}: {response.status} {text[:500]!r}")
    answer: dict[str, object] = json.loads(text)
    return answer


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    with temporary_folder() as folder, served(folder / "data") as server:
        limit = median_seconds(lambda: hash_and_write(folder / "limit", mebibytes), 3)
        draft = call(server, "POST", "/api/records", {})
        times, peaks = [], []
        before = PeakMemory(server.process.pid)
        before.start()
        time.sleep(0.5)
        idle = before.stop()
        for number in range(3):
            files = f"/api/records/{draft['id']}/draft/files"
            call(server, "POST", files, [{"key": f"{number}.bin"}])
            watch = PeakMemory(server.process.pid)
            watch.start()
            begun = time.perf_counter()
            call(server, "PUT", f"{files}/{number}.bin/content", Blocks(mebibytes))
            times.append(time.perf_counter() - begun)
            peaks.append(watch.stop())
        ours = sorted(times)[1]
    show(
        f"One upload of {mebibytes} MiB, median of 3",
        ["", "seconds", "MiB/s", "times the limit", "memory above idle, MiB"],
        [
            ["hash, write and sync (limit)", f"{limit:.2f}", f"{mebibytes / limit:.0f}", "1.0", ""],
            [
                "PUT through the API",
                f"{ours:.2f}",
                f"{mebibytes / ours:.0f}",
                f"{ours / limit:.1f}",
                f"{(max(peaks) - idle) / MIB:.0f}",
            ],
        ],
    )


if __name__ == "__main__":
    main()
