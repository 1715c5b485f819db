"""Values for the deposit form from what others say of a DOI, an ORCID iD or a ROR id.

Off unless `prefill` is set. Only the configured addresses are asked, and the identifier goes into
the path after its check digits were found right: there is nowhere else a user could point this at.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import idutils

from repository import __version__
from repository.core.errors import FieldError, NotFound, Unavailable, ValidationFailed
from repository.core.fetch import Limits, fetch
from repository.core.messages import N_
from repository.core.settings import Settings
from repository.formats.base import UnreadableMetadata
from repository.formats.datacite_json import read
from repository.pid import crossref
from repository.records.metadata.identifiers import bare, is_valid


@dataclass(frozen=True)
class Found:
    """`values` in the names of the metadata model; `source` is the host that told them."""

    kind: str
    values: dict[str, Any]
    source: str


def look_up(settings: Settings, identifier: str) -> Found:
    """What is known of an identifier, written in any of its usual forms.

    Raises NotFound (nobody knows it, or this is switched off), ValidationFailed, Unavailable.
    """
    if not settings.prefill:
        raise NotFound
    text = identifier.strip()[:300]
    for kind, reader in (("orcid", _person), ("ror", _organisation), ("doi", _resource)):
        if is_valid(kind, text):
            return reader(settings, bare(kind, text))
    message = N_("This is no valid DOI, ORCID iD or ROR id. Check it for a typing error.")
    raise ValidationFailed(errors=[FieldError("/identifier", message)])


def _get(settings: Settings, address: str, path: str, accept: str = "application/json") -> bytes:
    """Raises NotFound for 404, Unavailable for every other answer but 200."""
    answer = fetch(
        f"{address.rstrip('/')}/{path}",
        accept=accept,
        user_agent=f"research-data-repository/{__version__} (mailto:{settings.admin_email})",
        limits=Limits(seconds=settings.prefill_timeout, private=settings.prefill_allow_private),
    )
    if answer.status == 404:
        raise NotFound(N_("Nobody there knows this identifier."))
    if answer.status != 200:
        raise Unavailable
    return answer.body


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unavailable from error
    if not isinstance(found, dict):
        raise Unavailable
    return found


def _resource(settings: Settings, doi: str) -> Found:
    try:
        body = _get(settings, settings.prefill_datacite_url, f"dois/{quote(doi)}")
    except NotFound:
        body = _get(settings, settings.prefill_crossref_url, f"works/{quote(doi)}")
        values = crossref.metadata_of(_json(body))
        return Found("doi", values, str(urlsplit(settings.prefill_crossref_url).hostname))
    try:
        metadata = read(body).metadata
    except UnreadableMetadata as error:
        raise Unavailable from error
    values = metadata.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return Found("doi", values, str(urlsplit(settings.prefill_datacite_url).hostname))


def _person(settings: Settings, orcid: str) -> Found:
    """ORCID public API 3.0, `/person`."""
    name = _json(_get(settings, settings.prefill_orcid_url, f"v3.0/{orcid}/person")).get("name")
    name = name if isinstance(name, dict) else {}
    person = {
        "type": "personal",
        "given_name": _value(name, "given-names"),
        "family_name": _value(name, "family-name"),
        "identifiers": [{"scheme": "orcid", "identifier": orcid}],
    }
    told = {key: value for key, value in person.items() if value}
    source = str(urlsplit(settings.prefill_orcid_url).hostname)
    return Found("orcid", {"person_or_org": told}, source)


def _value(name: dict[str, Any], key: str) -> str:
    entry = name.get(key)
    value = entry.get("value") if isinstance(entry, dict) else None
    return value[:300] if isinstance(value, str) else ""


def _organisation(settings: Settings, ror: str) -> Found:
    """ROR API v2, `/v2/organizations/{id}`; the name it displays, the others as alternatives."""
    code = idutils.normalize_ror(ror)
    found = _json(_get(settings, settings.prefill_ror_url, f"v2/organizations/{code}"))
    names = [n for n in found.get("names", []) if isinstance(n, dict) and n.get("value")]
    shown = [n["value"] for n in names if "ror_display" in (n.get("types") or ())]
    if not names:
        raise Unavailable
    values = {"id": code, "name": str((shown or [names[0]["value"]])[0])[:300]}
    return Found("ror", values, str(urlsplit(settings.prefill_ror_url).hostname))
