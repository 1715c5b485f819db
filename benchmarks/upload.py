"""Uploads through the API, large and small, from one client and from four, against hashing and
writing the same bytes.

python3 dev.py bench upload [MEBIBYTES] [SMALL_FILES]

Each file is announced, sent and committed, as InvenioRDM's clients do; small ones also in one
request each, and all in one ZIP that the server unpacks. It answers when the bytes are synced.
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
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
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
        if isinstance(body, Blocks | bytes):
            length = body.size if isinstance(body, Blocks) else len(body)
            headers |= {"Content-Type": "application/octet-stream", "Content-Length": str(length)}
            self._connection.request(method, path, body, headers)
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

    def _draft(self) -> str:
        return f"/api/records/{self.call('POST', '/api/records', {})['id']}/draft"

    def announced(self, size: int, count: int) -> None:
        """So many files, into a draft of its own, by three requests each."""
        files = f"{self._draft()}/files"
        for number in range(count):
            self.call("POST", files, [{"key": f"{number}.bin"}])
            self.call("PUT", f"{files}/{number}.bin/content", Blocks(size))
            self.call("POST", f"{files}/{number}.bin/commit")

    def whole(self, size: int, count: int) -> None:
        """The same by one request each."""
        files = f"{self._draft()}/files"
        for number in range(count):
            self.call("PUT", f"{files}/{number}.bin/content", Blocks(size))

    def packed(self, size: int, count: int) -> None:
        """The same in one ZIP, till it is unpacked."""
        draft, packed = self._draft(), io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for number in range(count):
                archive.writestr(f"{number}.bin", Blocks(size).read())
        self.call("PUT", f"{draft}/files/all.zip/content", packed.getvalue())
        self.call("POST", f"{draft}/intakes", {"archive": "all.zip", "keep": False})
        while (intake := self._first_intake(draft))["status"] == "waiting":
            time.sleep(0.05)
        if (intake["status"], intake["made"]) != ("done", count):
            raise SystemExit(f"unpacking: {intake}")

    def _first_intake(self, draft: str) -> dict[str, object]:
        entries: Any = self.call("GET", f"{draft}/intakes")["entries"]
        found: dict[str, object] = entries[0]
        return found


Way = Callable[[Client, int, int], None]
IN_THREE = (("", Client.announced, (1, 4)),)
IN_ONE = ((" in one request", Client.whole, (1, 4)), (" in one ZIP", Client.packed, (1,)))


def measure(way: Way, server: Served, size: int, count: int, clients: int) -> tuple[float, int]:
    """Seconds until all is there, and the peak of the server's memory in bytes."""
    watch = PeakMemory(server.process.pid)
    watch.start()
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda _: way(Client(server), size, count // clients), range(clients)))
    return time.perf_counter() - begun, watch.stop()


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    small = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rows = []
    with temporary_folder() as folder, served(folder / "data") as server:
        idle = PeakMemory(server.process.pid)
        idle.start()
        Client(server).announced(1024, 4)
        at_rest = idle.stop()
        alone = (("", Client.announced, (1,)),)
        cases: tuple[tuple[str, int, int, Any], ...] = (
            (f"1 x {mebibytes} MiB", mebibytes * MIB, 1, alone),
            (f"4 x {mebibytes // 4} MiB", mebibytes // 4 * MIB, 4, IN_THREE),
            (f"{small:,} x 10 KiB", 10 << 10, small, (*IN_THREE, *IN_ONE)),
        )
        for name, size, count, ways in cases:
            total = size * count / MIB
            begun = time.perf_counter()
            hash_and_write(folder / "limit", size, count)
            limit = time.perf_counter() - begun
            label = f"{name}: hash, write, sync"
            rates = (f"{total / limit:.0f}", f"{count / limit:.0f}")
            rows.append([label, f"{limit:.2f}", *rates, "1.0", ""])
            for how, way, all_clients in ways:
                for clients in all_clients:
                    took, peak = measure(way, server, size, count, clients)
                    label = f"{name}{how}: {clients} at once"
                    more = f"{(peak - at_rest) / MIB:.0f}"
                    rates = (f"{total / took:.0f}", f"{count / took:.0f}")
                    rows.append([label, f"{took:.2f}", *rates, f"{took / limit:.1f}", more])
    columns = ["", "seconds", "MiB/s", "files/s", "times the limit", "MiB above rest"]
    show("Uploads", columns, rows)


if __name__ == "__main__":
    main()
