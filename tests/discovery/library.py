"""Records deposited the way everyone does it, for tests of what visitors see."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from repository.accounts.models import Actor, Role
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.deposit.importing.base import ImportFile, ImportItem
from repository.deposit.importing.services import import_item
from repository.records.access import AccessSettings
from tests.webapp import make_user


class Depositor:
    """Publishes records with files; each has its own folder under `folder`."""

    def __init__(self, runtime: Runtime, folder: Path) -> None:
        self.runtime = runtime
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._count = 0
        self.user = make_user(runtime, "depositor@example.org", Role.RESEARCHER)
        self.actor = Actor.of(self.user)

    def publish(
        self,
        files: dict[str, bytes] | None = None,
        access: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Publish, let the jobs run, and give the version's id."""
        self._count += 1
        return self._take(self._count, files, access, more)

    def revise(self, files: dict[str, bytes] | None = None, **more: Any) -> str:
        """A new version of the record published last, where its files are others."""
        return self._take(self._count, files, None, more)

    def _take(
        self,
        number: int,
        files: dict[str, bytes] | None,
        access: dict[str, Any] | None,
        more: dict[str, Any],
    ) -> str:
        folder = Path(mkdtemp(dir=self._folder))
        sources = []
        for path, content in (files or {}).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            sources.append(ImportFile(path, target))
        item = ImportItem(
            source_key=f"test:{number}",
            metadata=METADATA | more,
            access=AccessSettings.model_validate(access or {}),
            files=sources,
        )
        _outcome, version_id = import_item(self.runtime, self.actor, item)
        run_until_idle(self.runtime)
        return str(version_id)


METADATA: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "titles": [
        {"title": "Lượng mưa ở Đồng Ví Dụ", "lang": "vi"},
        {"title": "Rainfall at Đồng Ví Dụ", "lang": "en"},
    ],
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Nguyễn",
                "given_name": "Văn Ví",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [{"name": "Viện Ví Dụ"}],
        }
    ],
    "descriptions": [
        {
            "description": "Mưa **ngày** <script>alert(1)</script> [hại](javascript:alert(1))",
            "lang": "vi",
            "type": {"id": "abstract"},
        },
        {"description": "Daily rainfall.", "lang": "en", "type": {"id": "abstract"}},
    ],
    "publication_date": "2024-05-17",
    "publisher": "Kho Ví Dụ",
    "subjects": [{"subject": "mưa"}],
    "rights": [{"id": "cc-by-4.0"}],
    "languages": [{"id": "vie"}],
    "related_identifiers": [
        {"identifier": "10.5072/abc", "scheme": "doi", "relation_type": {"id": "iscitedby"}}
    ],
}
