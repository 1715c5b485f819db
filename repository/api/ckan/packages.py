"""Records as CKAN's packages: the record is the dataset, its newest version what it says.

Made of the metadata as they are stored, of which a page of a thousand needs no more; the caller
asked the access rule for the versions, and it is asked here for their files.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from repository.access.file_rules import files_downloadable_by
from repository.access.files import file_url, landing_url
from repository.access.rules import Action, can, status
from repository.accounts.models import ANONYMOUS, Actor
from repository.api.ckan.names import format_name, slug
from repository.core.work import Work
from repository.records.doi import doi_url, trial_prefix
from repository.records.metadata.licences import LICENCES, Licence, find_licence
from repository.records.metadata.vocabularies import RESOURCE_TYPES
from repository.records.models import File, Version

Json = dict[str, Any]
MAX_FILES = 1000
CLOSED = ("-nc", "-nd")  # parts of a licence's id that make it no open one (Open Definition 2.1)


def packages_of(work: Work, actor: Actor, versions: Sequence[Version]) -> list[Json]:
    """For versions that `actor` may see; their files where these may be downloaded."""
    files = _files(work, actor, versions)
    return [_package(work, version, files.get(version.id, ())) for version in versions]


def _files(work: Work, actor: Actor, versions: Sequence[Version]) -> dict[str, list[File]]:
    query = (
        select(File)
        .join(Version, Version.id == File.version_id)
        .where(
            File.version_id.in_([version.id for version in versions]),
            File.committed,
            files_downloadable_by(actor, work.clock.now()),
        )
        .order_by(File.version_id, File.path)
        .execution_options(yield_per=1000)
    )
    found: dict[str, list[File]] = {}
    for file in work.session.scalars(query):
        known = found.setdefault(file.version_id, [])
        if len(known) < MAX_FILES:
            known.append(file)
    return found


def _package(work: Work, version: Version, files: Sequence[File]) -> Json:
    metadata, now = version.metadata_json, work.clock.now()
    creators = [each["person_or_org"]["name"] for each in metadata.get("creators", ())]
    texts = metadata.get("descriptions", ())
    tags = [s["subject"] for s in metadata.get("subjects", ()) if s.get("subject")]
    publisher = str(metadata.get("publisher") or work.settings.publisher)
    titles = metadata.get("titles", ())
    return {
        "id": version.record_id,
        "name": version.record_id,
        "title": titles[0]["title"] if titles else version.id,
        "notes": texts[0]["description"] if texts else "",
        "title_translated": _by_language(titles, "title"),
        "notes_translated": _by_language(texts, "description"),
        "url": landing_url(work, version.record_id),
        "version": str(metadata.get("version") or version.number),
        "type": "dataset",
        "state": "active",
        "private": not can(ANONYMOUS, Action.VIEW, version, now),
        "author": "; ".join(creators),
        "author_email": None,
        "maintainer": publisher,
        "maintainer_email": None,
        "creator_user_id": None,
        "metadata_created": moment(version.published_at or version.created_at),
        "metadata_modified": moment(version.updated_at),
        **_licence(metadata),
        "owner_org": slug(publisher),
        "organization": organization(publisher),
        "groups": [],
        "tags": [tag(each) for each in dict.fromkeys(tags)],
        "num_tags": len(set(tags)),
        "resources": [resource(work, version, f, n) for n, f in enumerate(files)],
        "num_resources": len(files),
        "extras": [{"key": k, "value": v} for k, v in _extras(work, version).items() if v],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def _by_language(texts: Iterable[Mapping[str, Any]], name: str) -> dict[str, str]:
    return {each["lang"]: each[name] for each in reversed(list(texts)) if each.get("lang")}


def _licence(metadata: Mapping[str, Any]) -> Json:
    rights: Mapping[str, Any] = next(iter(metadata.get("rights", ())), {})
    listed = find_licence(rights["id"]) if rights.get("id") else None
    if listed is None:
        title, link = rights.get("title"), rights.get("link")
        return {"license_id": rights.get("id") or "notspecified", "license_title": title,
                "license_url": link, "isopen": False}  # fmt: skip
    return {
        "license_id": listed.spdx,
        "license_title": listed.en,
        "license_url": listed.link,
        "isopen": is_open(listed),
    }


def is_open(licence: Licence) -> bool:
    return not any(part in licence.id for part in CLOSED)


def licences() -> list[Json]:
    return [
        {"id": each.spdx, "title": each.en, "url": each.link, "status": "active",
         "od_conformance": "approved" if is_open(each) else "rejected",
         "domain_content": True, "domain_data": True, "domain_software": False,
         "is_generic": False, "maintainer": "", "family": ""}
        for each in LICENCES
    ]  # fmt: skip


def organization(publisher: str) -> Json:
    name = slug(publisher)
    return {"id": name, "name": name, "title": publisher, "display_name": publisher,
            "description": "", "image_url": "", "type": "organization", "is_organization": True,
            "approval_status": "approved", "state": "active"}  # fmt: skip


def tag(name: str) -> Json:
    return {"id": name, "name": name, "display_name": name, "state": "active",
            "vocabulary_id": None}  # fmt: skip


def resource(work: Work, version: Version, file: File, position: int = 0) -> Json:
    """A file. Its id is its version's and its own number, so that it can be asked for."""
    return {
        "id": f"{version.id}-{file.id}",
        "package_id": version.record_id,
        "name": file.path,
        "description": str(file.description.get("description") or ""),
        "url": file_url(work, version.id, file.path),
        "url_type": None,
        "format": format_name(file.media_type),
        "mimetype": file.media_type,
        "size": file.size,
        "hash": f"sha256:{file.sha256}",
        "created": moment(file.created_at),
        "metadata_modified": moment(file.updated_at),
        "last_modified": moment(file.updated_at),
        "position": position,
        "state": "active",
        "resource_type": None,
        "cache_url": None,
        "datastore_active": False,
    }


def _extras(work: Work, version: Version) -> dict[str, str]:
    """What CKAN has no field for, under the keys that ckanext-dcat reads."""
    metadata, now = version.metadata_json, work.clock.now()
    kind = (metadata.get("resource_type") or {}).get("id") or ""
    doi = version.record.doi or version.doi
    prefix = trial_prefix(work.settings)
    return {
        "identifier": doi_url(doi, work.settings.base_url, prefix) if doi else "",
        "doi": version.doi or "",
        "version_id": version.id,
        "issued": str(metadata.get("publication_date") or ""),
        "language": ", ".join(each["id"] for each in metadata.get("languages", ())),
        "publisher_name": str(metadata.get("publisher") or ""),
        "access_rights": status(version, now.date()),
        "resource_type": RESOURCE_TYPES.label(kind, "en") if kind else "",
        "landing_page": landing_url(work, version.id),
    }


def moment(at: datetime) -> str:
    """As CKAN writes times: UTC without saying so, in microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
