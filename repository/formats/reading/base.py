"""What readers share. A value is taken out of what was sent; what is left at the end is named."""

import json
import re
from typing import Any

from repository.formats.base import UnreadableMetadata
from repository.records.metadata.identifiers import bare, is_valid
from repository.records.metadata.licences import find_licence

JSON = dict[str, Any]
MAX_BYTES = 10 << 20
MAX_TEXT, MAX_LINE, MAX_LIST = 50_000, 2_000, 1_000
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]{2,12})/(\d\.\d)(?:/|$)"
)
URL = re.compile(r"https?://[^\s<>\"]{4,2000}")


def parsed(data: bytes) -> Any:
    """JSON of a bounded size. Raises UnreadableMetadata."""
    if len(data) > MAX_BYTES:
        raise UnreadableMetadata(f"The file is larger than {MAX_BYTES >> 20} MiB.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableMetadata(f"This is not JSON: {error}") from error


def decoded(data: bytes) -> str:
    """Text of a bounded size. Raises UnreadableMetadata."""
    if len(data) > MAX_BYTES:
        raise UnreadableMetadata(f"The file is larger than {MAX_BYTES >> 20} MiB.")
    try:
        return data.decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError as error:
        raise UnreadableMetadata("The text is not UTF-8; save it so, and try again.") from error


def text(value: object, limit: int = MAX_LINE) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\0", "").strip()[:limit]


def listed(value: object) -> list[Any]:
    """A list as it is, one value as a list of it, nothing as none."""
    if value is None or value == "":
        return []
    return value[:MAX_LIST] if isinstance(value, list) else [value]


def person(family: str, given: str, *identifiers: str) -> JSON:
    names = {"family_name": family, "given_name": given}
    told: JSON = {"type": "personal"} | {key: name for key, name in names.items() if name}
    return told | known_as(identifiers)


def organisation(name: str, *identifiers: str) -> JSON:
    return {"type": "organizational", "name": name} | known_as(identifiers)


def known_as(values: tuple[str, ...]) -> JSON:
    """The identifiers among some texts whose scheme is one of people's and organisations'."""
    found = []
    for value in values:
        scheme = next((s for s in ("orcid", "ror", "isni") if value and is_valid(s, value)), None)
        if scheme:
            found.append({"scheme": scheme, "identifier": bare(scheme, value)})
    return {"identifiers": found} if found else {}


def named(name: str) -> JSON:
    """A name written `Family, Given`, or an organisation's where there is no comma."""
    family, comma, given = name.partition(",")
    return person(family.strip(), given.strip()) if comma else organisation(name.strip())


def licence(told: str, title: str = "") -> JSON | None:
    """A licence by its SPDX id, or its address, or its name."""
    name = told.removeprefix("https://spdx.org/licenses/").removesuffix(".html")
    if common := _CREATIVE_COMMONS.match(told):
        kind, version = common.groups()
        name = f"cc0-{version}" if kind == "zero" else f"cc-{kind}-{version}"
    known = find_licence(name) if name else None
    if known is not None:
        return {"id": known.id}
    if URL.fullmatch(told):
        return {"title": title or told, "link": told}
    return {"title": title or told} if title or told else None


def related(identifier: str, relation: str) -> JSON:
    """A related work by DOI or address."""
    scheme = "doi" if is_valid("doi", identifier) else "url"
    return {
        "identifier": bare(scheme, identifier),
        "scheme": scheme,
        "relation_type": {"id": relation},
    }


def doi_in(*values: str) -> str | None:
    """The first DOI among some texts, bare."""
    return next((bare("doi", value).lower() for value in values if is_valid("doi", value)), None)


def without_empty(metadata: JSON) -> JSON:
    return {key: value for key, value in metadata.items() if value not in ("", [], {}, None)}


def left_over(told: JSON, *known: str, prefix: str = "") -> tuple[str, ...]:
    """The names of what was not taken out and holds anything, for the depositor to look at."""
    names = sorted(k for k, v in told.items() if v not in (None, "", [], {}) and k not in known)
    return tuple(f"{prefix}{str(name)[:100]}" for name in names[:200])
