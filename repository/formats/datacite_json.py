"""DataCite JSON: the attributes of the DataCite REST API, as its content negotiation gives them."""

import json
from collections.abc import Mapping
from typing import Any

from repository.formats.base import Imported, Oai, UnreadableMetadata
from repository.formats.datacite_attributes import metadata_from
from repository.formats.datacite_document import SCHEMA_VERSION, attributes_of
from repository.formats.datacite_places import Part, as_objects, from_object
from repository.records.document import Document

MAX_BYTES = 10 * 1024 * 1024


class DataCiteJson:
    name = "datacite-json"
    label = "DataCite JSON"
    media_type = "application/vnd.datacite.datacite+json"
    profile = "https://schema.datacite.org/meta/kernel-4.7/"
    extension = "json"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return json.dumps(rest_attributes(document), ensure_ascii=False, indent=2).encode()

    def read(self, data: bytes) -> Imported:
        return read(data)


def rest_attributes(document: Document) -> dict[str, Any]:
    """The attributes to send to the DataCite REST API for a version, without the `event`."""
    made = json_attributes(attributes_of(document))
    if document.doi:
        made |= {"id": f"https://doi.org/{document.doi}", "doi": document.doi}
    return made | {"url": document.url, "schemaVersion": SCHEMA_VERSION}


def json_attributes(made: dict[str, Any]) -> dict[str, Any]:
    """Attributes as JSON can say them: places as objects, languages of award titles left out."""
    places: list[list[Part]] = made["geoLocations"]
    funding = [
        {key: value for key, value in entry.items() if key != "awardTitleLang"}
        for entry in made["fundingReferences"]
    ]
    objects = [entry for parts in places for entry in as_objects(parts)]
    return made | {"geoLocations": objects, "fundingReferences": funding}


def read(data: bytes) -> Imported:
    """Metadata and DOI of one resource, bare or wrapped as an answer of the REST API.

    Raises UnreadableMetadata.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMetadata(f"The JSON is larger than {MAX_BYTES} bytes.")
    try:
        sent = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableMetadata(f"This is not JSON: {error}") from error
    for wrapper in ("data", "attributes"):
        if isinstance(sent, Mapping) and isinstance(sent.get(wrapper), Mapping):
            sent = sent[wrapper]
    if not isinstance(sent, Mapping):
        raise UnreadableMetadata("This is not the JSON object of one DataCite resource.")
    doi = sent.get("doi")
    return Imported(metadata_from(_evened(sent)), doi if isinstance(doi, str) and doi else None)


def _evened(sent: Mapping[str, Any]) -> dict[str, Any]:
    places = sent.get("geoLocations")
    given = dict(sent)
    given["geoLocations"] = [from_object(entry) for entry in places or []] if _ok(places) else []
    if "alternateIdentifiers" not in sent and _ok(sent.get("identifiers")):
        given["alternateIdentifiers"] = [_alternate(i) for i in sent["identifiers"]]
    return given


def _ok(value: Any) -> bool:
    return isinstance(value, list)


def _alternate(entry: Any) -> Any:
    """In an answer of the REST API the alternate identifiers are called `identifiers`."""
    if not isinstance(entry, Mapping):
        return entry
    return {
        "alternateIdentifier": entry.get("identifier"),
        "alternateIdentifierType": entry.get("identifierType"),
    }
