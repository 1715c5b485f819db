"""Organisations out of ROR's data dump (schema 2.x, https://ror.readme.io/docs/data-dump).

The dump is one JSON list of a hundred thousand organisations; it is read organisation by
organisation, from the ZIP as it is published or from the JSON in it.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import ijson

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.records.metadata.identifiers import is_ror
from repository.vocabularies.rows import TermRow

MAX_NAMES = 30
MAX_UNPACKED = 4 << 30
WANTED_IDS = ("fundref", "grid", "isni", "wikidata")


def rows(path: Path, *, funders: bool = False) -> Iterator[TermRow]:
    """All organisations, or those that fund. Raises ValidationFailed."""
    with _opened(path) as file:
        try:
            for told in ijson.items(file, "item"):
                if not isinstance(told, dict) or not is_ror(str(told.get("id", ""))):
                    raise _not_a_dump()
                if "names" not in told:
                    message = N_("This dump has ROR's old schema; take the one of schema 2.")
                    raise ValidationFailed(errors=[FieldError("/file", message)])
                if not funders or "funder" in told.get("types", ()):
                    yield _row(told)
        except ijson.JSONError as error:
            raise _not_a_dump() from error


def _not_a_dump() -> ValidationFailed:
    message = N_("This is not a ROR data dump: a JSON list of organisations, or its ZIP.")
    return ValidationFailed(errors=[FieldError("/file", message)])


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if m.filename.endswith(".json")]
        if not members:
            raise _not_a_dump()
        newest = [m for m in members if "schema_v2" in m.filename] or members
        largest = max(newest, key=lambda member: member.file_size)
        if largest.file_size > MAX_UNPACKED:
            raise _not_a_dump()
        with archive.open(largest) as file:
            yield file


def _row(told: dict[str, Any]) -> TermRow:
    names = [n for n in told["names"] if isinstance(n, dict) and n.get("value")]
    shown = _named(names, "ror_display") or _named(names, "label") or [{"value": told["id"]}]
    labels = [n for n in names if "label" in n.get("types", ())] or shown
    vi = next((n["value"] for n in labels if n.get("lang") == "vi"), "")
    en = next((n["value"] for n in labels if n.get("lang") == "en"), "") or shown[0]["value"]
    places = told.get("locations") or [{}]
    details = places[0].get("geonames_details") or {}
    acronyms = [n["value"] for n in _named(names, "acronym")]
    successor = next(
        (r["id"] for r in told.get("relationships") or () if r.get("type") == "successor"), ""
    )
    return TermRow(
        code=_bare(told["id"]),
        uri=told["id"],
        label_vi=vi,
        label_en=en,
        retired=told.get("status", "active") != "active",
        replaced_by=_bare(successor),
        names=tuple([*acronyms, *(n["value"] for n in names)][:MAX_NAMES]),
        props={
            "country": details.get("country_code") or "",
            "country_name": details.get("country_name") or "",
            "location_name": details.get("name") or "",
            "acronym": acronyms[0] if acronyms else "",
            "types": told.get("types") or [],
            "identifiers": list(_identifiers(told)),
        },
    )


def _named(names: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [name for name in names if kind in name.get("types", ())]


def _bare(ror: str) -> str:
    return ror.rpartition("/")[2]


def _identifiers(told: dict[str, Any]) -> Iterator[dict[str, str]]:
    for each in told.get("external_ids") or ():
        known = each.get("preferred") or next(iter(each.get("all") or ()), "")
        if each.get("type") in WANTED_IDS and known:
            yield {"scheme": each["type"], "identifier": str(known)}
