"""Croissant 1.1 (MLCommons): how machine learning tools read the columns of a table.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

import json
import re
from hashlib import sha256
from typing import Any

from repository.formats.base import Oai
from repository.formats.schema_org import json_ld
from repository.records.document import Document, FileEntry, Variable

VERSION = "http://mlcommons.org/croissant/1.1"
MAX_RECORD_SETS = 100
_TABLES = ("text/csv", "text/tab-separated-values", "application/vnd.apache.parquet")
_TYPES = {
    "number": "sc:Float",
    "integer": "sc:Integer",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
}
_CONTEXT: dict[str, Any] = {
    "@language": "vi",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "recordSet": "cr:recordSet",
    "source": "cr:source",
}


class Croissant:
    name = "croissant"
    label = "Croissant (ML)"
    media_type = 'application/ld+json;profile="http://mlcommons.org/croissant/1.1"'
    profile = VERSION
    extension = "json"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return json.dumps(croissant(document), ensure_ascii=False, indent=2).encode()


def croissant(document: Document) -> dict[str, Any]:
    """schema.org's description, with files by path and, for described tables, their columns."""
    told = json_ld(document)
    address = f"https://doi.org/{document.doi}" if document.doi else document.url
    told |= {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "citeAs": address,
        "distribution": [_file(file) for file in document.files],
    }
    tables = [f for f in document.files if f.variables and f.media_type in _TABLES]
    return told | {"recordSet": [_record_set(table) for table in tables[:MAX_RECORD_SETS]]}


def _id(name: str) -> str:
    """A name without white space, which mlcroissant takes in no `@id`, escaped or not; a digest
    keeps those apart that differ in it alone.
    """
    if not re.search(r"\s|%", name):
        return name
    plain = re.sub(r"[\s%]+", "_", name)
    return f"{plain}-{sha256(name.encode()).hexdigest()[:8]}"


def _file(file: FileEntry) -> dict[str, Any]:
    made = {
        "@type": "cr:FileObject",
        "@id": _id(file.path),
        "name": file.path,
        "contentUrl": file.url,
        "encodingFormat": file.media_type,
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }
    return made | ({"license": file.license_url} if file.license_url else {})


def _record_set(table: FileEntry) -> dict[str, Any]:
    identifier = f"{_id(table.path)}#rows"
    fields = [_field(table, identifier, variable) for variable in table.variables]
    return {"@type": "cr:RecordSet", "@id": identifier, "name": identifier, "field": fields}


def _field(table: FileEntry, record_set: str, variable: Variable) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{_id(variable.name)}",
        "name": f"{record_set}/{_id(variable.name)}",
        "dataType": _TYPES.get(variable.type, "sc:Text"),
        "source": {"fileObject": {"@id": _id(table.path)}, "extract": {"column": variable.name}},
    }
    said = " ".join(part for part in (variable.label, variable.description) if part)
    return made | ({"description": said} if said else {})
