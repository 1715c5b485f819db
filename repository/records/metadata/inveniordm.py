"""The shape InvenioRDM's and Zenodo's clients send and expect, beside our own.

They have one `title` in no stated language and `additional_titles`; we have `titles`. Both hold for
descriptions. Everything here takes whatever JSON a draft may hold and never raises.
"""

from collections.abc import Mapping
from typing import Any

from repository.records.metadata.funding import by_language
from repository.records.metadata.languages import iso_639_3
from repository.records.metadata.licences import find_licence
from repository.records.metadata.text import clean_tree
from repository.records.metadata.vocabularies import (
    CONTRIBUTOR_TYPES,
    DATE_TYPES,
    DESCRIPTION_TYPES,
    RELATION_TYPES,
    RESOURCE_TYPES,
    TITLE_TYPES,
)
from repository.records.metadata.vocabulary import Vocabulary

PAIRS = (("titles", "title"), ("descriptions", "description"))


def accept(raw: Mapping[str, Any]) -> dict[str, Any]:
    """`raw` in our own shape: cleaned, with `titles` and `descriptions`, and nothing lost.

    Where both shapes were sent and disagree, the foreign one is left beside ours: for `settled`,
    else for validation, which tells the sender to decide.
    """
    told: dict[str, Any] = clean_tree(raw)
    for plural, single in PAIRS:
        _gather(told, plural, single)
    references = told.pop("references", None)
    if isinstance(references, list):
        items = told.get("related_items", [])
        if isinstance(items, list) and references:
            told["related_items"] = [*items, *map(_as_related_item, references)]
    return told


