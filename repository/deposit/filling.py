"""What a draft could take over from elsewhere: shown beside what it has, for a person to choose.

Nothing that was typed is replaced unless its box was ticked; boxes begin ticked where there is
nothing yet.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from repository.core.messages import N_
from repository.deposit.form.page import PARTS
from repository.pid.lookup import Found
from repository.records.metadata import accept
from repository.records.metadata.identifiers import bare

JSON = dict[str, Any]
MAX_SHOWN = 600
PEOPLE = ("creators", "contributors")
# Who publishes here is this repository, whatever published the other thing.
NEVER_AT_FIRST = ("publisher", "publisher_details", "identifiers")
_NOT_IN_THE_FORM = {
    "publisher_details": N_("Publisher"),
    "related_items": N_("Related works"),
    "sizes": N_("Size"),
    "formats": N_("Format"),
}
_TELLING = (
    *("title", "description", "name", "subject", "person_or_org", "funder", "identifier"),
    *("date", "place", "id", "features", "titles"),
)


@dataclass(frozen=True)
class Proposal:
    """`where` is a path in the metadata (`titles`, `creators/0/person_or_org`), `value` what it
    would hold; `now` and `then` say both in short.
    """

    where: str
    label: str
    value: Any
    now: str
    then: str

    @property
    def at_first(self) -> bool:
        return not self.now and self.where not in NEVER_AT_FIRST


def proposals(metadata: JSON, found: Found) -> list[Proposal]:
    """What an answer could change in a draft, in the order of the form; nothing that is so already.

    A person or an organisation is looked for among those of the draft that have its identifier.
    """
    told = accept(metadata)
    makers = {"orcid": _people, "ror": _organisations, "doi": _fields}
    made = makers[found.kind](told, found.values)
    return [each for each in made if each.then and each.then != each.now]


def _fields(told: JSON, values: Mapping[str, Any]) -> Iterator[Proposal]:
    order = list(PARTS)
    for name in sorted(values, key=lambda n: order.index(n) if n in order else len(order)):
        label = PARTS[name].label if name in PARTS else _NOT_IN_THE_FORM.get(name, name)
        value = values[name]
        yield Proposal(name, label, value, in_short(told.get(name)), in_short(value))


def _people(told: JSON, values: Mapping[str, Any]) -> Iterator[Proposal]:
    person = values["person_or_org"]
    for where, each in _parties(told):
        if _is_known_as(each, "orcid", person["identifiers"][0]["identifier"]):
            kept = {k: v for k, v in each.items() if k in ("identifiers", "lang")}
            names = {k: v for k, v in person.items() if k != "identifiers"}
            yield Proposal(where, N_("Name"), kept | names, in_short(each), in_short(person))


def _organisations(told: JSON, values: Mapping[str, Any]) -> Iterator[Proposal]:
    for where, each in _organisations_in(told):
        if _is_known_as(each, "ror", values["id"]):
            value = each | {"name": values["name"]}
            now = str(each.get("name") or "")
            yield Proposal(where, N_("Name of the organisation"), value, now, values["name"])


def _parties(told: JSON) -> Iterator[tuple[str, JSON]]:
    for group in PEOPLE:
        for index, row in enumerate(_objects(told.get(group))):
            party = row.get("person_or_org")
            if isinstance(party, dict):
                yield f"{group}/{index}/person_or_org", party


def _organisations_in(told: JSON) -> Iterator[tuple[str, JSON]]:
    yield from _parties(told)
    for group in PEOPLE:
        for index, row in enumerate(_objects(told.get(group))):
            for place, home in enumerate(_objects(row.get("affiliations"))):
                yield f"{group}/{index}/affiliations/{place}", home
    for index, row in enumerate(_objects(told.get("funding"))):
        if isinstance(row.get("funder"), dict):
            yield f"funding/{index}/funder", row["funder"]


def _objects(value: Any) -> list[JSON]:
    """A list's objects where it holds nothing else, so that their places are those of the list."""
    rows = value if isinstance(value, list) else []
    return rows if all(isinstance(row, dict) for row in rows) else []


def _is_known_as(party: JSON, scheme: str, identifier: str) -> bool:
    told = [party.get("id"), *(i.get("identifier") for i in _objects(party.get("identifiers")))]
    return any(bare(scheme, v) == bare(scheme, identifier) for v in told if isinstance(v, str))


def in_short(value: Any) -> str:
    """The words of a value by which a person knows it again."""
    return "; ".join(_words(value))[:MAX_SHOWN]


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str | int | float):
        yield str(value)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, Mapping):
        parts = [str(value[n]) for n in ("family_name", "given_name") if value.get(n)]
        name = next((n for n in _TELLING if value.get(n)), None)
        yield from ([", ".join(parts)] if parts else _words(value[name]) if name else ())


def filled(metadata: JSON, chosen: Mapping[str, Any]) -> JSON:
    """The metadata with the chosen values in their places; a place that is gone is left out."""
    made = copy.deepcopy(accept(metadata))
    for where, value in chosen.items():
        *around, last = where.split("/")
        node: Any = made
        for step in around:
            node = _step(node, step)
        if isinstance(node, dict):
            node[last] = value
        elif isinstance(node, list) and last.isdecimal() and int(last) < len(node):
            node[int(last)] = value
    return made


def _step(node: Any, step: str) -> Any:
    if isinstance(node, list):
        return node[int(step)] if step.isdecimal() and int(step) < len(node) else None
    return node.get(step) if isinstance(node, dict) else None
