"""Identifiers, their schemes, and whether they can be true.

Values are kept as they were written (`0000-…` or `https://orcid.org/0000-…`); `url` and `bare` give
one form or the other.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import base32_lib
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from repository.core.messages import N_
from repository.records.metadata.terms import Part
from repository.records.metadata.text import MAX_LINE, Line
from repository.records.metadata.vocabularies import NAME_SCHEMES, RELATED_SCHEMES
from repository.records.metadata.vocabulary import Vocabulary

_UNKNOWN_SCHEME = N_("“%(value)s” is not a known kind of identifier. Choose one from the list.")
# Handles of IGSN e.V. until 2022, and DOIs since (ev.igsn.org).
_OLD_IGSN = re.compile(r"(?:igsn:\s*)?(?:10273/)?([A-Za-z0-9][A-Za-z0-9.\-]{4,})", re.IGNORECASE)
# By the patterns their issuers publish: Crossref's funder registry, GRID, Wikidata, VIAF.
_FUNDER = re.compile(r"(?:https?://(?:dx\.)?doi\.org/)?(?:10\.13039/)?\d{5,15}")
_GRID = re.compile(r"(?:https?://(?:www\.)?grid\.ac/institutes/)?grid\.\d{3,8}\.[0-9a-f]{1,4}")


def is_igsn(value: str) -> bool:
    """A physical sample: a DOI, or a handle of the years before, with or without its prefix."""
    import idutils

    return bool(idutils.is_doi(value) or _OLD_IGSN.fullmatch(value.strip()))


# Those that idutils knows, and its checks. It is imported where it is used: to compile its patterns
# takes a quarter of a second, which most commands need not wait for.
_KNOWN: Mapping[str, str] = {
    **{
        scheme: f"is_{scheme}"
        for scheme in (
            *("orcid", "isni", "gnd", "doi", "url", "ark", "arxiv", "ads", "ean13", "handle"),
            *("isbn", "issn", "istc", "lsid", "pmid", "purl", "raid", "rrid", "swh", "urn"),
            *("wikidata", "viaf"),
        )
    },
    "eissn": "is_issn",
    "lissn": "is_issn",
}
_CHECKS: Mapping[str, Callable[[str], Any]] = {
    "igsn": is_igsn,
    "crossreffunderid": _FUNDER.fullmatch,
    "grid": _GRID.fullmatch,
}


# Those whose ways of writing idutils does not know.
_OURS = frozenset({"igsn", "crossreffunderid", "grid"})
_RESOLVERS = {
    "crossreffunderid": "https://doi.org/10.13039/",
    "grid": "https://www.grid.ac/institutes/",
}


def is_ror(value: str) -> bool:
    """A ROR id whose last two digits are the ISO 7064 MOD 97-10 checksum of the others."""
    import idutils

    if not idutils.is_ror(value):
        return False
    try:
        base32_lib.decode(idutils.normalize_ror(value).lower(), checksum=True)
    except ValueError:
        return False
    return True


def is_valid(scheme: str, value: str) -> bool:
    """Whether `value` has the syntax and check digits of its scheme; unknown schemes allow all.

    What is longer than the model takes is wrong unread: the patterns are not for such texts.
    """
    if len(value) > MAX_LINE:
        return False
    if scheme == "ror":
        return is_ror(value)
    if scheme in _KNOWN:
        import idutils

        return bool(getattr(idutils, _KNOWN[scheme])(value.strip()))
    check = _CHECKS.get(scheme)
    return check is None or bool(check(value.strip()))


def bare(scheme: str | None, value: str) -> str:
    """`value` without the address of its resolver: `10.5072/abc`, `0000-0002-1825-0097`."""
    if scheme is None or not is_valid(scheme, value) or scheme in _OURS:
        return value
    import idutils

    return str(idutils.normalize_pid(value, scheme))


def url(scheme: str | None, value: str) -> str | None:
    """The web address an identifier resolves at; None where there is none to be known."""
    if value.startswith(("https://", "http://")):
        return value
    if scheme is None or not is_valid(scheme, value):
        return None
    if scheme == "igsn":
        old = _OLD_IGSN.fullmatch(value.strip())
        return f"https://hdl.handle.net/10273/{old[1]}" if old else url("doi", value)
    if scheme in _RESOLVERS:
        return f"{_RESOLVERS[scheme]}{value.strip().rpartition('/')[2]}"
    import idutils

    return idutils.to_url(value, scheme, url_scheme="https") or None


def detect(value: str, among: tuple[str, ...]) -> str | None:
    """The likeliest scheme of a value written without one."""
    if len(value) > MAX_LINE:
        return None
    import idutils

    return next((s for s in idutils.detect_identifier_schemes(value) if s in among), None)


def canonical_scheme(value: Any, vocabulary: Vocabulary) -> Any:
    """The list's id for a scheme in any spelling; one outside the list stays as it is."""
    entry = vocabulary.find(value.strip()) if isinstance(value, str) else None
    return entry.id if entry else value


class Identifier(Part):
    """Of an organisation somebody belongs to; records from elsewhere may not say the scheme."""

    identifier: Line
    scheme: Line | None = None
    scheme_uri: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _scheme(cls, value: Any) -> Any:
        return with_scheme(value, NAME_SCHEMES, ())


class NameIdentifier(Part):
    """Of a creator or contributor (DataCite properties 2.4 and 7.4)."""

    identifier: Line
    scheme: Line
    scheme_uri: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _scheme(cls, value: Any) -> Any:
        return with_scheme(value, NAME_SCHEMES, ("orcid", "ror", "isni", "gnd"))


class AlternateIdentifier(Part):
    """Another name of the same thing, in any scheme (DataCite property 11)."""

    identifier: Line
    scheme: Line

    @model_validator(mode="before")
    @classmethod
    def _scheme(cls, value: Any) -> Any:
        told = with_scheme(value, RELATED_SCHEMES, ("doi", "url", "ark", "arxiv", "isbn", "issn"))
        return told | {"scheme": told.get("scheme", "other")} if isinstance(told, dict) else told


def with_scheme(value: Any, vocabulary: Vocabulary, likely: tuple[str, ...]) -> Any:
    """An identifier object with its scheme as the list writes it, found out where not said."""
    if not isinstance(value, Mapping):
        return value
    told = dict(value)
    identifier = told.get("identifier")
    if "scheme" not in told and isinstance(identifier, str):
        found = detect(identifier.strip(), likely)
        return told | ({"scheme": found} if found else {})
    if "scheme" in told:
        told["scheme"] = canonical_scheme(told["scheme"], vocabulary)
    return told


def listed_scheme(scheme: str | None) -> str | None:
    """`scheme` when DataCite knows it for a related resource (controlled list of property 12)."""
    if scheme is not None and RELATED_SCHEMES.find(scheme) is None:
        raise PydanticCustomError("problem", _UNKNOWN_SCHEME, {"value": scheme})
    return scheme
