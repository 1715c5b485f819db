"""Records for the tests of harvesting, made as anybody makes them."""

from typing import Any

from repository.accounts.models import Actor, Role, User
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit import drafts
from repository.deposit.publish import publish, withdraw
from repository.records.access import AccessSettings
from repository.records.models import Version
from repository.worker import import_all_jobs

METADATA: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "titles": [
        {"title": "Dữ liệu khí hậu đồng bằng", "lang": "vi"},
        {"title": "Climate of the delta <1 & 2>", "lang": "en"},
    ],
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Nguyễn",
                "given_name": "Thị Mẫu",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [
                {
                    "name": "Viện Mẫu",
                    "identifiers": [{"scheme": "ror", "identifier": "https://ror.org/04gyf1771"}],
                }
            ],
        }
    ],
    "publication_date": "2026-05-17",
    "publisher": "Kho dữ liệu nghiên cứu",
    "languages": [{"id": "vie"}],
    "descriptions": [{"description": "Nhiệt độ và lượng mưa.", "lang": "vi"}],
    "subjects": [
        {"subject": "khí hậu"},
        {"subject": "Climatology", "scheme": "FOR", "classification_code": "0401"},
    ],
    "rights": [{"id": "cc-by-4.0"}],
}


class Publisher:
    """Deposits on behalf of one researcher; `settle` lets the jobs run that follow."""

    def __init__(self, runtime: Runtime, email: str = "mau@example.org") -> None:
        self.runtime = runtime
        with runtime.work() as work:
            user = User(
                email=email,
                name="Nguyễn Thị Mẫu",
                password_hash="",
                role=Role.RESEARCHER.value,
                created_at=work.clock.now(),
            )
            work.session.add(user)
            work.session.flush()
            self.actor = Actor.of(user)

    def publish(
        self, title: str = "", access: dict[str, Any] | None = None, **metadata: Any
    ) -> str:
        """The id of a new version, of metadata only."""
        told = METADATA | ({"titles": [{"title": title}]} if title else {}) | metadata
        with self.runtime.work() as work:
            settings = AccessSettings.model_validate(access or {})
            draft = drafts.create_draft(work, self.actor, told, settings, files_enabled=False)
            return publish(work, self.actor, draft.version_id).id

    def edit(self, version_id: str, access: dict[str, Any] | None = None, **metadata: Any) -> None:
        with self.runtime.work() as work:
            draft = drafts.edit_published(work, self.actor, version_id)
            drafts.save_draft(
                work,
                self.actor,
                version_id,
                metadata=draft.metadata_json | metadata,
                access=None if access is None else AccessSettings.model_validate(access),
            )
            publish(work, self.actor, version_id)

    def new_version(self, version_id: str, title: str) -> str:
        with self.runtime.work() as work:
            draft = drafts.new_version(work, self.actor, version_id)
            told = draft.metadata_json | {
                "titles": [{"title": title}],
                "publication_date": "2026-06-01",
            }
            drafts.save_draft(work, self.actor, draft.version_id, metadata=told)
            return publish(work, self.actor, draft.version_id).id

    def withdraw(self, version_id: str) -> None:
        with self.runtime.work() as work:
            version = work.session.get_one(Version, version_id)
            withdraw(work, self.actor, version, "error-in-data")

    def settle(self) -> None:
        import_all_jobs()
        run_until_idle(self.runtime)
