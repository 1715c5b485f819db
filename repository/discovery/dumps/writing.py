"""Writes a dump: JSONL as the API gives records, Parquet to query, N-Quads for triple stores."""

import gzip
import json
from collections import Counter
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select

from repository.access.rules import downloadable_by
from repository.accounts.models import ANONYMOUS
from repository.core import feed
from repository.core.runtime import Runtime
from repository.discovery.dumps import shelf
from repository.discovery.every import every_public
from repository.formats import dcat
from repository.formats.record_json import record
from repository.records.document import Document
from repository.records.models import State, Version

MAX_FILES = 1000  # of one version that are named
COMPRESSION = 6
JSONL, PARQUET, NQUADS = "records.jsonl.gz", "records.parquet", "records.nq.gz"
MEDIA_TYPES = {
    JSONL: "application/gzip",
    PARQUET: "application/vnd.apache.parquet",
    NQUADS: "application/gzip",
}
COLUMNS = {
    "id": "VARCHAR",
    "record_id": "VARCHAR",
    "doi": "VARCHAR",
    "record_doi": "VARCHAR",
    "url": "VARCHAR",
    "resource_type": "VARCHAR",
    "title": "VARCHAR",
    "titles": "VARCHAR[]",
    "creators": "VARCHAR[]",
    "publisher": "VARCHAR",
    "publication_date": "VARCHAR",
    "description": "VARCHAR",
    "subjects": "VARCHAR[]",
    "languages": "VARCHAR[]",
    "licences": "VARCHAR[]",
    "version": "VARCHAR",
    "number": "INTEGER",
    "is_latest": "BOOLEAN",
    "access": "VARCHAR",
    "withdrawn": "BOOLEAN",
    "file_count": "BIGINT",
    "file_bytes": "BIGINT",
    "published_at": "TIMESTAMP WITH TIME ZONE",
    "updated_at": "TIMESTAMP WITH TIME ZONE",
    "record_json": "VARCHAR",
}


def write_dump(runtime: Runtime) -> str:
    """Write all that anyone may see now; gives the dump's name.

    Holds no transaction open: whatever changes meanwhile has a higher number in the change feed
    than the one in the manifest, from which a follower goes on.
    """
    settings, at = runtime.settings, runtime.clock.now()
    with runtime.read() as work:
        sequence = feed.last_seq(work.session)
    with shelf.unfinished(settings) as folder:
        counts = _write(runtime, folder)
        files = [_described(folder / name) for name in (JSONL, PARQUET, NQUADS)]
        told = _manifest(runtime, at, sequence, counts, files)
        text = json.dumps(told, ensure_ascii=False, indent=2)
        (folder / shelf.MANIFEST).write_text(text, encoding="utf-8")
        return shelf.finish(settings, folder, at)


def _write(runtime: Runtime, folder: Path) -> Counter[str]:
    counts: Counter[str] = Counter(versions=0, withdrawn=0, triples=0)
    rows = folder / "rows.jsonl"
    with (
        _gzip(folder / JSONL) as jsonl,
        _gzip(folder / NQUADS) as quads,
        rows.open("wb") as flat,
    ):
        for _version, document in every_public(runtime, files_limit=MAX_FILES):
            whole = json.dumps(record(document), ensure_ascii=False)
            jsonl.write(f"{whole}\n".encode())
            flat.write(f"{json.dumps(_row(document, whole), ensure_ascii=False)}\n".encode())
            counts["triples"] += _write_quads(quads, document)
            counts["versions"] += 1
            counts["withdrawn"] += document.withdrawn is not None
    _to_parquet(rows, folder / PARQUET)
    rows.unlink()
    return counts


def _gzip(path: Path) -> gzip.GzipFile:
    """Without a time of its own: the same records make the same bytes."""
    return gzip.GzipFile(path, "wb", compresslevel=COMPRESSION, mtime=0)


def _row(document: Document, whole: str) -> dict[str, Any]:
    metadata = document.metadata
    return {
        "id": document.id,
        "record_id": document.concept_id,
        "doi": document.doi,
        "record_doi": document.concept_doi,
        "url": document.url,
        "resource_type": metadata.resource_type.id,
        "title": metadata.title(),
        "titles": [each.title for each in metadata.titles],
        "creators": [each.person_or_org.name for each in metadata.creators],
        "publisher": metadata.publisher,
        "publication_date": metadata.publication_date,
        "description": metadata.description(),
        "subjects": [each.subject for each in metadata.subjects],
        "languages": [each.id for each in metadata.languages],
        "licences": [each.id or each.link or each.title for each in metadata.rights],
        "version": metadata.version,
        "number": document.number,
        "is_latest": document.is_latest,
        "access": document.access.status,
        "withdrawn": document.withdrawn is not None,
        "file_count": document.file_count,
        "file_bytes": document.file_bytes,
        "published_at": _time(document.published_at),
        "updated_at": _time(document.updated_at),
        "record_json": whole,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _write_quads(target: gzip.GzipFile, document: Document) -> int:
    """DCAT, in a graph that is named by the landing page (RDF 1.1 N-Quads)."""
    graph = dcat.graph_of(document)
    count = 0
    for line in graph.serialize(format="nt").splitlines():
        if line.strip():
            target.write(f"{line.rstrip().removesuffix('.')}<{document.url}> .\n".encode())
            count += 1
    return count


def _to_parquet(rows: Path, target: Path) -> None:
    """Columns are named and typed here: none is guessed from what the first rows hold."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as database:
        database.execute("SET TimeZone = 'UTC'")
        relation = database.read_json(
            str(rows), format="newline_delimited", columns=COLUMNS, maximum_object_size=1 << 26
        )
        relation.write_parquet(str(target), compression="zstd")


def _described(path: Path) -> dict[str, Any]:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return {
        "name": path.name,
        "media_type": MEDIA_TYPES[path.name],
        "bytes": path.stat().st_size,
        "sha256": digest.hexdigest(),
    }


def _manifest(
    runtime: Runtime,
    at: datetime,
    sequence: int,
    counts: Counter[str],
    files: list[dict[str, Any]],
) -> shelf.Manifest:
    base = runtime.settings.base_url
    name = f"{at:%Y%m%dT%H%M%SZ}"
    return {
        "name": name,
        "created": at.isoformat(),
        "repository": f"{base}/",
        "feed_sequence": sequence,
        "counts": dict(counts),
        "files": [each | {"url": f"{base}/dumps/{name}/{each['name']}"} for each in files],
    }


def prune(runtime: Runtime) -> None:
    """Keep the newest dumps, as many as the settings say; and of the older ones only those that
    hold nothing that was closed or withdrawn since they were made.
    """
    settings = runtime.settings
    found = shelf.names(settings)
    for name in found[settings.dumps_keep :]:
        shelf.remove(settings, name)
    for name in found[1 : settings.dumps_keep]:
        told = shelf.manifest(settings, name)
        if told is None or _holds_closed(runtime, told):
            shelf.remove(settings, name)


def _holds_closed(runtime: Runtime, told: shelf.Manifest) -> bool:
    """Whether a version that may be in the dump changed since, and is not open to everyone now."""
    changed = select(feed.Change.record_id).where(feed.Change.seq > told["feed_sequence"])
    with runtime.read() as work:
        closed = select(Version.id).where(
            Version.record_id.in_(changed),
            Version.state != State.DRAFT.value,
            Version.published_at <= datetime.fromisoformat(told["created"]),
            or_(Version.own_file_access, ~downloadable_by(ANONYMOUS, work.clock.now())),
        )
        return work.session.scalar(closed.limit(1)) is not None
