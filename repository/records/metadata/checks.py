"""Whether what has the right shape can be true: check digits, dates, a main title."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from repository.core.messages import N_
from repository.records.metadata.dates import is_date
from repository.records.metadata.identifiers import canonical_scheme, is_valid
from repository.records.metadata.languages import is_language, language_codes
from repository.records.metadata.licences import find_licence, licence_ids
from repository.records.metadata.nearest import nearest
from repository.records.metadata.vocabularies import NAME_SCHEMES, RELATED_SCHEMES
from repository.records.metadata.vocabulary import Vocabulary

Stage = Literal["draft", "publish", "import"]

_IDENTIFIER = N_("“%(value)s” is not a valid %(scheme)s. Check it for a typing error.")
_DATE = N_("Write a date as 2024, 2024-05 or 2024-05-17, a period as 2020-01-01/2024-12-31.")
_MAIN_TITLE = N_("One title must be the main title: leave its type empty.")
_OPEN_RING = N_("The polygon is not closed: its last point should be the same as its first.")
_LICENCE = N_("There is no licence “%(value)s” in the SPDX list. The nearest: %(near)s.")
_LANGUAGE = N_("There is no language “%(value)s” in ISO 639. The nearest: %(near)s.")
# Wrong in these, an identifier names somebody else or nothing; in others practice is looser.
_STRICT = frozenset({"orcid", "ror", "isni", "doi"})
# What a person types can be typed again; what was published elsewhere is kept as it was published.
_TYPED: frozenset[Stage] = frozenset({"draft", "publish"})
_PUBLIC: frozenset[Stage] = frozenset({"publish", "import"})


@dataclass(frozen=True)
class Finding:
    """`forbids` names the stages in which it is an error; in others it is advice."""

    pointer: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    forbids: frozenset[Stage] = frozenset()


def doubts(told: Mapping[str, Any]) -> Iterator[Finding]:
    """What to doubt in metadata as `accept` gives them, whatever shape they have; never raises."""
    yield from _identifiers("", told)
    yield from _dates(told.get("dates"))
    yield from _licences(told.get("rights"))
    yield from _languages(told.get("languages"))
    yield from _main_title(told.get("titles"))
    yield from _rings(told.get("locations"))


def _identifiers(pointer: str, value: Any) -> Iterator[Finding]:
    members: Iterable[tuple[object, Any]] = ()
    if isinstance(value, list):
        members = enumerate(value)
    elif isinstance(value, dict | Mapping):
        identifier, scheme = value.get("identifier"), value.get("scheme")
        if isinstance(identifier, str) and isinstance(scheme, str):
            yield from _identifier(f"{pointer}/identifier", identifier, scheme)
        members = value.items()
    for key, item in members:
        if not isinstance(item, str):
            yield from _identifiers(f"{pointer}/{key}", item)


def _identifier(pointer: str, identifier: str, scheme: str) -> Iterator[Finding]:
    vocabulary: Vocabulary = RELATED_SCHEMES if RELATED_SCHEMES.find(scheme) else NAME_SCHEMES
    known = canonical_scheme(scheme, vocabulary)
    if not is_valid(known, identifier.strip()):
        params = {"value": identifier, "scheme": vocabulary.datacite(known)}
        forbids = _TYPED if known in _STRICT else frozenset[Stage]()
        yield Finding(pointer, _IDENTIFIER, params, forbids)


def _dates(dates: Any) -> Iterator[Finding]:
    for index, entry in enumerate(dates if isinstance(dates, list) else []):
        told = entry.get("date") if isinstance(entry, Mapping) else None
        if isinstance(told, str) and not is_date(told.strip()):
            yield Finding(f"/dates/{index}/date", _DATE)


def _licences(rights: Any) -> Iterator[Finding]:
    """An id alone has to be known; with words or a link beside it, it may be another list's."""
    for index, entry in enumerate(rights if isinstance(rights, list) else []):
        right = {"id": entry} if isinstance(entry, str) else entry
        if not isinstance(right, Mapping) or not isinstance(right.get("id"), str):
            continue
        stated = right.get("title") or right.get("link")
        scheme = str(right.get("scheme") or "spdx").lower()
        code = right["id"].strip()
        if not stated and scheme == "spdx" and find_licence(code) is None:
            near = ", ".join(nearest(code, licence_ids())) or "—"
            yield Finding(f"/rights/{index}", _LICENCE, {"value": code, "near": near}, _TYPED)


def _languages(languages: Any) -> Iterator[Finding]:
    for index, entry in enumerate(languages if isinstance(languages, list) else []):
        code = entry.get("id") if isinstance(entry, Mapping) else entry
        if isinstance(code, str) and not is_language(code.strip()):
            near = ", ".join(nearest(code, language_codes())) or "—"
            yield Finding(f"/languages/{index}", _LANGUAGE, {"value": code, "near": near}, _TYPED)


def _main_title(titles: Any) -> Iterator[Finding]:
    told = [t for t in titles if isinstance(t, Mapping)] if isinstance(titles, list) else []
    if told and all(t.get("type") for t in told):
        yield Finding("/titles", _MAIN_TITLE, {}, _PUBLIC)


def _rings(locations: Any) -> Iterator[Finding]:
    features = locations.get("features") if isinstance(locations, Mapping) else None
    for index, feature in enumerate(features if isinstance(features, list) else []):
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        if any(ring[0] != ring[-1] for ring in _outlines(geometry)):
            yield Finding(f"/locations/features/{index}/geometry", _OPEN_RING)


def _outlines(geometry: Any) -> Iterator[list[Any]]:
    """The rings of a geometry of any kind: the lists whose items are positions."""
    if not isinstance(geometry, Mapping):
        return
    members = geometry.get("geometries")
    for member in members if isinstance(members, list) else []:
        yield from _outlines(member)
    if geometry.get("type") in ("Polygon", "MultiPolygon"):
        yield from _rings_in(geometry.get("coordinates"))


def _rings_in(value: Any) -> Iterator[list[Any]]:
    if not isinstance(value, list) or not value or not isinstance(value[0], list):
        return
    if value[0] and not isinstance(value[0][0], list):
        yield value
        return
    for item in value:
        yield from _rings_in(item)
