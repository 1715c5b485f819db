"""Metadata as DataCite's attributes and back: what its XML and its JSON have in common.

The attributes are those of the DataCite REST API (schema 4.7), but for `geoLocations`, whose parts
keep their order (`datacite_places`), and `awardTitleLang`, which only XML can say.
"""

from collections.abc import Mapping
from typing import Any

from repository.core.errors import ValidationFailed
from repository.formats import datacite_names as names
from repository.formats.base import UnreadableMetadata
from repository.formats.datacite_names import each, told, written
from repository.formats.datacite_places import located, locations_from
from repository.records.metadata import Metadata, parse
from repository.records.metadata.dates import is_date
from repository.records.metadata.languages import bcp_47
from repository.records.metadata.vocabularies import RESOURCE_TYPES

_LISTS = (
    ("titles", "titles", names.TITLE),
    ("subjects", "subjects", names.SUBJECT),
    ("alternateIdentifiers", "identifiers", names.ALTERNATE),
    ("relatedIdentifiers", "related_identifiers", names.RELATED),
    ("rightsList", "rights", names.RIGHTS),
    ("descriptions", "descriptions", names.DESCRIPTION),
)


def attributes(metadata: Metadata) -> dict[str, Any]:
    """The attributes of a resource, without its identifier."""
    model = metadata.model_dump(mode="json", exclude_none=True)
    made: dict[str, Any] = {
        "creators": [_person(c) for c in model["creators"]],
        "publisher": {"name": metadata.publisher}
        | written(model.get("publisher_details", {}), names.PUBLISHER),
        "publicationYear": int(metadata.year),
        "types": _types(model["resource_type"]),
        "contributors": [_person(c) for c in model["contributors"]],
        "dates": _dates(metadata, model),
        "sizes": model["sizes"],
        "formats": model["formats"],
        "geoLocations": located(metadata.locations),
        "fundingReferences": [_funding(f) for f in model["funding"]],
        "relatedItems": [_item(i) for i in model["related_items"]],
    }
    for theirs, ours, table in _LISTS:
        made[theirs] = [written(entry, table) for entry in model[ours]]
    if metadata.languages:
        made["language"] = bcp_47(metadata.languages[0].id)
    if metadata.version:
        made["version"] = metadata.version
    return made


def metadata_from(given: Mapping[str, Any]) -> Metadata:
    """Metadata of attributes from outside, of any shape. Raises UnreadableMetadata."""
    raw: dict[str, Any] = {
        "creators": _each_person(given.get("creators")),
        "contributors": _each_person(given.get("contributors")),
        "resource_type": _resource_type(given.get("types")),
        "sizes": given.get("sizes"),
        "formats": given.get("formats"),
        "version": given.get("version"),
        "languages": [{"id": given["language"]}] if given.get("language") else [],
        "locations": locations_from(given.get("geoLocations") or []),
        "funding": _each(given.get("fundingReferences"), _funding_from),
        "related_items": _each(given.get("relatedItems"), _item_from),
    }
    for theirs, ours, table in _LISTS:
        raw[ours] = each(given.get(theirs), table)
    raw |= _publisher(given.get("publisher"))
    raw |= _publication(given.get("publicationYear"), each(given.get("dates"), names.DATE))
    try:
        return parse(raw)
    except ValidationFailed as error:
        wrong = [
            f"{e.pointer}: {e.message % e.params if e.params else e.message}" for e in error.errors
        ]
        raise UnreadableMetadata("; ".join(wrong[:20])) from error


def _types(model: dict[str, Any]) -> dict[str, str]:
    """The general type and the free text; a type finer than DataCite's stands in the text."""
    entry = RESOURCE_TYPES.find(model["id"])
    if entry is None:
        return {"resourceTypeGeneral": "Other"}
    text = model.get("description", entry.en if RESOURCE_TYPES.is_finest(entry) else None)
    return {"resourceTypeGeneral": entry.datacite} | ({"resourceType": text} if text else {})


def _resource_type(types: Any) -> Any:
    if not isinstance(types, Mapping):
        return None
    general, text = types.get("resourceTypeGeneral"), types.get("resourceType")
    for entry in RESOURCE_TYPES:
        if (entry.datacite, entry.en) == (general, text) and RESOURCE_TYPES.is_finest(entry):
            return {"id": entry.id}
    return {"id": general, "description": text}


