"""People and what they deposit."""

import io
from typing import Any

import pytest

from repository.accounts.models import Actor, Role, User
from repository.core.runtime import Runtime
from repository.deposit.drafts import create_draft
from repository.deposit.files import put_file, receive
from repository.deposit.publish import publish

COMPLETE: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "titles": [{"title": "Khí hậu Hà Nội", "lang": "vi"}, {"title": "Climate", "lang": "en"}],
    "creators": [
        {"person_or_org": {"type": "personal", "family_name": "Nguyễn", "given_name": "An"}}
    ],
    "publication_date": "2026-11-23",
    "rights": [{"id": "cc-by-4.0"}],
}


@pytest.fixture
def complete() -> dict[str, Any]:
    """Metadata that may be published."""
    return {**COMPLETE}


class Depositor:
    """Somebody, and the few things everybody does, each in a transaction of its own."""

    def __init__(self, runtime: Runtime, email: str, role: Role = Role.RESEARCHER) -> None:
        self.runtime = runtime
        with runtime.work() as work:
            self.user = User(
                email=email,
                name="Nguyễn Thị Lan",
                password_hash="",
                role=role.value,
                created_at=work.clock.now(),
            )
            work.session.add(self.user)
        self.actor = Actor.of(self.user)

    def draft(self, metadata: dict[str, Any] | None = None) -> str:
        with self.runtime.work() as work:
            chosen = COMPLETE if metadata is None else metadata
            return create_draft(work, self.actor, chosen).version_id

    def upload(self, version_id: str, path: str, content: bytes = b"a,b\n1,2\n") -> str:
        stored = receive(self.runtime, io.BytesIO(content))
        with self.runtime.work() as work:
            put_file(work, self.actor, version_id, path, stored)
        return stored.sha256

    def publish(self, version_id: str) -> str:
        with self.runtime.work() as work:
            return publish(work, self.actor, version_id).id

    def published(self, *paths: str) -> str:
        version_id = self.draft()
        for path in paths or ("data/a.csv",):
            self.upload(version_id, path, path.encode())
        return self.publish(version_id)


@pytest.fixture
def lan(runtime: Runtime) -> Depositor:
    return Depositor(runtime, "lan@example.org")


@pytest.fixture
def minh(runtime: Runtime) -> Depositor:
    """Somebody else."""
    return Depositor(runtime, "minh@example.org")


@pytest.fixture
def curator(runtime: Runtime) -> Depositor:
    return Depositor(runtime, "curator@example.org", Role.CURATOR)
