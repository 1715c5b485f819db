"""RIS: the first reference of a file, by way of CSL's words."""

import re

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.csl_json import TYPES as CSL_TYPES
from repository.formats.reading.base import JSON, decoded
from repository.formats.reading.csl import item
from repository.formats.ris import TYPES

_LINE = re.compile(r"([A-Z][A-Z0-9])  - ?(.*)")
_ONE = {
    **dict.fromkeys(("TI", "T1"), "title"),
    **dict.fromkeys(("PB",), "publisher"),
    **dict.fromkeys(("ET",), "version"),
    **dict.fromkeys(("AB", "N2"), "abstract"),
    **dict.fromkeys(("T2", "JO", "JF", "BT"), "container-title"),
    "LA": "language",
    "DO": "DOI",
    "UR": "URL",
    "VL": "volume",
    "IS": "issue",
}


def understand(data: bytes) -> Understood:
    """Raises UnreadableMetadata."""
    tags: dict[str, list[str]] = {}
    ended = more = 0
    for line in decoded(data).splitlines():
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            continue
        if found[1] == "ER":
            ended += 1
        elif not ended:
            tags.setdefault(found[1], []).append(found[2].strip())
        elif found[1] == "TY":
            more += 1
    if "TY" not in tags:
        raise UnreadableMetadata("This is no RIS: no line begins with TY.")
    read = item(_as_csl(tags))
    left = (f"{more} more references",) if more else ()
    return Understood(read.metadata, read.doi, (*read.left, *left))


def _as_csl(tags: dict[str, list[str]]) -> JSON:
    kind = tags.pop("TY")[0]
    general = next((name for name, code in TYPES.items() if code == kind), "Dataset")
    made: JSON = {"type": CSL_TYPES.get(general, "dataset")}
    for tag, name in _ONE.items():
        values = tags.pop(tag, [])
        if values and name not in made:
            made[name] = values[0]
    made["author"] = [_name(n) for tag in ("AU", "A1") for n in tags.pop(tag, [])]
    made["editor"] = [_name(n) for tag in ("ED", "A2") for n in tags.pop(tag, [])]
    made["keyword"] = ", ".join(tags.pop("KW", []))
    date = (tags.pop("DA", None) or tags.pop("PY", None) or tags.pop("Y1", None) or [""])[0]
    tags.pop("PY", None)
    made["issued"] = {"date-parts": [[part for part in date.split("/")[:3] if part]]}
    pages = [tags.pop(tag, [""])[0] for tag in ("SP", "EP")]
    made["page"] = "-".join(page for page in pages if page)
    return made | {tag: values for tag, values in tags.items() if tag != "ID"}


def _name(name: str) -> JSON:
    family, comma, given = name.partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma else {"literal": name}