def _dates(metadata: Metadata, model: dict[str, Any]) -> list[dict[str, Any]]:
    """The dates; a publication date that says more than its year comes first, as issued."""
    issued = {"date": metadata.publication_date, "dateType": "Issued"}
    exact = [issued] if metadata.publication_date != metadata.year else []
    return exact + [written(entry, names.DATE) for entry in model["dates"]]


def _publication(year: Any, dates: Any) -> dict[str, Any]:
    """The publication date: of the dates issued the first that agrees with the year, else it."""
    told_year = str(year) if year is not None else None
    for index, entry in enumerate(dates if isinstance(dates, list) else []):
        if told_year and _is_issue(entry, told_year):
            others = [*dates[:index], *dates[index + 1 :]]
            return {"publication_date": entry["date"].strip(), "dates": others}
    return {"publication_date": told_year, "dates": dates}


def _is_issue(entry: Any, year: str) -> bool:
    if not isinstance(entry, Mapping) or entry.get("type") != "Issued" or "description" in entry:
        return False
    date = entry.get("date")
    if not isinstance(date, str) or not is_date(date.strip()) or date.strip() == year:
        return False
    ends = date.strip().split("/")
    return date.strip().startswith(f"{year}-") and all(end[:1].isdigit() for end in ends)


def _publisher(publisher: Any) -> dict[str, Any]:
    if not isinstance(publisher, Mapping):
        return {"publisher": publisher}
    details = told(publisher, names.PUBLISHER)
    return {"publisher": publisher.get("name"), "publisher_details": details or None}


def _person(model: dict[str, Any]) -> dict[str, Any]:
    person = model["person_or_org"]
    made = written(person, names.NAME)
    made["nameIdentifiers"] = [written(i, names.NAME_IDENTIFIER) for i in person["identifiers"]]
    made["affiliation"] = [_affiliation(a) for a in model["affiliations"]]
    if "role" in model:
        made |= written(model, {"contributorType": "role"})
    return made


def _affiliation(model: dict[str, Any]) -> dict[str, Any]:
    first = model["identifiers"][0] if model["identifiers"] else {}
    return {"name": model["name"]} | written(first, names.AFFILIATION_IDENTIFIER)


def _each(entries: Any, read: Any) -> Any:
    return [read(entry) for entry in entries] if isinstance(entries, list) else entries


def _each_person(entries: Any) -> Any:
    return _each(entries, _person_from)


def _person_from(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    person = told(entry, names.NAME)
    person["identifiers"] = each(entry.get("nameIdentifiers"), names.NAME_IDENTIFIER)
    made = {"person_or_org": person, "role": entry.get("contributorType")}
    affiliations = entry.get("affiliation")
    made["affiliations"] = _each(affiliations, _affiliation_from)
    return made


def _affiliation_from(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    identifier = told(entry, names.AFFILIATION_IDENTIFIER)
    known = [identifier] if "identifier" in identifier else []
    return {"name": entry.get("name"), "identifiers": known}


def _funding(model: dict[str, Any]) -> dict[str, Any]:
    funder = model["funder"]
    first = funder["identifiers"][0] if funder["identifiers"] else {}
    made = {"funderName": funder["name"]} | written(first, names.FUNDER_IDENTIFIER)
    return made | written(model.get("award", {}), names.AWARD)


def _funding_from(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    identifier = told(entry, names.FUNDER_IDENTIFIER)
    known = [identifier] if "identifier" in identifier else []
    funder = {"name": entry.get("funderName"), "identifiers": known}
    return {"funder": funder, "award": told(entry, names.AWARD) or None}


def _item(model: dict[str, Any]) -> dict[str, Any]:
    made = written(model, names.ITEM)
    identifier = written(model, names.ITEM_IDENTIFIER)
    if identifier:
        made["relatedItemIdentifier"] = identifier
    made["titles"] = [written(title, names.TITLE) for title in model["titles"]]
    made["creators"] = [_person(c) for c in model["creators"]]
    made["contributors"] = [_person(c) for c in model["contributors"]]
    return made


def _item_from(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    made: dict[str, Any] = told(entry, names.ITEM)
    if isinstance(made.get("publication_year"), int):
        made["publication_year"] = str(made["publication_year"])
    identifier = entry.get("relatedItemIdentifier")
    if isinstance(identifier, Mapping):
        made |= told(identifier, names.ITEM_IDENTIFIER)
    made["titles"] = each(entry.get("titles"), names.TITLE)
    made["creators"] = _each_person(entry.get("creators"))
    made["contributors"] = _each_person(entry.get("contributors"))
    return made
