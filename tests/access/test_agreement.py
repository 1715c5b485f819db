"""Random lives of records: the rule in Python and in SQL, the index and OAI-PMH never disagree."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from repository.access.file_rules import (
    can_download,
    can_list,
    files_downloadable_by,
    files_listed_for,
)
from repository.access.grants import (
    grant_access,
    grant_to_domain,
    grant_to_provider,
    grants_of,
    managed_record,
    revoke_grant,
)
from repository.access.links import KINDS, create_link, holding
from repository.access.models import ShareLink
from repository.access.rules import Action, can, downloadable_by, visible_to
from repository.access.terms import accept_terms, accepted_by, must_accept
from repository.accounts.identities import actor_of, identities_of, link
from repository.accounts.models import ANONYMOUS, Actor, Role
from repository.accounts.oidc import Told
from repository.accounts.services import find
from repository.core import jobs
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.core.work import Work
from repository.deposit.classifying import classify
from repository.discovery.search import SearchRequest, search
from repository.oai.errors import NoRecordsMatch
from repository.oai.listing import Selection, first_position, read_page
from repository.records.data_class import DataClass
from repository.records.models import File, Permission, Record, State, Version
from repository.worker import import_all_jobs
from tests.oai.publishing import Publisher
from tests.runtimes import NOW, make_settings
from tests.webapp import make_user

ACCESS = st.sampled_from(
    [
        {},
        {"files": "restricted"},
        {"record": "restricted", "files": "restricted"},
    ]
)
STRANGER = "stranger@example.org"
PHYSICIST = "physicist@physics.university.test"  # of whom it is not always known
DOMAINS = ("example.org", "university.test", "physics.university.test", "sity.test")
ISSUERS = ("https://one.test", "https://two.test")
CLAIMS = (("", ""), ("schac_home_organization", "university.test"), ("group", "university.test"))
PROVIDERS = {
    f"p{number}": {"issuer": issuer, "client_id": "x", "claims": [c for c, _ in CLAIMS if c]}
    for number, issuer in enumerate(ISSUERS)
}
SAID = [
    {"provider": name, "claim": claim, "value": value}
    for name in PROVIDERS
    for claim, value in CLAIMS
]
LIFTING = "access.embargoes"
DAYS = st.integers(1, 4)
STANDS: Callable[["Lives"], bool] = lambda lives: bool(lives.standing)  # noqa: E731 typed so
NOBODY_KNOWS = frozenset[str]()


class Lives(RuleBasedStateMachine):
    """A few records on SQLite; `template` is a database with the tables of this release."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        place = Path(self.folder.name)
        url = f"sqlite:///{shutil.copy(self.template, place / 'repository.db')}"
        self.clock = FixedClock(NOW)
        self.runtime = Runtime.from_settings(
            make_settings(place / "data", url, oidc=PROVIDERS), self.clock
        )
        self.publisher = Publisher(self.runtime)
        self.actors = [
            ANONYMOUS,
            self.publisher.actor,
            Actor(self.publisher.actor.user_id, Role.RESEARCHER, NOBODY_KNOWS),
            Actor.of(make_user(self.runtime, "curator@example.org", Role.CURATOR)),
            Actor.of(make_user(self.runtime, "admin@example.org", Role.ADMIN)),
        ]
        for email in (STRANGER, PHYSICIST):
            make_user(self.runtime, email)
        self.links: list[int] = []
        self.standing: list[str] = []
        self.numbers = itertools.count(1)

    def teardown(self) -> None:
        self.runtime.close()
        self.folder.cleanup()

    def _access(self, access: dict[str, Any], days: int | None) -> dict[str, Any]:
        if not access or days is None:
            return access
        until = self.clock.now().date() + timedelta(days=days)
        return access | {"embargo": {"active": True, "until": until.isoformat()}}

    @rule(access=ACCESS, days=st.none() | DAYS)
    def publish(self, access: dict[str, Any], days: int | None) -> None:
        title = f"Bản ghi {next(self.numbers)}"
        self.standing.append(self.publisher.publish(title, self._access(access, days)))

    @rule(which=st.integers(0, 9), access=ACCESS, days=st.none() | DAYS)
    def change_access(self, which: int, access: dict[str, Any], days: int | None) -> None:
        if self.standing:
            chosen = self.standing[which % len(self.standing)]
            self.publisher.edit(chosen, self._access(access, days))

    @rule(which=st.integers(0, 9))
    def follow_with_new_version(self, which: int) -> None:
        if self.standing:
            title = f"Bản mới {next(self.numbers)}"
            before = self.standing[which % len(self.standing)]
            self.standing.append(self.publisher.new_version(before, title))

    @precondition(STANDS)
    @rule(which=st.integers(0, 9))
    def withdraw(self, which: int) -> None:
        self.publisher.withdraw(self.standing.pop(which % len(self.standing)))

    @precondition(STANDS)
    @rule(
        which=st.integers(0, 9),
        files=st.sampled_from(["default", "public", "restricted", "hidden"]),
        opens=st.none() | DAYS,
        gone=st.none() | DAYS,
    )
    def set_a_file_apart(self, which: int, files: str, opens: int | None, gone: int | None) -> None:
        today = self.clock.now().date()
        with self.runtime.work() as work:
            file = self._file(work, self.standing[which % len(self.standing)])
            file.access = files
            file.embargo_until = today + timedelta(days=opens) if opens else None
            file.delete_at = today + timedelta(days=gone) if gone else None

    def _file(self, work: Work, version_id: str) -> File:
        file = work.session.scalar(select(File).where(File.version_id == version_id))
        if file is None:
            now = self.clock.now()
            file = File(version_id=version_id, path="a", created_at=now, updated_at=now)
            work.session.add(file)
        return file

    @precondition(STANDS)
    @rule(which=st.integers(0, 9), data_class=st.sampled_from(DataClass))
    def class_data(self, which: int, data_class: DataClass) -> None:
        curator = next(each for each in self.actors if each.is_curator)
        with self.runtime.work() as work:
            chosen = self.standing[which % len(self.standing)]
            classify(work, curator, chosen, data_class, "Theo danh mục")

    @precondition(STANDS)
    @rule(which=st.integers(0, 9), text=st.sampled_from(["", "a" * 64, "b" * 64]))
    def set_terms(self, which: int, text: str) -> None:
        """Somebody accepts them, and a guest those of another record."""
        with self.runtime.work() as work:
            version = work.session.get_one(Version, self.standing[which % len(self.standing)])
            version.terms, version.terms_sha256 = ({"vi": text}, text) if text else ({}, "")
            if text:
                stranger = find(work, STRANGER)
                assert stranger is not None
                accept_terms(work, Actor.of(stranger), version, text)
                if text[0] == "b":
                    accept_terms(work, replace(ANONYMOUS, guest="guest"), version, text)

    def _until(self, days: int | None) -> datetime | None:
        return None if days is None else self.clock.now() + timedelta(days=days)

    @contextmanager
    def _of_one(self, which: int) -> Iterator[tuple[Work, Actor, Record]]:
        owner, chosen = self.publisher.actor, self.standing[which % len(self.standing)]
        with self.runtime.work() as work:
            yield work, owner, managed_record(work, owner, chosen)

    @precondition(STANDS)
    @rule(which=st.integers(0, 9), permission=st.sampled_from(Permission), days=st.none() | DAYS)
    def grant(self, which: int, permission: Permission, days: int | None) -> None:
        with self._of_one(which) as (work, owner, record):
            until = self._until(days)
            grant_access(
                work, owner, record, email=STRANGER, permission=permission, expires_at=until
            )

    @precondition(STANDS)
    @rule(
        which=st.integers(0, 9),
        permission=st.sampled_from(Permission),
        days=st.none() | DAYS,
        domain=st.sampled_from(DOMAINS),
        subdomains=st.booleans(),
    )
    def grant_an_institution(
        self, which: int, permission: Permission, days: int | None, domain: str, subdomains: bool
    ) -> None:
        with self._of_one(which) as (work, owner, record):
            grant_to_domain(
                *(work, owner, record),
                domain=domain,
                subdomains=subdomains,
                permission=permission,
                expires_at=self._until(days),
            )

    @precondition(STANDS)
    @rule(
        which=st.integers(0, 9),
        permission=st.sampled_from(Permission),
        days=st.none() | DAYS,
        said=st.sampled_from(SAID),
    )
    def grant_a_providers_people(
        self, which: int, permission: Permission, days: int | None, said: dict[str, str]
    ) -> None:
        with self._of_one(which) as (work, owner, record):
            until = self._until(days)
            grant_to_provider(work, owner, record, **said, permission=permission, expires_at=until)

    @rule(
        issuer=st.sampled_from(ISSUERS),
        claims=st.sets(st.sampled_from(CLAIMS[1:])),
        days=st.integers(1, 40),
    )
    def sign_in_by_a_provider(self, issuer: str, claims: set[tuple[str, str]], days: int) -> None:
        """The physicist does, or did some days ago; it may be told of them what was not before."""
        with self.runtime.work() as work:
            user = find(work, PHYSICIST)
            assert user
            told = Told(
                issuer, "p", PHYSICIST, False, "", {name: [value] for name, value in claims}
            )
            link(work, user.id, told)
            (identity,) = [each for each in identities_of(work, user.id) if each.issuer == issuer]
            identity.claims = told.claims
            identity.used_at = self.clock.now() - timedelta(days=days - 1)

    @rule(email=st.sampled_from([STRANGER, PHYSICIST]))
    def verify_or_doubt(self, email: str) -> None:
        with self.runtime.work() as work:
            user = find(work, email)
            assert user
            user.verified_at = None if user.verified_at else self.clock.now()

    @precondition(STANDS)
    @rule(which=st.integers(0, 9))
    def revoke(self, which: int) -> None:
        with self._of_one(which) as (work, owner, record):
            for given in grants_of(work, record):
                revoke_grant(work, owner, record, given.grant.id)

    @precondition(STANDS)
    @rule(which=st.integers(0, 9), kind=st.sampled_from(KINDS), days=st.none() | DAYS)
    def share(self, which: int, kind: str, days: int | None) -> None:
        with self._of_one(which) as (work, owner, record):
            until = self._until(days)
            link, _ = create_link(work, owner, record, permission=kind, expires_at=until)
            self.links.append(link.id)

    @rule()
    def take_links_back(self) -> None:
        with self.runtime.work() as work:
            for link in work.session.scalars(select(ShareLink)):
                work.session.delete(link)

    def _readers(self) -> list[Actor]:
        """And two who opened every link: nobody, and somebody with an account."""
        with self.runtime.read() as work:
            people = [find(work, email) for email in (STRANGER, PHYSICIST)]
            now = [actor_of(work, person) for person in people if person]
            holders = [holding(work, each, self.links) for each in (ANONYMOUS, now[0])]
        return [*self.actors, *now, *holders, replace(ANONYMOUS, guest="guest")]

    @rule(days=st.integers(-3, 5))
    def move_clock(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))

    @rule()
    def settle(self) -> None:
        """All jobs run, those that come round by themselves too: nobody is behind any more."""
        with self.runtime.work() as work:
            jobs.enqueue(work.session, self.clock.now(), LIFTING, f"periodic:{LIFTING}", {})
        run_until_idle(self.runtime)
        visible = self._visible(ANONYMOUS)
        assert self._harvested() == visible
        for actor in self._readers():
            assert self._searched(actor) == self._visible(actor) - self._core(), actor

    @invariant()
    def nobody_is_shown_more_than_the_rule_allows(self) -> None:
        """Also while the jobs that follow are still waiting."""
        for actor in self._readers():
            self._compare_rules(actor)
            assert self._searched(actor) <= self._visible(actor), actor
        assert self._harvested() <= self._visible(ANONYMOUS)

    def _compare_rules(self, actor: Actor) -> None:
        now = self.clock.now()
        twins = ((Action.VIEW, visible_to), (Action.DOWNLOAD, downloadable_by))
        with self.runtime.read() as work:
            versions = list(work.session.scalars(select(Version)))
            for action, twin in twins:
                in_sql = set(work.session.scalars(select(Version.id).where(twin(actor, now))))
                in_python = {v.id for v in versions if can(actor, action, v, now)}
                assert in_python == in_sql, (actor, action)
            given = set(work.session.scalars(select(Version.id).where(accepted_by(actor, now))))
            assert given == {v.id for v in versions if not must_accept(actor, v, now)}, actor
            self._compare_file_rules(work, actor)

    def _compare_file_rules(self, work: Work, actor: Actor) -> None:
        now = self.clock.now()
        joined = select(File, Version).join(Version, Version.id == File.version_id)
        rows = work.session.execute(joined).all()
        for rule_of, twin in (
            (can_download, files_downloadable_by),
            (can_list, files_listed_for),
        ):
            query = joined.with_only_columns(File.id).where(twin(actor, now))
            in_sql = set(work.session.scalars(query))
            in_python = {f.id for f, v in rows if rule_of(actor, v, f, now)}
            assert in_python == in_sql, (actor, rule_of)

    def _visible(self, actor: Actor) -> set[str]:
        with self.runtime.read() as work:
            query = select(Version.id).where(
                Version.state == State.PUBLISHED.value, visible_to(actor, self.clock.now())
            )
            return set(work.session.scalars(query))

    def _core(self) -> set[str]:
        """In no index, also for those who may see them."""
        with self.runtime.read() as work:
            query = select(Version.id).where(Version.data_class == DataClass.CORE.value)
            return set(work.session.scalars(query))

    def _searched(self, actor: Actor) -> set[str]:
        with self.runtime.read() as work:
            found = search(work, actor, SearchRequest(limit=100, all_versions=True))
            return {version.id for version in found.versions}

    def _harvested(self) -> set[str]:
        selection = Selection("oai_dc")
        with self.runtime.read() as work:
            try:
                position = first_position(work, selection)
                page = read_page(work, selection, position, 1000, metadata=True)
            except NoRecordsMatch:
                return set()
        assert all(entry.metadata is None for entry in page.entries if entry.deleted)
        return {
            entry.header.partition(b"<identifier>")[2]
            .partition(b"</identifier>")[0]
            .decode()
            .rpartition(":")[2]
            for entry in page.entries
            if not entry.deleted
        }


def test_rule_index_and_harvest_agree(sqlite_template: Path) -> None:
    import_all_jobs()
    Lives.template = sqlite_template
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
