"""Documents to render, of a repository that exists nowhere."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repository.formats import datacite_xml
from repository.records.document import AccessStatus, Document, FileEntry
from repository.records.metadata import Metadata, parse

EXAMPLES = Path(__file__).parent / "examples"
NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
MINIMAL: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "titles": [{"title": "Mưa ở Mẫu", "lang": "vi"}, {"title": "Rain in Sample", "lang": "en"}],
    "creators": [{"person_or_org": {"type": "personal", "name": "Nguyễn, Văn Thử"}}],
    "publication_date": "2024-05-17",
    "publisher": "Kho dữ liệu Ví dụ",
}


def full_metadata() -> Metadata:
    return datacite_xml.read((EXAMPLES / "full.xml").read_bytes()).metadata


def document(metadata: Metadata | None = None, **others: Any) -> Document:
    """A version with one file that anybody may have."""
    file = FileEntry(
        path="số liệu/mưa.csv",
        size=1234,
        media_type="text/csv",
        sha256="0" * 64,
        url="https://data.example.org/records/k3x9a-1mz42/files/m%C6%B0a.csv",
    )
    told: dict[str, Any] = {
        "id": "k3x9a-1mz42",
        "concept_id": "p4q7b-2nn10",
        "doi": "10.5072/k3x9a-1mz42",
        "concept_doi": "10.5072/p4q7b-2nn10",
        "url": "https://data.example.org/records/k3x9a-1mz42",
        "concept_url": "https://data.example.org/records/p4q7b-2nn10",
        "metadata": metadata or parse(MINIMAL),
        "access": AccessStatus("open", "public", "public"),
        "number": 2,
        "is_latest": True,
        "revision": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "published_at": NOON,
        "files": (file,),
        "file_count": 1,
        "file_bytes": 1234,
        "repository_name": "Kho dữ liệu Ví dụ",
    }
    return Document(**told | others)
