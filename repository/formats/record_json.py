"""The record as the REST API gives it: InvenioRDM v1's JSON."""

import json
from datetime import datetime
from typing import Any

from repository.formats.base import Oai
from repository.records.document import Document, FileEntry
from repository.records.metadata import shape


class RecordJson:
    name = "json"
    label = "JSON"
    media_type = "application/vnd.inveniordm.v1+json"
    extension = "json"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return json.dumps(record(document), ensure_ascii=False, indent=2).encode()


def record(document: Document) -> dict[str, Any]:
    """A published version as an object of the API, with at most as many files as it was given."""
    made = {
        "id": document.id,
        "created": _time(document.created_at),
        "updated": _time(document.updated_at),
        "revision_id": document.revision,
        "is_published": True,
        "is_draft": False,
        "status": "published",
        "links": _links(document),
        "parent": {
            "id": document.concept_id,
            "pids": _pids(document.concept_doi),
            "communities": _communities(document),
        },
        "pids": _pids(document.doi),
        "metadata": shape(document.metadata.model_dump(mode="json", exclude_none=True)),
        "access": _access(document),
        "files": _files(document),
        "versions": {"index": document.number, "is_latest": document.is_latest},
    }
    if document.withdrawn is not None:
        made |= {
            "status": "deleted",
            "tombstone": {
                "removal_reason": {"id": document.withdrawn.reason},
                "note": document.withdrawn.note,
                "removal_date": _time(document.withdrawn.withdrawn_at),
            },
        }
    return made


def _time(moment: datetime) -> str:
    return moment.isoformat()


def _pids(doi: str | None) -> dict[str, Any]:
    return {"doi": {"identifier": doi}} if doi else {}


def _communities(document: Document) -> dict[str, Any]:
    entries = [
        {"id": each.slug, "slug": each.slug, "metadata": {"title": each.title_vi}}
        for each in document.collections
        if each.direct
    ]
    return {"ids": [each["id"] for each in entries], "entries": entries}


def _links(document: Document) -> dict[str, str]:
    base = document.url.rpartition("/records/")[0]
    api = f"{base}/api/records/{document.id}"
    links = {
        "self": api,
        "self_html": document.url,
        "files": f"{api}/files",
        "archive": f"{api}/files-archive",
        "ro_crate": f"{document.url}/packages/ro-crate.zip",
        "versions": f"{api}/versions",
        "latest": f"{api}/versions/latest",
        "latest_html": document.concept_url,
        "parent_html": document.concept_url,
    }
    if document.doi:
        links["doi"] = f"https://doi.org/{document.doi}"
    if document.concept_doi:
        links["parent_doi"] = f"https://doi.org/{document.concept_doi}"
    return links


def _access(document: Document) -> dict[str, Any]:
    until = document.access.embargo_until
    embargo = {
        "active": until is not None,
        "until": until.isoformat() if until else None,
        "reason": document.access.embargo_reason or None,
    }
    return {
        "record": document.access.record,
        "files": document.access.files,
        "embargo": embargo,
        "status": document.access.status,
        "data_class": document.data_class,
        "terms": dict(document.terms),
        "personal_data": {
            "contains": bool(document.personal_data_ground),
            "ground": document.personal_data_ground or None,
        },
    }


def _files(document: Document) -> dict[str, Any]:
    return {
        "enabled": document.access.status != "metadata-only",
        "count": document.file_count,
        "total_bytes": document.file_bytes,
        "entries": {file.path: _file(file) for file in document.files},
    }


def _file(file: FileEntry) -> dict[str, Any]:
    puid = {"puid": file.puid} if file.puid else {}
    return puid | {
        "key": file.path,
        "size": file.size,
        "mimetype": file.media_type,
        "checksum": f"sha256:{file.sha256}",
        "access": file_access(file),
        "links": {"content": file.url},
    }


def file_access(file: FileEntry) -> dict[str, Any]:
    """What the reader may do with one file; the depositor's settings are told with the draft."""
    told: dict[str, Any] = {"files": "restricted" if file.locked else "public"}
    if file.opens_on is not None:
        told["embargo_until"] = file.opens_on.isoformat()
    if file.license:
        told["license"] = file.license
    return told
