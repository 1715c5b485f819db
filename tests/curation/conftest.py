"""People and a collection for the tests of curation."""

from dataclasses import dataclass

import pytest

from repository.accounts.models import Actor, Role, User
from repository.core.runtime import Runtime
from repository.curation.collections import create, find
from repository.curation.members import set_member
from tests.oai.publishing import Publisher
from tests.webapp import make_user


@dataclass
class People:
    """A curator of the repository, a depositor, and users who are nobody yet."""

    runtime: Runtime
    publisher: Publisher
    curator: Actor
    users: dict[str, User]

    def actor(self, name: str) -> Actor:
        return Actor.of(self.users[name])

    def collection(self, slug: str = "vien-mau", **values: str) -> str:
        with self.runtime.work() as work:
            told = {"title_vi": "Viện Mẫu", "slug": slug, "submission": "open", **values}
            return create(work, self.curator, told).slug

    def member(self, slug: str, name: str, role: str) -> None:
        with self.runtime.work() as work:
            email = self.users[name].email
            set_member(work, self.curator, find(work, slug), email=email, role=role)


def _people(runtime: Runtime) -> People:
    users = {
        name: make_user(runtime, f"{name}@example.org")
        for name in ("reader", "submitter", "curator", "manager", "stranger")
    }
    chief = make_user(runtime, "chief@example.org", Role.CURATOR)
    return People(runtime, Publisher(runtime), Actor.of(chief), users)


@pytest.fixture
def people(runtime: Runtime) -> People:
    """On SQLite and PostgreSQL."""
    return _people(runtime)


@pytest.fixture
def site_people(sqlite_runtime: Runtime) -> People:
    """On SQLite, for pages."""
    return _people(sqlite_runtime)
