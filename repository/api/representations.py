"""Records, drafts and files as InvenioRDM's JSON."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from repository.core.work import Work
from repository.deposit.models import Upload, UploadState
from repository.deposit.room import Room
from repository.formats.record_json import file_access
from repository.formats.record_json import record as record_json
from repository.records.access import AccessSettings
from repository.records.document import Document, FileEntry
from repository.records.file_access import FileAccess
from repository.records.metadata import problems, shape
from repository.records.models import Draft, File, Version
from repository.stats.rules import Count
from repository.stats.services import totals
from repository.web.messages import translate

Json = dict[str, Any]


def record(document: Document) -> Json:
    """A published version, as its reader may see it; with the address to edit it at."""
    body = record_json(document)
    body["links"]["draft"] = f"{body['links']['self']}/draft"
    return body


def draft(work: Work, found: Draft, count: int, size: int) -> Json:
    """A draft with what keeps it from being published, as `errors`."""
    version = found.version
    api = f"{work.settings.base_url}/api/records/{version.id}"
    return {
        "id": version.id,
        "created": found.created_at.isoformat(),
        "updated": found.updated_at.isoformat(),
        "revision_id": found.revision,
        "is_draft": True,
        "is_published": version.revision > 0,
        "links": {
            "self": f"{api}/draft",
            "self_html": f"{work.settings.base_url}/deposit/{version.id}",
            "files": f"{api}/draft/files",
            "publish": f"{api}/draft/actions/publish",
            "reserve_doi": f"{api}/draft/pids/doi",
            "record": api,
            "versions": f"{api}/versions",
        },
        "parent": {
            "id": version.record_id,
            "access": {"owned_by": {"user": str(version.record.owner_id)}},
        },
        "pids": _pids(found),
        "metadata": shape(found.metadata_json),
        "access": AccessSettings.model_validate(found.access).model_dump(mode="json"),
        "files": {"enabled": found.files_enabled, "count": count, "total_bytes": size},
        "versions": {"index": version.number, "is_latest_draft": True},
        "errors": _missing(work, found),
    }


def _pids(found: Draft) -> Json:
    if found.external_doi:
        return {"doi": {"identifier": found.external_doi, "provider": "external"}}
    return {"doi": {"identifier": found.version.doi}} if found.version.doi else {}


def _missing(work: Work, found: Draft) -> list[dict[str, str]]:
    raw = {"publisher": work.settings.publisher} | found.metadata_json
    return [
        {
            "field": f"metadata{p.pointer.replace('/', '.')}",
            "pointer": f"/metadata{p.pointer}",
            "detail": translate(p.message, p.params),
        }
        for p in problems(raw, stage="publish")
        if p.severity == "error"
    ]


def draft_file(work: Work, file: File) -> Json:
    links = f"{work.settings.base_url}/api/records/{file.version_id}/draft/files/{quote(file.path)}"
    body: Json = {
        "key": file.path,
        "status": "completed" if file.committed else "pending",
        "created": file.created_at.isoformat(),
        "updated": file.updated_at.isoformat(),
        "links": {
            "self": links,
            "content": f"{links}/content",
            "commit": f"{links}/commit",
        },
    }
    body["access"] = FileAccess.of(file).told()
    if file.quarantined:
        body["quarantined"] = True
    if file.sha256:
        body |= {
            "size": file.size,
            "checksum": f"sha256:{file.sha256}",
            "mimetype": file.media_type,
        } | ({"puid": file.puid} if file.puid else {})
    return body


def arriving(body: Json, upload: Upload) -> Json:
    """An entry whose file arrives in parts, as InvenioRDM's multipart transfer has it."""
    finalising = upload.state == UploadState.FINALISING
    transfer: Json = {"type": "M", "parts": upload.parts, "part_size": upload.part_size}
    if upload.fingerprint:
        transfer["fingerprint"] = upload.fingerprint
    return body | {
        "status": "finalising" if finalising else "pending",
        "transfer": transfer,
        "size": upload.size,
    }


def arriving_in_parts(
    body: Json, upload: Upload, received: list[int], address_of: Callable[[int], str | None]
) -> Json:
    """With the numbers of the parts that have arrived, and a link to send each of the others to.

    Links away from here end after a while; ask again for new ones.
    """
    body = arriving(body, upload)
    there = set(received)
    missing = [number for number in range(1, upload.parts + 1) if number not in there]
    content = body["links"]["content"]
    links = [
        {"part": number, "url": address_of(number) or f"{content}/{number}"}
        for number in (missing if upload.state == UploadState.OPEN else [])
    ]
    body["transfer"] |= {"received": received}
    return body | {"links": body["links"] | {"parts": links}}


def room(found: Room) -> Json:
    """What a draft may still take; None is no limit."""
    return {
        "bytes_left": found.bytes_left,
        "max_bytes": found.bytes_limit or None,
        "files_left": found.files_left,
        "of": found.whose,
    }


def record_file(work: Work, version: Version, entry: FileEntry) -> Json:
    api = f"{work.settings.base_url}/api/records/{version.id}/files/{quote(entry.path)}"
    published = version.published_at or version.created_at
    body: Json = {
        "key": entry.path,
        "status": "completed",
        "created": published.isoformat(),
        "updated": published.isoformat(),
        "size": entry.size,
        "mimetype": entry.media_type,
        "access": file_access(entry),
        "links": {"self": api} if entry.locked else {"self": api, "content": f"{api}/content"},
    }
    if entry.puid:
        body["puid"] = entry.puid
    return body if entry.locked else body | {"checksum": f"sha256:{entry.sha256}"}


def usage(work: Work, version: Version) -> Json:
    """InvenioRDM's `stats`. The caller asked the access rule about the version."""
    found = totals(work, (version.id, version.record_id))
    return {
        "this_version": _counts(found[version.id]),
        "all_versions": _counts(found[version.record_id]),
    }


def _counts(count: Count) -> Json:
    return {
        "views": count.views,
        "unique_views": count.unique_views,
        "downloads": count.downloads,
        "unique_downloads": count.unique_downloads,
        "data_volume": count.bytes,
    }
