"""schema.org's words as JSON-LD: nested, or a flat graph such as RO-Crate's; and CodeMeta's.

No context is fetched: the words are read as schema.org means them, whatever a context says.
"""

from collections.abc import Iterator
from typing import Any

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.reading.base import (
    JSON,
    MAX_TEXT,
    doi_in,
    left_over,
    licence,
    listed,
    organisation,
    parsed,
    person,
    related,
    text,
    without_empty,
)
from repository.formats.schema_org import RELATIONS, TYPES
from repository.records.metadata.vocabularies import RESOURCE_TYPES

CRATE = "ro-crate-metadata.json"
MAX_DEPTH = 4
# Where a word of schema.org stands for several relations, the plainest of them.
_RELATIONS = {word: relation for relation, word in reversed(RELATIONS.items())}
_SAID_APART = (
    *("@id", "@type", "@context", "hasPart", "distribution", "conformsTo", "url", "identifier"),
    *("dateModified", "isAccessibleForFree", "conditionsOfAccess", "includedInDataCatalog"),
    *("funder", "variableMeasured", "sdDatePublished", "contentSize"),
)


def understand(data: bytes) -> Understood:
    """A description of one thing. Raises UnreadableMetadata."""
    sent = parsed(data)
    node = sent[0] if isinstance(sent, list) and sent else sent
    if not isinstance(node, dict):
        raise UnreadableMetadata("This is no JSON-LD object.")
    if isinstance(node.get("@graph"), list):
        return of_node(root_of(node))
    if "name" not in node:
        raise UnreadableMetadata("This is no description of a dataset or of software: no name.")
    return of_node(node)


def root_of(crate: JSON) -> JSON:
    """The root of an RO-Crate, or the graph's only dataset, with what it refers to put in place.

    Raises UnreadableMetadata.
    """
    nodes = {str(n.get("@id")): n for n in crate["@graph"] if isinstance(n, dict)}
    about = next((n["about"] for i, n in nodes.items() if i.endswith(CRATE) and "about" in n), None)
    place = about.get("@id") if isinstance(about, dict) else None
    datasets = [n for n in nodes.values() if "Dataset" in listed(n.get("@type"))]
    root = nodes.get(str(place)) or (datasets[0] if len(datasets) == 1 else None)
    if root is None:
        raise UnreadableMetadata(f"{CRATE} does not say which of its entities is the root.")
    return {k: v if k == "hasPart" else _resolved(v, nodes, 0) for k, v in root.items()}


def _resolved(value: Any, nodes: dict[str, JSON], depth: int) -> Any:
    if isinstance(value, list):
        return [_resolved(each, nodes, depth) for each in value[:5000]]
    if not isinstance(value, dict) or depth > MAX_DEPTH:
        return value
    node = nodes.get(str(value.get("@id"))) if len(value) == 1 else value
    if node is None:
        return value
    return {key: _resolved(each, nodes, depth + 1) for key, each in node.items()}


def of_node(node: JSON) -> Understood:
    """What a nested description says."""
    told = dict(node)
    doi = doi_in(text(told.get("@id")), *_identifiers(told.get("identifier")))
    name = _words(told.pop("name", None))
    others = [_title(each) for each in listed(told.pop("alternateName", None))]
    titles = [t | ({"type": {"id": "alternative-title"}} if n else {}) for n, t in enumerate(name)]
    metadata: JSON = {
        "resource_type": _resource_type(told.get("@type"), told.pop("additionalType", None)),
        "identifiers": list(_other_identifiers(told.get("identifier"))),
        "titles": [*titles, *(t | _kind(t) for t in others if t)],
        "creators": _agents(told.pop("creator", None)) or _agents(told.pop("author", None)),
        "contributors": [
            agent | {"role": {"id": "other"}} for agent in _agents(told.pop("contributor", None))
        ],
        "descriptions": list(_descriptions(told)),
        "publication_date": text(told.pop("datePublished", None))[:10],
        "publisher": _name(told.pop("publisher", None)),
        "version": text(told.pop("version", None)) or text(told.pop("softwareVersion", None)),
        "languages": [
            {"id": code} for each in listed(told.pop("inLanguage", None)) if (code := _name(each))
        ],
        "subjects": list(_subjects(told.pop("keywords", None))),
        "rights": [made for each in listed(told.pop("license", None)) if (made := _licence(each))],
        "funding": [made for g in listed(told.pop("funding", None)) if (made := _grant(g))],
        "dates": [
            {"date": period, "type": {"id": "coverage"}}
            for each in listed(told.pop("temporalCoverage", None))
            if (period := text(each))
        ]
        + [
            {"date": day, "type": {"id": "created"}}
            for each in listed(told.pop("dateCreated", None))
            if (day := text(each)[:10])
        ],
        "related_identifiers": list(_relations(told)),
    }
    if places := [p for each in listed(told.pop("spatialCoverage", None)) if (p := _place(each))]:
        metadata["locations"] = {"features": places}
    told.pop("author", None)
    return Understood(without_empty(metadata), doi, left_over(told, *_SAID_APART))


