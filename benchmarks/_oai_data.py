"""A database of many published records, written directly: what is measured is serving them."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.formats.registry import harvestable
from repository.migrate import upgrade
from repository.oai.render import metadata_element
from repository.oai.stamper import header_element
from repository.records.document import AccessStatus, Document
from repository.records.metadata import Metadata

PREFIXES = ("oai_dc", "oai_datacite")
SETS = ("access-open", "openaire_data", "type-dataset")
BATCH = 5_000
START = datetime(2026, 1, 1, tzinfo=UTC)
MARK = "k3x9a-1mz42"
METADATA: dict[str, Any] = {
    "resource_type": {"id": "dataset"},
    "titles": [
        {"title": f"Lượng mưa ngày tại trạm {MARK}", "lang": "vi"},
        {"title": f"Daily rainfall at station {MARK}", "lang": "en"},
    ],
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": family,
                "given_name": "Thị Mẫu",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [{"name": "Viện Khí tượng Mẫu"}],
        }
        for family in ("Nguyễn", "Trần", "Lê", "Phạm")
    ],
    "publication_date": "2026-05-17",
    "publisher": "Kho dữ liệu nghiên cứu",
    "languages": [{"id": "vie"}],
    "descriptions": [
        {"description": "Số liệu lượng mưa theo ngày, đo bằng thùng đo mưa. " * 12, "lang": "vi"},
        {"description": "Rainfall by day, measured with a rain gauge. " * 12, "lang": "en"},
    ],
    "subjects": [{"subject": word} for word in ("khí hậu", "lượng mưa", "rainfall", "climate")],
    "rights": [{"id": "cc-by-4.0", "title": "CC BY 4.0"}],
    "related_identifiers": [
        {
            "identifier": "10.5072/abcde-12345",
            "scheme": "doi",
            "relation_type": {"id": "issupplementto"},
        }
    ],
}


def build(folder: Path, records: int, page_size: int) -> Settings:
    """A data folder with `records` records as the stamper would have left them."""
    settings = Settings.model_validate(
        {"data_dir": folder, "oai_page_size": page_size, "base_url": "https://data.example.org"}
    )
    runtime = Runtime.from_settings(settings)
    upgrade(runtime.database)
    runtime.close()
    connection = sqlite3.connect(folder / "repository.db")
    connection.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY")
    _fill(connection, records)
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return settings


def document() -> Document:
    url = f"https://data.example.org/records/{MARK}"
    return Document(
        id=MARK,
        concept_id="c0000-0000",
        doi=f"10.5072/{MARK}",
        concept_doi="10.5072/c0000-0000",
        url=url,
        concept_url=url,
        metadata=Metadata.model_validate(METADATA),
        access=AccessStatus("open", "public", "public"),
        number=1,
        is_latest=True,
        revision=1,
        created_at=START,
        updated_at=START,
        published_at=START,
        repository_name="Kho dữ liệu nghiên cứu",
    )


def _fill(connection: sqlite3.Connection, records: int) -> None:
    templates = {
        served.oai.prefix: metadata_element(served, document())
        for served in harvestable()
        if served.oai and served.oai.prefix in PREFIXES
    }
    metadata = Metadata.model_validate(METADATA).model_dump(mode="json", exclude_none=True)
    described = json.dumps(metadata, ensure_ascii=False)
    connection.execute(
        "INSERT INTO users (id, email, name, affiliation, orcid, password_hash, role, active,"
        " session_epoch, created_at)"
        " VALUES (1, 'a@example.org', 'A', '', '', '', 'admin', 1, 1, ?)",
        [_text(START)],
    )
    connection.executemany(
        "INSERT INTO oai_sets (id, spec, name, description) VALUES (?, ?, ?, '')",
        [(number, spec, spec) for number, spec in enumerate(SETS, 1)],
    )
    for first in range(1, records + 1, BATCH):
        numbers = range(first, min(first + BATCH, records + 1))
        _records(connection, numbers, described)
        _items(connection, numbers, templates)
        connection.commit()


def _records(connection: sqlite3.Connection, numbers: range, described: str) -> None:
    now = _text(START)
    connection.executemany(
        "INSERT INTO records (id, owner_id, latest_id, created_at) VALUES (?, 1, ?, ?)",
        [(f"c{number:010}", _id(number), now) for number in numbers],
    )
    connection.executemany(
        "INSERT INTO versions (id, record_id, number, state, metadata_json, record_access,"
        " files_access, embargo_reason, files_enabled, withdrawal, revision, file_count,"
        " file_bytes, created_at, updated_at, published_at)"
        " VALUES (?, ?, 1, 'published', ?, 'public', 'public', '', 1, '{}', 1, 0, 0, ?, ?, ?)",
        [(_id(n), f"c{n:010}", described.replace(MARK, _id(n)), now, now, now) for n in numbers],
    )


def _items(connection: sqlite3.Connection, numbers: range, templates: dict[str, bytes]) -> None:
    items, fragments, members = [], [], []
    for number in numbers:
        stamp = START + timedelta(seconds=number // 100)
        oai_id = f"oai:data.example.org:{_id(number)}"
        header = header_element(oai_id, stamp, SETS, deleted=False)
        items.append((number, _id(number), oai_id, number, _text(stamp), header))
        for prefix, template in templates.items():
            body = template.replace(MARK.encode(), _id(number).encode())
            fragments.append((prefix, number, sha256(body).digest(), body))
        members += [(set_id, number, number) for set_id in range(1, len(SETS) + 1)]
    connection.executemany(
        "INSERT INTO oai_items (id, version_id, oai_id, seq, datestamp, deleted, header, basis)"
        " VALUES (?, ?, ?, ?, ?, 0, ?, 0)",
        items,
    )
    connection.executemany("INSERT INTO oai_fragments VALUES (?, ?, ?, ?)", fragments)
    connection.executemany("INSERT INTO oai_memberships VALUES (?, ?, ?)", members)


def _id(number: int) -> str:
    return f"{number:011}"


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"
