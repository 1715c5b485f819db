"""Making and publishing records for tests of identifiers."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from repository.accounts.models import Actor, User
from repository.core.runner import run_due
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.core.work import Work
from repository.deposit.drafts import create_draft, edit_published, new_version, save_draft
from repository.deposit.publish import publish
from repository.pid.models import Identifier
from repository.records.access import AccessSettings
from repository.records.models import Version
from tests.runtimes import make_settings

PREFIX = "10.82001"


def datacite_settings(data_dir: Path, database_url: str, url: str, **values: object) -> Settings:
    values = {
        "pid_provider": "datacite",
        "datacite_url": url,
        "datacite_prefix": PREFIX,
        "datacite_username": "TEST.REPO",
        "datacite_password": "registry password",
        "datacite_timeout": 0.5,
        "datacite_rate_limit": 100_000,
    } | values
    return make_settings(data_dir, database_url, **values)


def metadata(title: str = "Rainfall at an invented station") -> dict[str, Any]:
    return {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": title, "lang": "en"}],
        "creators": [
            {
                "person_or_org": {
                    "type": "personal",
                    "given_name": "Example",
                    "family_name": "Researcher",
                }
            }
        ],
        "publication_date": "2026-05-01",
        "publisher": "Example Repository",
    }


def depositor(work: Work, email: str = "researcher@example.org") -> Actor:
    user = work.session.scalar(select(User).where(User.email == email))
    if user is None:
        user = User(
            email=email,
            name="Example Researcher",
            password_hash="not a hash",
            created_at=work.clock.now(),
        )
        work.session.add(user)
        work.session.flush()
    return Actor.of(user)


def published(work: Work, title: str = "Rainfall at an invented station", **access: Any) -> Version:
    """A record with metadata alone, published."""
    actor = depositor(work)
    settings = AccessSettings.model_validate(access)
    draft = create_draft(work, actor, metadata(title), settings, files_enabled=False)
    return publish(work, actor, draft.version_id)


def edited(work: Work, version_id: str, title: str, **access: Any) -> Version:
    actor = depositor(work)
    draft = edit_published(work, actor, version_id)
    settings = AccessSettings.model_validate(access) if access else None
    save_draft(work, actor, version_id, metadata=metadata(title), access=settings)
    return publish(work, actor, draft.version_id)


def succeeded(work: Work, version_id: str, title: str) -> Version:
    """A new version after `version_id`, published."""
    actor = depositor(work)
    draft = new_version(work, actor, version_id)
    save_draft(work, actor, draft.version_id, metadata=metadata(title))
    return publish(work, actor, draft.version_id)


def identifier(work: Work, doi: str | None) -> Identifier:
    return work.session.scalars(select(Identifier).where(Identifier.value == doi)).one()


def run_jobs(runtime: Runtime, rounds: int = 20) -> None:
    """Run what is due, a bounded number of times: some jobs ask to be run again for ever."""
    for _ in range(rounds):
        if not run_due(runtime):
            return
