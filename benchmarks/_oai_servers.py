"""The servers compared: ours, the package's own response building, a peer, and the limit.

Each is an answerer `(arguments) -> bytes` over the same database, and each harvest follows the
tokens that it is given.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response
from lxml import etree
from sqlalchemy import text

from benchmarks._oai_data import document
from repository.app import create_app
from repository.core.db import Database
from repository.core.runtime import Runtime
from repository.core.settings import Settings
from repository.formats.base import Format
from repository.formats.registry import harvestable

Answerer = Callable[[dict[str, str]], bytes]


def ours(settings: Settings, *, packed: bool = False) -> Answerer:
    client = create_app(Runtime.from_settings(settings)).test_client()
    headers = {"Accept-Encoding": "gzip"} if packed else {}

    def answer(arguments: dict[str, str]) -> bytes:
        body: bytes = client.get("/oai2d", query_string=arguments, headers=headers).data
        return body

    return answer


def limit(settings: Settings, pages: list[bytes]) -> Answerer:
    """The same application sends the same bytes from memory; the first page twice, the first time
    to get it going.
    """
    app = create_app(Runtime.from_settings(settings))
    following = iter([*pages[:1], *pages])
    app.add_url_rule(
        "/oai2d/limit", "limit", lambda: Response(next(following), mimetype="text/xml")
    )
    client = app.test_client()
    return lambda arguments: client.get("/oai2d/limit", query_string=arguments).data


def package(settings: Settings, *, stored: bool) -> Answerer:
    """invenio-oaiserver's own ListRecords over a keyset query of the same database.

    It serialises each record to elements, from its metadata as it is meant to, or, `stored`, from
    the ready bytes of our table: the least work that its interface allows.
    """
    import invenio_oaiserver.response as responses
    from invenio_oaiserver import InvenioOAIServer
    from invenio_oaiserver.views.server import blueprint

    database = Database(settings.resolved_database_url)
    formats = {f.oai.prefix: f for f in harvestable() if f.oai}
    app = Flask("package")
    app.config.update(
        SECRET_KEY="only for a benchmark",
        OAISERVER_ID_PREFIX="oai:",
        OAISERVER_REGISTER_RECORD_SIGNALS=False,
        OAISERVER_RESUMPTION_TOKEN_EXPIRE_TIME=86_400,
        OAISERVER_METADATA_FORMATS={
            prefix: {
                "schema": f.oai.schema,
                "namespace": f.oai.namespace,
                "serializer": (lambda **_: None, {}),
            }
            for prefix, f in formats.items()
            if f.oai
        },
        OAISERVER_ID_FETCHER=lambda _id, source: SimpleNamespace(pid_value=source["oai_id"]),
    )
    InvenioOAIServer(app)
    app.register_blueprint(blueprint)
    responses.get_records = lambda **kwargs: _keyset(database, settings.oai_page_size, kwargs)
    responses.sets_search_all = lambda records: [record["sets"] for record in records]
    dump = _parsed if stored else _rendered
    responses.serializer = lambda prefix: lambda _pid, record: dump(record, formats[prefix])
    client = app.test_client()
    return lambda arguments: client.get("/oai2d", query_string=arguments).data


def _parsed(record: dict[str, Any], _format: Format) -> etree._Element:
    return etree.fromstring(record["_source"]["body"])[0]


def _rendered(record: dict[str, Any], format_: Format) -> etree._Element:
    """From the record's JSON, through our formats, which the package leaves to its user."""
    from dataclasses import replace

    from repository.records.metadata import Metadata

    metadata = Metadata.model_validate(json.loads(record["_source"]["metadata"]))
    return etree.fromstring(format_.render(replace(document(), metadata=metadata)))


def _keyset(database: Database, size: int, asked: dict[str, Any]) -> SimpleNamespace:
    token = asked.get("resumptionToken", {})
    after = int(token.get("scroll_id") or 0)
    prefix = token.get("metadataPrefix") or asked["metadataPrefix"]
    query = text(
        "SELECT i.seq, i.oai_id, i.datestamp, f.body, v.metadata_json FROM oai_items i"
        " JOIN versions v ON v.id = i.version_id"
        " JOIN oai_fragments f ON f.item_id = i.id AND f.prefix = :prefix"
        " WHERE i.seq > :after ORDER BY i.seq LIMIT :size"
    )
    with database.session(write=False) as session:
        found = session.execute(query, {"prefix": prefix, "after": after, "size": size + 1}).all()
        total = session.scalar(text("SELECT count(*) FROM oai_items")) if not after else 10**9
    rows = found[:size]
    page = token.get("page", 1)
    return SimpleNamespace(
        page=page,
        next_num=page + 1,
        per_page=size,
        total=total,
        has_next=len(found) > size,
        _scroll_id=str(rows[-1].seq),
        items=list(_items(rows)),
    )


def _items(rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for row in rows:
        source = {
            "oai_id": row.oai_id,
            "body": row.body,
            "metadata": row.metadata_json,
            "sets": ["access-open", "openaire_data", "type-dataset"],
        }
        at = datetime.strptime(row.datestamp[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        yield {"id": row.oai_id, "updated": at, "json": {"_source": source}}


def has_oai_repo() -> bool:
    return importlib.util.find_spec("oai_repo") is not None


def oai_repo(settings: Settings) -> Answerer:
    """The package oai_repo, given the ready bytes by key; it knows offsets only."""
    from oai_repo import DataInterface, OAIRepository
    from oai_repo.interfacedata import Identify, MetadataFormat, RecordHeader

    database = Database(settings.resolved_database_url)

    class Data(DataInterface):  # type: ignore[misc, unused-ignore]
        limit = settings.oai_page_size

        def get_identify(self) -> Any:
            made = Identify()
            made.base_url = f"{settings.base_url}/oai2d"
            return made

        def is_valid_identifier(self, identifier: str) -> bool:
            return True

        def get_metadata_formats(self, identifier: str | None = None) -> list[Any]:
            return [
                MetadataFormat(f.oai.prefix, f.oai.schema, f.oai.namespace)
                for f in harvestable()
                if f.oai
            ]

        def get_record_header(self, identifier: str) -> Any:
            specs = ["access-open", "openaire_data", "type-dataset"]
            return RecordHeader(identifier, "2026-01-01T00:00:00Z", setspecs=specs)

        def get_records_metadata(self, identifiers: list[str], prefix: str) -> list[Any]:
            query = text(
                "SELECT f.body FROM oai_items i JOIN oai_fragments f ON f.item_id = i.id"
                " AND f.prefix = :prefix WHERE i.oai_id IN"
                " (SELECT value FROM json_each(:ids)) ORDER BY i.seq"
            )
            with database.session(write=False) as session:
                asked = {"prefix": prefix, "ids": json.dumps(identifiers)}
                return [etree.fromstring(b)[0] for b in session.scalars(query, asked)]

        def get_record_abouts(self, identifier: str) -> list[Any]:
            return []

        def list_identifiers(
            self, prefix: str, start: Any, end: Any, spec: Any, cursor: int = 0
        ) -> tuple[list[str], int | None, None]:
            query = text("SELECT oai_id FROM oai_items ORDER BY seq LIMIT :size OFFSET :cursor")
            with database.session(write=False) as session:
                asked = {"size": self.limit, "cursor": cursor}
                total = session.scalar(text("SELECT count(*) FROM oai_items"))
                return list(session.scalars(query, asked)), total, None

        def list_set_specs(self, identifier: str | None = None, cursor: int = 0) -> Any:
            return [], 0, None

    repository = OAIRepository(Data())
    return lambda arguments: bytes(repository.process(dict(arguments)))
