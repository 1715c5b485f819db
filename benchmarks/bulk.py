"""Records edited in bulk and undone, against the same rows read and written plainly.

python3 dev.py bench bulk [RECORDS]

The limit reads each version's metadata, writes them changed and keeps a revision, in as many
transactions, without validating, logging, or telling anyone.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks._common import show, temporary_folder
from repository.accounts.models import Actor, Role
from repository.accounts.services import create_user
from repository.bulk import services, working
from repository.bulk.models import BulkEdit
from repository.core.db import Database
from repository.core.ids import new_id
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.migrate import upgrade
from repository.pid.services import reserve
from repository.records.models import Record, Revision, State, Version
from repository.vocabularies.builtin import load_builtin

ACTIONS = [
    {"action": "add", "field": "subject", "value": "ford:1.5"},
    {"action": "set", "field": "publisher", "value": "Nhà xuất bản Mẫu"},
]


def filled(folder: Any, records: int) -> tuple[Runtime, Actor, list[str]]:
    settings = Settings(data_dir=folder, base_url="http://localhost")
    runtime = Runtime.from_settings(settings)
    upgrade(runtime.database)
    load_builtin(runtime, only=("ford",))
    with runtime.work() as work:
        user = create_user(
            work,
            email="bench@example.org",
            password="only for a benchmark",
            name="Bench",
            role=Role.CURATOR,
        )
    ids = []
    for start in range(0, records, 1000):
        with runtime.work() as work:
            numbers = range(start, min(start + 1000, records))
            made = [_record(work.session, user.id, n, work.clock.now()) for n in numbers]
            for version in made:
                reserve(work, version)  # published records have their DOIs
            ids += [version.id for version in made]
    return runtime, Actor.of(user), ids


def _record(session: Any, owner: int, number: int, now: Any) -> Version:
    person = {"type": "personal", "name": "Nguyễn, An", "family_name": "Nguyễn", "given_name": "An"}
    metadata = {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": f"Dữ liệu khí hậu số {number}", "lang": "vi"}],
        "creators": [{"person_or_org": person | {"identifiers": []}, "affiliations": []}],
        "publication_date": "2026-05-17",
        "publisher": "Kho dữ liệu",
        "descriptions": [{"description": "Mô tả. " * 40, "type": {"id": "abstract"}}],
        "subjects": [{"subject": "khí hậu"}],
        "rights": [{"id": "cc-by-4.0"}],
    }
    record = Record(id=new_id(), owner_id=owner, created_at=now)
    version = Version(
        id=new_id(),
        record=record,
        number=1,
        state=State.PUBLISHED.value,
        metadata_json=metadata,
        revision=1,
        created_at=now,
        updated_at=now,
        published_at=now,
    )
    record.latest_id = version.id
    session.add_all([record, version])
    session.flush()
    session.add(
        Revision(version_id=version.id, revision=1, metadata_json=metadata, access={}, at=now)
    )
    return version


def plain(database: Database, ids: list[str], publisher: str, number: int) -> None:
    for start in range(0, len(ids), working.BATCH):
        with database.session(write=True) as session:
            wanted = ids[start : start + working.BATCH]
            for version in session.query(Version).filter(Version.id.in_(wanted)):
                metadata = version.metadata_json | {"publisher": publisher}
                version.metadata_json = metadata
                kept = {"version_id": version.id, "metadata_json": metadata, "access": {}}
                session.add(Revision(revision=number, at=version.updated_at, **kept))
            session.commit()


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def until(runtime: Runtime, bulk: str, state: str, step: Callable[[Runtime, str], None]) -> float:
    def go() -> None:
        while True:
            step(runtime, bulk)
            with runtime.read() as work:
                if work.session.get_one(BulkEdit, bulk).state == state:
                    return

    return seconds(go)


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with temporary_folder() as folder:
        runtime, curator, ids = filled(folder, records)
        limit = seconds(lambda: plain(runtime.database, ids, "A", 1001))
        limit += seconds(lambda: plain(runtime.database, ids, "Kho dữ liệu", 1002))
        with runtime.work() as work:
            bulk = services.begin(work, curator, ACTIONS, ids=ids).id
        looked = until(runtime, bulk, "ready", working.prepare)
        with runtime.work() as work:
            services.start(work, curator, bulk)
        edited = until(runtime, bulk, "done", working.carry_on)
        with runtime.work() as work:
            services.undo(work, curator, bulk)
        undone = until(runtime, bulk, "undone", working.carry_on)
        with runtime.read() as work:
            counts = work.session.get_one(BulkEdit, bulk).counts
        assert counts == {"undone": records}, counts
        runtime.close()
    rows = [
        [name, f"{spent:.1f}", f"{records / spent:.0f}", f"{spent / (limit / 2):.1f}"]
        for name, spent in (
            ("plain read and write (the limit)", limit / 2),
            ("looked at (preview)", looked),
            ("edited", edited),
            ("undone", undone),
        )
    ]
    title = f"Bulk edit of {records} records, SQLite, one run"
    show(title, ["", "seconds", "records/s", "times the limit"], rows)


if __name__ == "__main__":
    main()