def _kind(title: JSON) -> JSON:
    return {} if title.get("lang") else {"type": {"id": "alternative-title"}}


def _identifiers(value: Any) -> list[str]:
    told = []
    for each in listed(value):
        node = each if isinstance(each, dict) else {"value": each}
        told += [text(node.get(key)).removeprefix("doi:") for key in ("value", "url", "@id")]
    return told


def _other_identifiers(value: Any) -> Iterator[JSON]:
    """Those beside the DOI whose kind is told."""
    for each in listed(value):
        told = each if isinstance(each, dict) else {}
        scheme, identifier = text(told.get("propertyID")), text(told.get("value"))
        if scheme and identifier and not doi_in(identifier.removeprefix("doi:")):
            yield {"scheme": scheme, "identifier": identifier}


def _resource_type(kinds: Any, words: Any) -> JSON:
    """The kind, and what is said of it in free words."""
    told = text(listed(words)[0]) if listed(words) else ""
    described = {"description": told} if told and not told.startswith("http") else {}
    return {"id": _kind_of(kinds)} | described


def _kind_of(kinds: Any) -> str:
    for kind in listed(kinds):
        general = next((g for g, word in TYPES.items() if word == kind and kind != "Dataset"), "")
        entry = RESOURCE_TYPES.find(general) if general else None
        if entry is not None:
            return entry.id
    return "dataset"


def _words(value: Any) -> list[JSON]:
    return [made for each in listed(value) if (made := _title(each))]


def _title(value: Any) -> JSON | None:
    """A text, with its language where it is told (JSON-LD 1.1, value objects)."""
    language = text(value.get("@language")) if isinstance(value, dict) else ""
    words = text(value.get("@value")) if isinstance(value, dict) else text(value)
    return {"title": words} | ({"lang": language} if language else {}) if words else None


def _descriptions(told: JSON) -> Iterator[JSON]:
    for word, kind in (
        ("description", "abstract"),
        ("abstract", "abstract"),
        ("measurementTechnique", "methods"),
    ):
        for each in listed(told.pop(word, None)):
            node = each if isinstance(each, dict) else {"@value": each}
            words = text(node.get("@value") or node.get("name"), MAX_TEXT)
            if words:
                language = text(node.get("@language"))
                made = {"description": words, "type": {"id": kind}}
                yield made | ({"lang": language} if language else {})


def _agents(value: Any) -> list[JSON]:
    return [made for each in listed(value) if (made := _agent(each))]


def _agent(value: Any) -> JSON | None:
    told = value if isinstance(value, dict) else {"name": value}
    name, address = text(told.get("name")), text(told.get("@id"))
    family, given = text(told.get("familyName")), text(told.get("givenName"))
    ids = [address, *_identifiers(told.get("identifier"))]
    if family or (given and not name):
        party = person(family, given, *ids)
    elif "Organization" in listed(told.get("@type")) or not name:
        party = organisation(name or address, *ids)
    elif "," in name:
        family, _comma, given = name.partition(",")
        party = person(family.strip(), given.strip(), *ids)
    else:
        *first, last = name.split()
        is_person = "Person" in listed(told.get("@type")) and first
        party = person(last, " ".join(first), *ids) if is_person else organisation(name, *ids)
    if not any(party.get(key) for key in ("name", "family_name", "given_name")):
        return None
    homes = [home for h in listed(told.get("affiliation")) if (home := _home(h))]
    return {"person_or_org": party} | ({"affiliations": homes} if homes else {})


