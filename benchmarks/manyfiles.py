"""Records of 10, 1,000 and 100,000 files: pages, publishing, a new version, the head of the ZIP.

python3 dev.py bench manyfiles [MOST]

The limit that it is held against is the same act on the record of 10 files in the same run. Files
are rows, each with a content of its own that no store holds, checked once as a sweep would have:
what is measured is the number of files, not their bytes. Pages are made anew each time.
"""

import io
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import structlog
from sqlalchemy import insert

from benchmarks._common import SECRET_KEY, median_seconds, show, temporary_folder
from repository import start
from repository.accounts.models import Actor, Role
from repository.accounts.services import create_user
from repository.app import create_app
from repository.core.copies import STORE, Copy
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.core.work import Work
from repository.deposit.drafts import create_draft, new_version
from repository.deposit.files import put_file, receive
from repository.deposit.publish import publish
from repository.discovery.memory import EXTENSION, PageMemory
from repository.preservation.models import Outcome
from repository.preservation.services import count_large
from repository.quality.services import assess_records
from repository.records import quotas
from repository.records.models import Content, File, Version
from repository.worker import import_all_jobs

METADATA = {
    "resource_type": {"id": "dataset"},
    "titles": [{"title": "Lượng mưa theo giờ", "lang": "vi"}],
    "creators": [{"person_or_org": {"type": "personal", "name": "Nguyễn, Văn Ví"}}],
    "publication_date": "2024",
    "rights": [{"id": "cc-by-4.0"}],
}
BATCH = 1000


def fill(runtime: Runtime, actor: Actor, version_id: str, count: int) -> None:
    """`count` files, a thousand in each folder."""
    stored = receive(runtime, io.BytesIO(b"1,2,3\n"))
    with runtime.work() as work:
        first = put_file(work, actor, version_id, "000/00000000.csv", stored)
        version = work.session.get_one(Version, version_id)
        row = {c.key: getattr(first, c.key) for c in File.__table__.columns if c.key != "id"}
        for begin in range(1, count, BATCH):
            numbers = range(begin, min(begin + BATCH, count))
            digests = {n: sha256(f"{version_id} {n}".encode()).hexdigest() for n in numbers}
            _contents(work, digests.values(), stored.size)
            rows = [
                row | {"path": f"{n // 1000:03}/{n:08}.csv", "sha256": digest}
                for n, digest in digests.items()
            ]
            work.session.execute(insert(File), rows)
        version.file_count, version.file_bytes = count, count * stored.size
        for holder in quotas.holders_of(work, version.record):
            work.session.flush()
            quotas.recount(work, holder)


def _contents(work: Work, digests: Iterable[str], size: int) -> None:
    now = work.clock.now()
    same = {"created_at": now, "place": STORE, "checked_at": now, "outcome": Outcome.PASS.value}
    rows = [same | {"sha256": digest, "size": size, "crc32": 1, "path": ""} for digest in digests]
    work.session.execute(insert(Content), rows)
    work.session.execute(insert(Copy), rows)


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def getter(runtime: Runtime) -> Callable[[str], Callable[[], None]]:
    """What gets the first bytes of a path, from an application that remembers no page."""
    app = create_app(runtime)
    client = app.test_client()

    def get(path: str) -> Callable[[], None]:
        def act() -> None:
            app.extensions[EXTENSION] = PageMemory()
            answer = client.get(path, base_url=runtime.settings.base_url)
            assert answer.status_code == 200, (path, answer.status)
            next(answer.response, b"")  # type: ignore[call-overload]  # an iterator
            answer.close()

        act()
        return act

    return get


def published(runtime: Runtime, actor: Actor, version_id: str) -> None:
    with runtime.work() as work:
        publish(work, actor, version_id)


def assessed(runtime: Runtime, version_id: str) -> None:
    """As the jobs that follow would."""
    with runtime.work() as work:
        assess_records(work, [work.session.get_one(Version, version_id).record_id])
    count_large(runtime)


def begun(runtime: Runtime, actor: Actor, count: int) -> str:
    """A draft of `count` files."""
    with runtime.work() as work:
        version_id = create_draft(work, actor, METADATA).version_id
    fill(runtime, actor, version_id, count)
    return version_id


def machine_pages(runtime: Runtime, actor: Actor, count: int) -> dict[str, float]:
    """For the landing page and what it leads programs to, of a version of `count` files: seconds
    of the processor, so that what else runs here does not change how the two compare.
    """
    version_id = begun(runtime, actor, count)
    published(runtime, actor, version_id)
    assessed(runtime, version_id)
    page, get = f"/records/{version_id}", getter(runtime)
    paths = {"landing page": page, "linkset, first bytes": f"{page}/linkset"}
    return {name: median_seconds(get(path), 9, time.process_time) for name, path in paths.items()}


def measure(runtime: Runtime, actor: Actor, count: int) -> dict[str, float]:
    version_id = begun(runtime, actor, count - 1)

    def one_more() -> None:
        stored = receive(runtime, io.BytesIO(b"4,5,6\n"))
        with runtime.work() as work:
            put_file(work, actor, version_id, "another.csv", stored, replace=True)

    def following() -> None:
        with runtime.work() as work:
            new_version(work, actor, version_id)

    found = {
        "one more file": median_seconds(one_more, 3),
        "publish": seconds(lambda: published(runtime, actor, version_id)),
    }
    assessed(runtime, version_id)
    page, get = f"/records/{version_id}", getter(runtime)
    paths = {
        "landing page": page,
        "folder": f"{page}/files?folder=000",
        "linkset, first bytes": f"{page}/linkset",
        "API: record": f"/api{page}",
        "API: 1,000 files": f"/api{page}/files",
        "RO-Crate, 1,000 files": f"{page}/export/ro-crate",
        "ZIP, first bytes": f"{page}/files.zip",
        "RO-Crate ZIP, first bytes": f"{page}/packages/ro-crate.zip",
    }
    found |= {name: median_seconds(get(path), 5) for name, path in paths.items()}
    return found | {"new version": seconds(following)}


@contextmanager
def repository(folder: Path) -> Iterator[tuple[Runtime, Actor]]:
    """An empty one that logs no request, and a depositor."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    import_all_jobs()
    runtime = start.prepare(_settings(folder))
    with runtime.work() as work:
        user = create_user(
            work,
            email="bench@example.org",
            password="only for a benchmark",
            name="Bench",
            role=Role.RESEARCHER,
        )
    yield runtime, Actor.of(user)
    runtime.close()


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    counts = sorted({10, 1000, most})
    with temporary_folder() as folder, repository(folder) as (runtime, actor):
        found = {count: measure(runtime, actor, count) for count in counts}
    rows = [
        [
            name,
            *(f"{found[count][name] * 1000:.0f}" for count in counts),
            f"{found[most][name] / found[10][name]:.1f}",
        ]
        for name in found[10]
    ]
    columns = ["milliseconds", *(f"{count:,} files" for count in counts), "most to 10"]
    show("Records of many files", columns, rows)


def _settings(folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "data_dir": folder / "data",
            "secret_key": SECRET_KEY,
            "base_url": "http://bench.test",
            "rate_limit": "1000000 per minute",
        }
    )


if __name__ == "__main__":
    main()
