"""Frictionless data packages: a folder with `datapackage.json` (specs.frictionlessdata.io)."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from repository.deposit.importing.base import CannotImport, ImportFile, ImportItem, read_bounded
from repository.formats.reading.base import URL
from repository.formats.reading.data_package import metadata_of

DESCRIPTOR = "datapackage.json"
READMES = ("README.md", "README.txt", "README")


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
            metadata=metadata_of(package, name),
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


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""