def _home(value: Any) -> JSON | None:
    name = _name(value)
    if not name:
        return None
    address = text(value.get("@id")) if isinstance(value, dict) else ""
    ids = organisation(name, address).get("identifiers")
    return {"name": name} | ({"identifiers": ids} if ids else {})


def _name(value: Any) -> str:
    each = listed(value)[0] if listed(value) else ""
    if not isinstance(each, dict):
        return text(each)
    return text(each.get("name")) or text(each.get("alternateName")) or text(each.get("@id"))


def _subjects(value: Any) -> Iterator[JSON]:
    for each in listed(value):
        if isinstance(each, dict):
            word, address = text(each.get("name")), text(each.get("@id"))
            if word:
                uri = {"value_uri": address} if address.startswith("http") else {}
                scheme = text(each.get("inDefinedTermSet"))
                yield {"subject": word} | uri | ({"scheme": scheme} if scheme else {})
        else:
            words = text(each, MAX_TEXT)
            parts = words.split(",") if isinstance(value, str) else [words]
            yield from ({"subject": part.strip()} for part in parts if part.strip())


def _licence(value: Any) -> JSON | None:
    if isinstance(value, dict):
        address = text(value.get("@id")) or text(value.get("url"))
        return licence(address, text(value.get("name")))
    return licence(text(value))


def _grant(value: Any) -> JSON | None:
    told = value if isinstance(value, dict) else {"name": value}
    funder = told.get("funder")
    name = _name(funder)
    award = {"number": text(told.get("identifier")), "title": text(told.get("name"))}
    address = text(told.get("url"))
    made = {key: words for key, words in award.items() if words}
    made |= {"uri": address} if address else {}
    if not name:
        return None
    address = text(funder.get("@id")) if isinstance(funder, dict) else ""
    party = {"name": name}
    ids = organisation(name, address).get("identifiers")
    return {"funder": party | ({"identifiers": ids} if ids else {})} | (
        {"award": made} if made else {}
    )


def _place(value: Any) -> JSON | None:
    told = value if isinstance(value, dict) else {"name": value}
    name = text(told.get("name"))
    made: JSON = {"place": name} if name else {}
    shapes = [shape for shape in listed(told.get("geo")) if isinstance(shape, dict)]
    geometries = [g for shape in shapes if (g := _geometry(shape))]
    if geometries:
        several = {"type": "GeometryCollection", "geometries": geometries}
        made["geometry"] = several if geometries[1:] else geometries[0]
    return made or None


def _geometry(shape: JSON) -> JSON | None:
    """schema.org writes latitude before longitude."""
    try:
        if "latitude" in shape:
            return {
                "type": "Point",
                "coordinates": [float(shape["longitude"]), float(shape["latitude"])],
            }
        numbers = [float(n) for n in text(shape.get("box") or shape.get("polygon"), 50_000).split()]
    except (KeyError, TypeError, ValueError):
        return None
    if shape.get("box") and len(numbers) == 4:
        south, west, north, east = numbers
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Polygon", "bbox": [west, south, east, north], "coordinates": [ring]}
    if len(numbers) >= 8 and len(numbers) % 2 == 0:
        pairs = zip(numbers[1::2], numbers[::2], strict=True)
        return {"type": "Polygon", "coordinates": [[list(pair) for pair in pairs]]}
    return None


def _relations(told: JSON) -> Iterator[JSON]:
    for word, relation in _RELATIONS.items():
        for each in listed(told.pop(word, None)) if word != "hasPart" else ():
            node = each if isinstance(each, dict) else {"@id": each}
            address = text(node.get("@id")) or text(node.get("url"))
            if address.startswith("http"):
                yield related(address, relation)
    if code := text(told.pop("codeRepository", None)):
        yield related(code, "isderivedfrom")
