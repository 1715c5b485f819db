"""Frictionless data packages, version 1 and 2: what the descriptor says of the whole."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from repository.formats.base import Understood, UnreadableMetadata
from repository.formats.reading.base import URL, doi_in, left_over, parsed
from repository.records.metadata.vocabularies import CONTRIBUTOR_TYPES

MAX_TITLE, MAX_NAME, MAX_TEXT, MAX_KEYWORDS = 2000, 500, 50_000, 200
_AUTHORS = frozenset({"author", "publisher", "creator"})
_KNOWN = (
    *("$schema", "profile", "name", "id", "title", "description", "homepage", "version", "created"),
    *("keywords", "contributors", "licenses", "resources", "sources", "language", "owidTags"),
)


def understand(data: bytes) -> Understood:
    """Raises UnreadableMetadata."""
    package = parsed(data)
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise UnreadableMetadata("This is no data package: it names no resources.")
    doi = doi_in(_text(package.get("id")))
    return Understood(
        metadata_of(package, _text(package.get("name"))), doi, left_over(package, *_KNOWN)
    )


def metadata_of(package: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Metadata of a dataset; a package without a title is called by its name."""
    title = _text(package.get("title")) or name
    language = _language(package)
    sources = [s for s in _list(package.get("sources")) if isinstance(s, dict)]
    metadata: dict[str, Any] = {
        "resource_type": {"id": "dataset"},
        "titles": [{"title": title[:MAX_TITLE]} | language],
        "creators": _people(package, sources),
        "subjects": [{"subject": word} for word in _keywords(package)],
        "rights": _rights(package),
        "related_identifiers": list(_source_links(sources, _text(package.get("homepage")))),
        "contributors": [*_source_contributors(sources), *_others(package)],
    }
    description = _text(package.get("description"))[:MAX_TEXT]
    if description:
        metadata["descriptions"] = [{"description": description} | language]
    for source in sources:
        info = _text(source.get("additionalInfo"))[:MAX_TEXT]
        if info and info != description:
            metadata.setdefault("descriptions", []).append(
                {"description": info, "type": {"id": "methods"}}
            )
    if version := _text(package.get("version")):
        metadata["version"] = version[:MAX_NAME]
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*", created := _text(package.get("created"))):
        metadata["dates"] = [{"date": created[:10], "type": {"id": "created"}}]
    return {key: value for key, value in metadata.items() if value}


def _language(package: Mapping[str, Any]) -> dict[str, Any]:
    known = {"vi": "vie", "en": "eng", "vie": "vie", "eng": "eng"}
    code = known.get(_text(package.get("language")).lower()[:2], "")
    return {"lang": {"id": code}} if code else {}


def _people(package: Mapping[str, Any], sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Authors as the package names them; else whoever published the sources it was made from."""
    told = [c for c in _list(package.get("contributors")) if isinstance(c, dict) and _name(c)]
    authors = [_creator(each) for each in told if _roles(each) & _AUTHORS]
    if authors:
        return authors
    names = [_text(s.get("dataPublishedBy")) or _text(s.get("name")) for s in sources]
    unique = list(dict.fromkeys(name[:MAX_NAME] for name in names if name))
    return [{"person_or_org": {"type": "organizational", "name": name}} for name in unique]


def _name(contributor: Mapping[str, Any]) -> str:
    return (_text(contributor.get("title")) or _text(contributor.get("name")))[:MAX_NAME]


def _roles(contributor: Mapping[str, Any]) -> set[str]:
    """Version 2 has a list of roles, version 1 one; who has none is an author."""
    roles = {_text(role) for role in _list(contributor.get("roles"))}
    return roles or {_text(contributor.get("role")) or "author"}


def _creator(contributor: Mapping[str, Any]) -> dict[str, Any]:
    family = _text(contributor.get("familyName"))[:MAX_NAME]
    given = _text(contributor.get("givenName"))[:MAX_NAME]
    party: dict[str, Any] = {"type": "organizational", "name": _name(contributor)}
    if family or given:
        parts = {"family_name": family, "given_name": given}
        party = {"type": "personal"} | {key: name for key, name in parts.items() if name}
    home = _text(contributor.get("organization"))[:MAX_NAME]
    return {"person_or_org": party} | ({"affiliations": [{"name": home}]} if home else {})


def _source_contributors(sources: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys(_text(source.get("name"))[:MAX_NAME] for source in sources):
        if name:
            organisation = {"type": "organizational", "name": name}
            yield {"person_or_org": organisation, "role": {"id": "datacollector"}}


def _others(package: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for each in _list(package.get("contributors")):
        if isinstance(each, dict) and _name(each) and not _roles(each) & _AUTHORS:
            role = next((r for r in sorted(_roles(each)) if CONTRIBUTOR_TYPES.find(r)), "other")
            yield _creator(each) | {"role": {"id": role}}


def _source_links(sources: list[dict[str, Any]], homepage: str) -> Iterator[dict[str, Any]]:
    told = " ".join(
        _text(s.get("link")) or _text(s.get("path")) or _text(s.get("web")) for s in sources
    )
    for url in dict.fromkeys(found.rstrip(".,;)") for found in URL.findall(told)):
        yield _related(url, "isderivedfrom")
    if URL.fullmatch(homepage):
        yield _related(homepage, "isdescribedby")


def _related(url: str, relation: str) -> dict[str, Any]:
    return {"identifier": url, "scheme": "url", "relation_type": {"id": relation}}


def _keywords(package: Mapping[str, Any]) -> list[str]:
    words = [*_list(package.get("keywords")), *_list(package.get("owidTags"))]
    return list(dict.fromkeys(w[:MAX_NAME] for w in map(_text, words) if w))[:MAX_KEYWORDS]


def _rights(package: Mapping[str, Any]) -> list[dict[str, Any]]:
    rights = []
    for told in _list(package.get("licenses")):
        if isinstance(told, dict):
            name, title = _text(told.get("name")), _text(told.get("title"))
            right = {"id": name.lower()} if name else {"title": {"en": title}}
            link = _text(told.get("path"))
            rights.append(right | ({"link": link} if URL.fullmatch(link) else {}))
    return [right for right in rights if right != {"title": {"en": ""}}]


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
