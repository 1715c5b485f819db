"""Frictionless data packages: a folder with `datapackage.json` (specs.frictionlessdata.io)."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from repository.deposit.importing.base import CannotImport, ImportFile, ImportItem, read_bounded

DESCRIPTOR = "datapackage.json"
URL = re.compile(r"https?://[^\s<>\"]{4,2000}")
READMES = ("README.md", "README.txt", "README")
MAX_TITLE, MAX_NAME, MAX_TEXT, MAX_KEYWORDS = 2000, 500, 50_000, 200


class DataPackageReader:
    """Version 1 and 2 of the standard, and packages as they are found, with fields of their own."""

    def reads(self, path: Path) -> bool:
        return path.name == DESCRIPTOR or (path / DESCRIPTOR).is_file()

    def read(self, path: Path) -> ImportItem:
        folder = path.parent if path.name == DESCRIPTOR else path
        package = _parsed(folder / DESCRIPTOR)
        name = _text(package.get("name")) or folder.name
        identity = _text(package.get("homepage")) or _text(package.get("id"))
        return ImportItem(
            source_key=f"datapackage:{identity}:{name}"[:500],
            metadata=_metadata(package, name),
            files=list(_files(folder, package)),
        )


def _parsed(descriptor: Path) -> dict[str, Any]:
    try:
        package = json.loads(read_bounded(descriptor))
    except (ValueError, RecursionError) as error:
        raise CannotImport(f"{DESCRIPTOR} is not JSON: {error}") from error
    if not isinstance(package, dict):
        raise CannotImport(f"{DESCRIPTOR} is not a JSON object")
    if not package.get("resources"):
        raise CannotImport(f"{DESCRIPTOR} names no resources")
    return package


def _files(folder: Path, package: Mapping[str, Any]) -> Iterator[ImportFile]:
    seen: set[str] = set()
    resources = package["resources"]
    if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
        raise CannotImport("resources is not a list of objects")
    for resource in resources:
        described = _description(resource)
        paths = resource.get("path")
        for path in paths if isinstance(paths, list) else [paths]:
            if not isinstance(path, str):
                label = _text(resource.get("name")) or "?"
                raise CannotImport(
                    f"resource {label} has no path; data inside the descriptor is not taken"
                )
            if path not in seen:
                seen.add(path)
                yield ImportFile(path, _resource_file(folder, path), described)
    yield ImportFile(DESCRIPTOR, folder / DESCRIPTOR)
    for name in READMES:
        if (folder / name).is_file() and name not in seen:
            yield ImportFile(name, _resource_file(folder, name))


def _resource_file(folder: Path, path: str) -> Path:
    if URL.match(path):
        raise CannotImport(f"resource {path} is an address; only files in the folder are taken")
    found = (folder / path).resolve()
    if not found.is_relative_to(folder.resolve()):
        raise CannotImport(f"resource {path} points outside the package's folder")
    if found.is_file():
        return found
    for mangled in (path.replace("/", "!"), path.replace("!", "/")):
        if mangled != path and (folder / mangled).is_file():
            raise CannotImport(
                f"resource {path} is not there, but {mangled} is: one of the names has a '!' "
                "where the other has a '/'; rename the file or mend the descriptor"
            )
    raise CannotImport(f"resource {path} is not there")


def _description(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as the file's variables; names of the standard, and units where they are told."""
    schema = resource.get("schema")
    fields = schema.get("fields", []) if isinstance(schema, dict) else []
    variables = [_variable(field) for field in fields if isinstance(field, dict)]
    title = _text(resource.get("title"))
    return ({"title": title} if title else {}) | ({"variables": variables} if variables else {})


def _variable(field: Mapping[str, Any]) -> dict[str, Any]:
    kept = {
        "name": _text(field.get("name")),
        "type": _text(field.get("type")),
        "label": _text(field.get("title")),
        "description": _text(field.get("description")),
        "unit": _text(field.get("unit")) or _display_unit(field.get("owidDisplaySettings")),
        "concept": _text(field.get("rdfType")),
    }
    return {key: value for key, value in kept.items() if value}


def _display_unit(settings: object) -> str:
    try:
        told = json.loads(settings) if isinstance(settings, str) else settings
    except ValueError:
        return ""
    return _text(told.get("unit")) if isinstance(told, dict) else ""


def _metadata(package: Mapping[str, Any], name: str) -> dict[str, Any]:
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
        "contributors": list(_source_contributors(sources)),
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
    authors = [
        _text(c.get("title")) or _text(c.get("name"))
        for c in _list(package.get("contributors"))
        if isinstance(c, dict) and _text(c.get("role") or "author") in ("author", "publisher")
    ]
    if not any(authors):
        authors = [_text(s.get("dataPublishedBy")) or _text(s.get("name")) for s in sources]
    names = list(dict.fromkeys(name[:MAX_NAME] for name in authors if name))
    return [{"person_or_org": {"type": "organizational", "name": name}} for name in names]


def _source_contributors(sources: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys(_text(source.get("name"))[:MAX_NAME] for source in sources):
        if name:
            organisation = {"type": "organizational", "name": name}
            yield {"person_or_org": organisation, "role": {"id": "datacollector"}}


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
