"""RO-Crate Metadata 1.2, as a detached crate: the files lie on the web, at their addresses.

https://www.researchobject.org/ro-crate/specification/1.2/
"""

import json
from typing import Any

from repository.formats.base import Oai
from repository.formats.schema_org import json_ld
from repository.records.document import Document, FileEntry
from repository.records.media_types import pronom_link

VERSION = "https://w3id.org/ro/crate/1.2"


class RoCrate:
    name = "ro-crate"
    label = "RO-Crate"
    media_type = 'application/ld+json;profile="https://w3id.org/ro/crate"'
    profile = VERSION
    extension = "jsonld"
    oai: Oai | None = None

    def render(self, document: Document) -> bytes:
        return json.dumps(ro_crate(document), ensure_ascii=False, indent=2).encode()


def ro_crate(document: Document, root: str = "") -> dict[str, Any]:
    """A flat graph: descriptor, root dataset, then everything the root speaks of.

    `root` is what the root is called; by default the landing page, of a crate that is detached.
    The root is schema.org's description of the version, so that the two never say different things.
    """
    root = root or document.url
    told = json_ld(document)
    del told["@context"]
    files = zip(told.pop("distribution", []), document.files, strict=True)
    told |= {"@id": root, "@type": _with_dataset(told["@type"])}
    told["hasPart"] = [*told.get("hasPart", []), *(_file(*each) for each in files)]
    graph: dict[str, dict[str, Any]] = {}
    flat = {key: _flatten(value, graph, f"#{key}") for key, value in told.items() if value != []}
    licences = flat.get("license", [])
    if isinstance(licences, list):
        flat["license"] = [_licence(address, graph) for address in licences]
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "conformsTo": {"@id": VERSION},
        "about": {"@id": root},
    }
    nodes = [descriptor, flat, *graph.values()]
    return {"@context": f"{VERSION}/context", "@graph": nodes}


def _with_dataset(kind: str) -> str | list[str]:
    return kind if kind == "Dataset" else ["Dataset", kind]


def _file(download: dict[str, Any], file: FileEntry) -> dict[str, Any]:
    size = download["contentSize"].removesuffix(" B")
    made = download | {"@id": download["contentUrl"], "@type": "File", "contentSize": size}
    if file.puid:
        made["encodingFormat"] = [file.media_type, format_entity(file.puid)]
    own = download.get("license")
    return made | ({"license": licence_entity(own)} if own else {})


def format_entity(puid: str) -> dict[str, Any]:
    """A format in the PRONOM registry, by the specification ("Data Entities", "Adding detailed
    descriptions of File encodings").
    """
    return {"@id": pronom_link(puid), "@type": ["WebPage", "Standard"], "name": f"PRONOM {puid}"}


def licence_entity(address: str) -> dict[str, str]:
    return {"@id": address, "@type": "CreativeWork", "name": address}


def _licence(address: str, graph: dict[str, dict[str, Any]]) -> dict[str, Any]:
    graph[address] = licence_entity(address)
    return {"@id": address}


def _flatten(value: Any, graph: dict[str, dict[str, Any]], path: str) -> Any:
    """Put nested entities into the graph and refer to them; those without an address get a name."""
    if isinstance(value, list):
        return [_flatten(each, graph, f"{path}-{n}") for n, each in enumerate(value, start=1)]
    if not isinstance(value, dict) or "@value" in value:
        return value
    identifier = value.get("@id", path)
    inner = {
        key: each if key.startswith("@") else _flatten(each, graph, f"{path}-{key}")
        for key, each in value.items()
    }
    graph[identifier] = graph.get(identifier, {}) | inner | {"@id": identifier}
    return {"@id": identifier}
