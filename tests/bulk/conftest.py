"""A curator, records to edit, and the classifications."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from repository.accounts.models import Actor, Role, User
from repository.bulk import services
from repository.bulk.models import BulkEdit, BulkItem
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.records.models import Version
from repository.vocabularies.builtin import load_builtin
from tests.oai.publishing import Publisher
from tests.webapp import make_user


@dataclass
class Desk:
    """What a curator does at it, and what can be seen from it."""

    runtime: Runtime
    publisher: Publisher
    user: User
    versions: list[str] = field(default_factory=list)

    @property
    def curator(self) -> Actor:
        return Actor.of(self.user)

    def begin(self, *actions: Mapping[str, str], ids: Iterable[str] = ()) -> str:
        with self.runtime.work() as work:
            told = [dict(each) for each in actions]
            made = services.begin(work, self.curator, told, ids=ids or self.versions)
        self.settle()
        return made.id

    def start(self, bulk: str) -> None:
        with self.runtime.work() as work:
            services.start(work, self.curator, bulk)
        self.settle()

    def undo(self, bulk: str) -> None:
        with self.runtime.work() as work:
            services.undo(work, self.curator, bulk)
        self.settle()

    def settle(self) -> None:
        run_until_idle(self.runtime)

    def bulk(self, identifier: str) -> BulkEdit:
        with self.runtime.read() as work:
            return work.session.get_one(BulkEdit, identifier)

    def items(self, identifier: str) -> list[BulkItem]:
        with self.runtime.read() as work:
            query = work.session.query(BulkItem).filter_by(bulk_id=identifier)
            return list(query.order_by(BulkItem.id))

    def version(self, identifier: str) -> Version:
        with self.runtime.read() as work:
            return work.session.get_one(Version, identifier)

    def metadata(self, identifier: str) -> dict[str, Any]:
        return self.version(identifier).metadata_json


def make_desk(runtime: Runtime) -> Desk:
    load_builtin(runtime, only=("ford",))
    curator = make_user(runtime, "chief@example.org", Role.CURATOR)
    desk = Desk(runtime, Publisher(runtime), curator)
    desk.versions = [desk.publisher.publish(f"Bộ dữ liệu {n}") for n in range(3)]
    desk.settle()
    return desk


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    """On SQLite and PostgreSQL."""
    return make_desk(runtime)


@pytest.fixture
def site_desk(sqlite_runtime: Runtime) -> Desk:
    """On SQLite, for pages."""
    return make_desk(sqlite_runtime)
