"""'Download all' against reading the same files, Python's zipfile and zipstream-ng.

python3 dev.py bench zip [MEBIBYTES] [SMALL_FILES]
"""

import io
import os
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from zipstream import ZIP_STORED, ZipStream

from benchmarks._common import median_seconds, show, temporary_folder
from repository import start
from repository.accounts.models import ANONYMOUS, User
from repository.core.runtime import Runtime
from repository.core.settings import MIB, Settings
from repository.discovery.bag import bag_of
from repository.records.models import Content, File, Record, State, Version

AT = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 3


class Nowhere(io.RawIOBase):
    """Takes all bytes, keeps none."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]  # a buffer


def stored(runtime: Runtime, version_id: str, contents: Iterable[bytes]) -> Version:
    with runtime.work() as work:
        if work.session.get(User, 1) is None:
            work.session.add(
                User(id=1, email="a@example.org", name="A", password_hash="", created_at=AT)
            )
        work.session.add(Record(id=f"r{version_id}", owner_id=1, created_at=AT))
        work.session.flush()
        version = Version(
            id=version_id,
            record_id=f"r{version_id}",
            number=1,
            state=State.PUBLISHED.value,
            created_at=AT,
            updated_at=AT,
            published_at=AT,
        )
        work.session.add(version)
        work.session.flush()
        for number, content in enumerate(contents):
            kept = runtime.store.write(io.BytesIO(content))
            work.session.add(
                Content(sha256=kept.sha256, size=kept.size, crc32=kept.crc32, created_at=AT)
            )
            work.session.flush()
            work.session.add(
                File(
                    version_id=version_id,
                    path=f"thư mục/tệp {number:06}.bin",
                    committed=True,
                    sha256=kept.sha256,
                    size=kept.size,
                    created_at=AT,
                    updated_at=AT,
                )
            )
    return version


def digests(runtime: Runtime, version: Version) -> list[tuple[str, str]]:
    with runtime.read() as work:
        query = work.session.query(File.path, File.sha256).where(File.version_id == version.id)
        return [(path, str(sha256)) for path, sha256 in query.order_by(File.path)]


def drain(chunks: Iterator[bytes]) -> None:
    for _chunk in chunks:
        pass


def ways(runtime: Runtime, version: Version) -> dict[str, Callable[[], None]]:
    listed = digests(runtime, version)

    def read_files() -> None:
        for _path, sha256 in listed:
            drain(runtime.store.read(sha256))

    def with_zipfile() -> None:
        with zipfile.ZipFile(Nowhere(), "w") as archive:
            for path, sha256 in listed:
                archive.write(str(runtime.store.local_path(sha256)), path)

    def with_zipstream() -> None:
        stream = ZipStream(compress_type=ZIP_STORED, sized=True)
        for path, sha256 in listed:
            stream.add_path(str(runtime.store.local_path(sha256)), path)
        drain(iter(stream))

    return {
        "reading the files (limit)": read_files,
        "download all": lambda: drain(bag_of(runtime, ANONYMOUS, version).read()),
        "Python's zipfile": with_zipfile,
        "zipstream-ng": with_zipstream,
    }


def first_byte(runtime: Runtime, version: Version) -> float:
    begun = time.perf_counter()
    next(bag_of(runtime, ANONYMOUS, version).read())
    return time.perf_counter() - begun


def peak(act: Callable[[], None]) -> int:
    tracemalloc.start()
    act()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def main(mebibytes: int, small: int) -> None:
    rows = []
    with temporary_folder() as folder:
        runtime = start.prepare(Settings(data_dir=folder / "data"))
        large = stored(runtime, "large", [os.urandom(mebibytes * MIB)])
        many = stored(runtime, "many", (os.urandom(1024) for _ in range(small)))
        cases = ((f"1 file of {mebibytes} MiB", large), (f"{small:,} files of 1 KiB", many))
        for case, version in cases:
            limit = 0.0
            for name, act in ways(runtime, version).items():
                seconds = median_seconds(act, ROUNDS)
                limit = limit or seconds
                memory = f"{peak(act) / MIB:.1f}"
                ratio = f"{seconds / limit:.2f}"
                rows.append([f"{case}: {name}", f"{seconds * 1000:,.0f}", ratio, memory])
            begun = f"{first_byte(runtime, version) * 1000:,.0f}"
            rows.append([f"{case}: first byte", begun, "", ""])
        runtime.close()
    show("Download all", ["what", "ms", "times the limit", "peak MiB"], rows)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 256,
        int(sys.argv[2]) if len(sys.argv) > 2 else 2000,
    )