def settled(told: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What `accept` made, without the disagreements of a client that read a draft, changed one of
    the two shapes and sent both back: it means the one that is not as it was `before`, in the
    draft. Where both were changed, both stay.
    """
    shown, made = shape(before), dict(told)
    for plural, single in PAIRS:
        foreign = [name for name in (single, f"additional_{plural}") if name in made]
        if plural not in made or not foreign:
            continue
        if made[plural] in (shown.get(plural), before.get(plural)):
            made[plural] = _with_foreign(before.get(plural), made, plural, single)
        elif not all(made[name] == shown.get(name) for name in foreign):
            continue
        for name in foreign:
            del made[name]
    return made


def _with_foreign(entries: Any, made: dict[str, Any], plural: str, single: str) -> list[Any]:
    """Our entries with InvenioRDM's one and additional ones, as far as these are told."""
    listed = entries if isinstance(entries, list) else []
    main, additional = _main(listed, single), f"additional_{plural}"
    others = made.get(additional, [entry for entry in listed if entry is not main])
    if single in made:
        main = {**(main or {}), single: made[single]}
    return [*([main] if main else []), *(others if isinstance(others, list) else [others])]


def as_sent(raw: Mapping[str, Any], pointer: str) -> str:
    """A JSON pointer into what `accept` made, as a pointer into what was sent."""
    for plural, single in PAIRS:
        if plural in raw or not pointer.startswith(f"/{plural}/"):
            continue
        index, _, rest = pointer[len(plural) + 2 :].partition("/")
        place = int(index) - (single in raw)
        if place < 0:
            return f"/{single}"
        return f"/additional_{plural}/{place}" + (f"/{rest}" if rest else "")
    return pointer


def shape(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The API's JSON of metadata or a draft's: ours, and InvenioRDM's names beside it.

    Terms carry their labels, organisations their ROR id, licences their title by language.
    """
    told = {
        key: value for key, value in accept(metadata).items() if value not in ([], {"features": []})
    }
    shaped = {key: _labelled(key, value) for key, value in told.items()}
    for plural, single in PAIRS:
        shaped |= _scattered(told.get(plural), plural, single)
    return shaped


def _gather(told: dict[str, Any], plural: str, single: str) -> None:
    additional = f"additional_{plural}"
    first, others = told.get(single), told.get(additional, [])
    if plural not in told:
        if not isinstance(others, list) or (first is None and not others):
            return
        told.pop(single, None)
        told.pop(additional, None)
        told[plural] = [*([] if first is None else [{single: first}]), *others]
        return
    ours = _scattered(told[plural], plural, single)
    if single in told and first == ours.get(single):
        del told[single]
    if additional in told and _texts(others, single) == _texts(ours.get(additional), single):
        del told[additional]


def _texts(entries: Any, single: str) -> list[Any]:
    listed = entries if isinstance(entries, list) else []
    return [entry.get(single) if isinstance(entry, dict) else entry for entry in listed]


def _scattered(entries: Any, plural: str, single: str) -> dict[str, Any]:
    """The first main entry as InvenioRDM's one, the others as additional ones with a type."""
    main = _main(entries, single) if isinstance(entries, list) else None
    if main is None:
        return {}
    usual = "translated-title" if single == "title" else "abstract"
    told = (entry for entry in entries if isinstance(entry, dict) and single in entry)
    others = [_additional(entry, plural, usual) for entry in told if entry is not main]
    return {single: main[single]} | ({f"additional_{plural}": others} if others else {})


def _main(entries: list[Any], single: str) -> dict[str, Any] | None:
    told = [entry for entry in entries if isinstance(entry, dict) and single in entry]
    usual = (entry for entry in told if _type_of(entry) in (None, "abstract"))
    return next(usual, told[0] if told else None)


def _additional(entry: dict[str, Any], plural: str, usual: str) -> dict[str, Any]:
    list_of_types = TITLE_TYPES if plural == "titles" else DESCRIPTION_TYPES
    shaped = dict(entry) | {"type": _label(list_of_types, _type_of(entry) or usual)}
    if isinstance(entry.get("lang"), str):
        shaped["lang"] = {"id": iso_639_3(entry["lang"])}
    return shaped


def _type_of(entry: dict[str, Any]) -> str | None:
    told = entry.get("type")
    known = told.get("id") if isinstance(told, dict) else told
    return known if isinstance(known, str) else None


def _label(vocabulary: Vocabulary, value: Any) -> Any:
    """A term with its labels, whether it was written as an id or as an object."""
    known = value.get("id") if isinstance(value, dict) else value
    entry = vocabulary.find(known) if isinstance(known, str) else None
    if entry is None:
        return value
    kept = value if isinstance(value, dict) else {}
    return {**kept, "id": entry.id, "title": entry.labels}


_TERMS = {
    "resource_type": RESOURCE_TYPES,
    "role": CONTRIBUTOR_TYPES,
    "relation_type": RELATION_TYPES,
}


def _labelled(key: str, value: Any) -> Any:
    """A copy of a member with labels and ids added, however deep they stand."""
    if key in _TERMS:
        return _label(_TERMS[key], value)
    if isinstance(value, list):
        return [_labelled(key, item) for item in value]
    if not isinstance(value, dict):
        return value
    shaped = {name: _labelled(name, item) for name, item in value.items()}
    if key == "dates" and "type" in value:
        shaped["type"] = _label(DATE_TYPES, value["type"])
    if key in ("affiliations", "funder"):
        shaped |= _ror(value)
    if key == "rights" and isinstance(value.get("title"), str):
        shaped["title"] = _titles_of_right(value)
    if key == "award" and isinstance(value.get("title"), str):
        shaped["title"] = by_language(value["title"], _lang_of(value))
    return shaped


def _ror(organisation: dict[str, Any]) -> dict[str, str]:
    identifiers = organisation.get("identifiers")
    for entry in identifiers if isinstance(identifiers, list) else []:
        if isinstance(entry, dict) and entry.get("scheme") == "ror":
            return {"id": str(entry.get("identifier")).rpartition("/")[2]}
    return {}


def _titles_of_right(right: dict[str, Any]) -> dict[str, str]:
    licence = find_licence(str(right.get("id", "")))
    labels = {"vi": licence.vi, "en": licence.en} if licence else {}
    return labels | by_language(right["title"], _lang_of(right))


def _lang_of(value: dict[str, Any]) -> str | None:
    return value["lang"] if isinstance(value.get("lang"), str) else None


def _as_related_item(reference: Any) -> Any:
    """A bibliographic reference in words, as the resource it names."""
    if not isinstance(reference, dict):
        return reference
    told = {key: reference[key] for key in ("identifier", "scheme") if key in reference}
    item = {"resource_type": {"id": "other"}, "relation_type": {"id": "references"}} | told
    return item | {"titles": [{"title": reference.get("reference")}]}
