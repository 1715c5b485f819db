"""COinS: an OpenURL ContextObject in the page, which older reference managers pick up."""

from urllib.parse import urlencode

from repository.formats.people import persons
from repository.records.document import Document
from repository.records.metadata.vocabularies import RESOURCE_TYPES

MAX_CREATORS = 50


def coins(document: Document) -> str:
    """The `title` of a `<span class="Z3988">` (ANSI/NISO Z39.88-2004, Dublin Core in KEV)."""
    metadata = document.metadata
    told = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", RESOURCE_TYPES.datacite(metadata.resource_type.id).lower()),
        ("rft.title", metadata.title()),
        *(("rft.creator", each.name) for each in persons(metadata.creators)[:MAX_CREATORS]),
        ("rft.date", metadata.publication_date),
        ("rft.publisher", metadata.publisher),
        ("rft.identifier", document.url),
    ]
    known = [("rft_id", f"info:doi/{document.doi}")] if document.doi else []
    return urlencode(told + known)
