"""A harvester's copy equals the repository, whatever happens while it harvests."""

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule
from sqlalchemy import select

from repository.access.documents import public_document
from repository.core.clock import FixedClock
from repository.core.runtime import Runtime
from repository.records.models import State, Version
from tests.oai.harvesting import NS, Endpoint, Harvested, make_app
from tests.oai.publishing import Publisher
from tests.runtimes import NOW, make_settings

RESTRICTED = {"record": "restricted", "files": "restricted"}
PUBLIC = {"record": "public", "files": "public"}
SHORT = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


class Copy:
    """What a harvester does: pages by token, then from the date of the last harvest's answer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.titles: dict[str, str | None] = {}
        self.since: str | None = None
        self.token: str | None = None
        self.begun: str | None = None

    def step(self) -> bool:
        """Ask for the next page, of a new harvest if none is under way; whether it goes on."""
        if self.token:
            root = self.endpoint.xml(verb="ListRecords", resumptionToken=self.token)
        else:
            bound = {"from_": self.since} if self.since else {}
            root = self.endpoint.xml(verb="ListRecords", metadataPrefix="oai_dc", **bound)
            self.begun = root.findtext(f"{NS}responseDate")
        for record in root.iter(f"{NS}record"):
            found = Harvested(record)
            self.titles[found.identifier] = None if found.deleted else found.titles[0]
        self.token = root.findtext(f".//{NS}resumptionToken") or None
        if not self.token:
            self.since = self.begun
        return self.token is not None


class Repository(RuleBasedStateMachine):
    versions = Bundle("versions")
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="oai-copies-"))
        path = shutil.copy(self.template, self.folder / "repository.db")
        self.clock = FixedClock(NOW)
        config = make_settings(self.folder, f"sqlite:///{path}", oai_page_size=2)
        self.runtime = Runtime.from_settings(config, self.clock)
        self.publisher = Publisher(self.runtime)
        self.endpoint = Endpoint(make_app(self.runtime))
        self.copies = [Copy(self.endpoint), Copy(self.endpoint)]

    @rule(target=versions, title=st.text("abc", min_size=1, max_size=3))
    def publish(self, title: str) -> str:
        return self.publisher.publish(title)

    @rule(version=versions, title=st.text("abc", min_size=1, max_size=3))
    def edit(self, version: str, title: str) -> None:
        self.publisher.edit(version, titles=[{"title": title}])

    @rule(version=versions, access=st.sampled_from([RESTRICTED, PUBLIC]))
    def change_access(self, version: str, access: dict[str, str]) -> None:
        self.publisher.edit(version, access=access)

    @rule(version=consumes(versions))
    def withdraw(self, version: str) -> None:
        self.publisher.withdraw(version)

    @rule(target=versions, version=consumes(versions))
    def new_version(self, version: str) -> object:
        return multiple(self.publisher.new_version(version, "new"))

    @rule(seconds=st.sampled_from([0, 0.25, 1, 3, 86_400]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @rule()
    def jobs_run(self) -> None:
        self.publisher.settle()

    @rule(which=st.integers(0, 1))
    def harvest_a_page(self, which: int) -> None:
        self.copies[which].step()

    @rule(which=st.integers(0, 1))
    def repeat_a_page(self, which: int) -> None:
        token = self.copies[which].token
        self.copies[which].step()
        self.copies[which].token = token or self.copies[which].token

    @rule(which=st.integers(0, 1))
    def give_up_a_harvest(self, which: int) -> None:
        self.copies[which].token = None

    @rule()
    def copies_are_equal_after_harvests(self) -> None:
        """The harvest under way is finished, and then what changed meanwhile is fetched."""
        self.publisher.settle()
        expected = self.public_titles()
        for copy in self.copies:
            while copy.step():
                pass
            while copy.step():
                pass
            shown = {i: t for i, t in copy.titles.items() if t is not None}
            assert shown == expected

    def public_titles(self) -> dict[str, str]:
        with self.runtime.read() as work:
            published = select(Version).where(Version.state == State.PUBLISHED.value)
            documents = [public_document(work, v) for v in work.session.scalars(published)]
        return {f"oai:repository.test:{d.id}": d.metadata.title() for d in documents if d}

    def teardown(self) -> None:
        self.copies_are_equal_after_harvests()
        self.runtime.close()
        shutil.rmtree(self.folder)


@pytest.fixture
def machine(sqlite_template: Path) -> type[Repository]:
    Repository.template = sqlite_template
    return Repository


def test_copies_equal_the_repository(machine: type[Repository]) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine, settings=SHORT)
