"""Data Package 2.0 (Frictionless): files and the columns of their tables.

https://datapackage.org/standard/data-package/
"""

import json
import re
import unicodedata
from pathlib import PurePosixPath
from typing import Any

from repository.formats.base import Oai
from repository.records.document import Document, FileEntry, Variable
from repository.records.metadata.licences import find_licence
from repository.records.metadata.people import Contributor, Creator
from repository.records.metadata.rights import Rights

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_FIELD_TYPES = frozenset(
    [
        "string",
        "number",
        "integer",
        "boolean",
        "object",
        "array",
        "list",
        "datetime",
        "date",
        "time",
        "year",
        "yearmonth",
        "duration",
        "geopoint",
        "geojson",
        "any",
    ]
)


class DataPackage:
    name = "data-package"
    label = "Data Package (Frictionless)"
    media_type = "application/vnd.datapackage+json"
    profile = PROFILE
    extension = "json"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return json.dumps(data_package(document), ensure_ascii=False, indent=2).encode()


def data_package(document: Document) -> dict[str, Any]:
    """The descriptor; `path` of each resource is its address here, so it can be read in place."""
    metadata = document.metadata
    people: list[Creator | Contributor] = [*metadata.creators, *metadata.contributors]
    made: dict[str, Any] = {
        "$schema": PROFILE,
        "name": document.id,
        "id": f"https://doi.org/{document.doi}" if document.doi else document.url,
        "title": metadata.title(),
        "description": metadata.description(),
        "homepage": document.url,
        "version": metadata.version or str(document.number),
        "created": document.created_at.isoformat(),
        "keywords": [subject.subject for subject in metadata.subjects],
        "contributors": [_contributor(each) for each in people],
        "licenses": [told for right in metadata.rights if (told := _licence(right))],
        "resources": [_resource(file, n) for n, file in enumerate(document.files, start=1)],
    }
    return {key: value for key, value in made.items() if value}


def _contributor(one: Creator | Contributor) -> dict[str, Any]:
    person = one.person_or_org
    stated = {
        "title": person.name,
        "givenName": person.given_name,
        "familyName": person.family_name,
        "organization": one.affiliations[0].name if one.affiliations else None,
        "roles": [one.role.id if one.role else "creator"],
    }
    return {key: value for key, value in stated.items() if value}


def _licence(right: Rights) -> dict[str, str]:
    listed = find_licence(right.id) if right.id else None
    stated = {
        "name": listed.spdx if listed else None,
        "path": right.link,
        "title": right.title,
    }
    made = {key: value for key, value in stated.items() if value}
    return made if made.keys() & {"name", "path"} else {}


def _own(file: FileEntry) -> Rights:
    return Rights(id=file.license, link=file.license_url)


def _resource(file: FileEntry, number: int) -> dict[str, Any]:
    """Names are unique and of few letters, as the standard wants; the path is kept as title."""
    plain = unicodedata.normalize("NFD", PurePosixPath(file.path).stem.lower().replace("đ", "d"))
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[\u0300-\u036f]", "", plain)).strip("-")
    made: dict[str, Any] = {
        "name": f"{slug or 'file'}-{number}",
        "title": file.path,
        "path": file.url,
        "format": PurePosixPath(file.path).suffix.lstrip(".").lower(),
        "mediatype": file.media_type,
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }
    if file.license:
        made["licenses"] = [told] if (told := _licence(_own(file))) else []
    if file.variables:
        made |= {"type": "table", "schema": {"fields": [_field(v) for v in file.variables]}}
    return {key: value for key, value in made.items() if value != ""}


def _field(variable: Variable) -> dict[str, str]:
    stated = {
        "name": variable.name,
        "type": variable.type if variable.type in _FIELD_TYPES else "any",
        "title": variable.label,
        "description": variable.description,
        "unit": variable.unit,
        "rdfType": variable.concept,
    }
    return {key: value for key, value in stated.items() if value}
