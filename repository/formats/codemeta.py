"""CodeMeta 3.0: schema.org's words about software, in the form tools for code exchange."""

import json
from typing import Any

from repository.formats.base import Oai
from repository.formats.schema_org import json_ld, type_of
from repository.records.document import Document

CONTEXT = "https://w3id.org/codemeta/3.0"
_REPOSITORIES = ("isderivedfrom", "issupplementto", "iscompiledby")
_TERMS = frozenset(
    [
        "@id",
        "@type",
        "author",
        "contributor",
        "dateCreated",
        "dateModified",
        "datePublished",
        "description",
        "funder",
        "funding",
        "identifier",
        "keywords",
        "license",
        "name",
        "publisher",
        "sameAs",
        "url",
        "version",
        "hasPart",
        "isPartOf",
    ]
)


class CodeMeta:
    name = "codemeta"
    label = "CodeMeta"
    media_type = "application/vnd.codemeta.ld+json"
    profile = CONTEXT
    extension = "json"
    oai: Oai | None = None

    def suits(self, document: Document) -> bool:
        return type_of(document.metadata) == "SoftwareSourceCode"

    def render(self, document: Document) -> bytes:
        return json.dumps(codemeta(document), ensure_ascii=False, indent=2).encode()


def codemeta(document: Document) -> dict[str, Any]:
    """CodeMeta has no type but software source code, so whatever is described is called that."""
    told = json_ld(document)
    told["author"] = told.pop("creator")
    made = {key: value for key, value in told.items() if key in _TERMS}
    code = [
        related.identifier
        for related in document.metadata.related_identifiers
        if related.relation_type.id in _REPOSITORIES and related.scheme == "url"
    ]
    made |= {"@type": "SoftwareSourceCode"}
    return {"@context": CONTEXT, **made} | ({"codeRepository": code[0]} if code else {})
