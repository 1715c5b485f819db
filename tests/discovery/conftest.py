"""A repository with its index, and published versions written straight into its tables."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from repository.accounts.models import User
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.core.work import Work
from repository.discovery import jobs
from repository.records.models import Record, State, Version

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)
Publish = Callable[..., Version]
__all__ = ["jobs"]


@pytest.fixture(params=["tantivy", "whoosh"])
def search_engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def indexed(tmp_path: Path, sqlite_url: str, search_engine: str) -> Iterator[Runtime]:
    """A running repository on SQLite whose jobs run when a test says so."""
    settings = Settings(
        data_dir=tmp_path / "data", database_url=sqlite_url, search_engine=search_engine
    )
    runtime = Runtime.from_settings(settings, FixedClock(NOW))
    with runtime.work() as work:
        for number, role in ((1, "researcher"), (2, "researcher"), (3, "curator")):
            work.session.add(_user(number, role))
    yield runtime
    runtime.close()


def _user(number: int, role: str) -> User:
    return User(
        id=number,
        email=f"user{number}@example.org",
        name=f"User {number}",
        password_hash="",
        role=role,
        created_at=NOW,
    )


def metadata(*titles: str, **more: Any) -> dict[str, Any]:
    """What a published version's metadata look like, with these titles."""
    return {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": title, "lang": "vi"} for title in titles],
        "creators": [{"person_or_org": {"type": "personal", "name": "Nguyễn, Văn Ví"}}],
        "publication_date": "2024-05-01",
        "publisher": "Viện Ví Dụ",
        **more,
    }


def add_version(
    work: Work,
    *titles: str,
    record: str | None = None,
    owner: int = 1,
    access: str = "public",
    until: date | None = None,
    state: State = State.PUBLISHED,
    **more: Any,
) -> Version:
    """A version as if it had been published at a moment of its own, and told to the feed."""
    number = next(_numbers)
    at = NOW - timedelta(days=400) + timedelta(minutes=number)
    identifier = f"v{number:05}"
    record = record or f"r{number:05}"
    parent = work.session.get(Record, record)
    if parent is None:
        parent = Record(id=record, owner_id=owner, created_at=at)
        work.session.add(parent)
        work.session.flush()
    version = Version(
        id=identifier,
        record_id=record,
        number=number,
        state=state.value,
        doi=f"10.5072/{identifier}",
        metadata_json=metadata(*titles, **more),
        record_access=access,
        files_access=access,
        embargo_until=until,
        created_at=at,
        updated_at=at,
        published_at=at,
    )
    work.session.add(version)
    parent.latest_id = identifier
    work.session.flush()
    work.changed(record)
    return version


@pytest.fixture
def publish(indexed: Runtime) -> Publish:
    """Publish a version with these titles, and let the index hear of it."""

    def publish(*titles: str, **more: Any) -> Version:
        with indexed.work() as work:
            version = add_version(work, *titles, **more)
        run_until_idle(indexed)
        return version

    return publish
