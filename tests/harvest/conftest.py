"""One repository harvests another, both whole, over a socket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from repository.accounts.models import Actor, Role, User
from repository.app import create_app
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.harvest import services
from repository.harvest.models import HarvestedItem, HarvestRun
from repository.harvest.services import Told
from repository.migrate import upgrade
from repository.records.models import Version
from repository.records.origins import Origin
from tests.oai.publishing import Publisher
from tests.runtimes import make_settings
from tests.webapp import make_user, serving

ADMIN = Actor(user_id=None, role=Role.ADMIN)
OWNER = "thuthap@example.org"


class Here:
    """The repository that harvests. It may ask this machine, where the sources of tests are."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.configure(harvest_inside=("127.0.0.1",), harvest_timeout=5.0)
        self.owner: User = make_user(runtime, OWNER, Role.CURATOR)
        self.source_id = 0

    def configure(self, **values: object) -> None:
        settings = self.runtime.settings.model_copy(update=values)
        self.runtime = replace(self.runtime, settings=settings)

    def add(self, address: str, **told: Any) -> int:
        asked = replace(Told(name="Viện Mẫu", address=address, owner=OWNER), **told)
        services.look_at(self.runtime.settings, asked)
        with self.runtime.work() as work:
            self.source_id = services.save(work, ADMIN, asked).id
        return self.source_id

    def begin(self, *, whole: bool = False) -> int:
        with self.runtime.work() as work:
            source = services.found(work, self.source_id)
            return services.begin(work, ADMIN, source, whole=whole).id

    def harvest(self, *, whole: bool = False) -> HarvestRun:
        """A run from beginning to end, or to where it waits."""
        run_id = self.begin(whole=whole)
        run_until_idle(self.runtime)
        return self.run(run_id)

    def run(self, run_id: int) -> HarvestRun:
        with self.runtime.read() as work:
            return work.session.get_one(HarvestRun, run_id)

    def versions(self) -> dict[str, Version]:
        """By their first title."""
        with self.runtime.read() as work:
            query = select(Version).where(Version.state != "draft")
            found = work.session.scalars(query.options(joinedload(Version.record)))
            return {each.metadata_json["titles"][0]["title"]: each for each in found}

    def items(self) -> dict[str, HarvestedItem]:
        with self.runtime.read() as work:
            return {each.identifier: each for each in work.session.scalars(select(HarvestedItem))}

    def origin(self, version: Version) -> Origin:
        with self.runtime.read() as work:
            return work.session.get_one(Origin, version.record_id)


class There:
    """The repository that is harvested: its DOIs are its own, three records are a page."""

    def __init__(self, runtime: Runtime, address: str) -> None:
        self.runtime, self.address = runtime, address
        self.publisher = Publisher(runtime)

    def publish(self, *titles: str, **metadata: Any) -> list[str]:
        ids = [self.publisher.publish(title, **metadata) for title in titles]
        self.publisher.settle()
        return ids

    def edit(self, version_id: str, **metadata: Any) -> None:
        self.publisher.edit(version_id, **metadata)
        self.publisher.settle()

    def withdraw(self, version_id: str) -> None:
        self.publisher.withdraw(version_id)
        self.publisher.settle()


@pytest.fixture
def here(runtime: Runtime) -> Here:
    return Here(runtime)


@pytest.fixture
def there(sqlite_template: Path, clock: FixedClock, tmp_path: Path) -> Iterator[There]:
    settings = make_settings(
        tmp_path / "there",
        f"sqlite:///{tmp_path / 'there.db'}",
        oai_page_size=3,
        pid_prefix="10.5555",
        base_url="http://there.test",
    )
    runtime = Runtime.from_settings(settings, clock)
    upgrade(runtime.database)
    with serving(create_app(runtime)) as address:
        yield There(runtime, f"{address}/oai2d")
    runtime.close()


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[..., Any]], str]]:
    """Serves a WSGI application as the source; gives its address."""
    with ExitStack() as stack:
        yield lambda app: f"{stack.enter_context(serving(app))}/oai"
