"""Checking OCFL objects: their structure, and that every file is the one it should be.

A check of what this program writes, for use without anything installed; the outside validator
`ocfl-py` checks the whole specification.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from storage.backup.ocfl import INVENTORY, ROOT, SIDECAR, object_path
from storage.backup.targets import Target, hash_of
from storage.base import NotStored

DECLARATION = "0=ocfl_object_1.1"


def objects(target: Target) -> list[str]:
    """The folder of every object below the storage root."""
    ends = (f"/{DECLARATION}",)
    return sorted(key.rsplit("/", 1)[0] for key in target.keys(ROOT) if key.endswith(ends))


def problems(target: Target, folder: str, *, skip: str | None = None) -> Iterator[str]:
    """What is wrong with an object, a line each. Files whose logical place begins with `skip`
    are looked for, but not read, for callers who read them already.
    """
    try:
        inventory = _inventory(target, folder)
    except (NotStored, ValueError) as error:
        yield f"{folder}: {error}"
        return
    if object_path(str(inventory["id"])) != folder:
        yield f"{folder}: not where layout 0003 puts {inventory['id']}"
    versions = [f"v{number}" for number in range(1, len(inventory["versions"]) + 1)]
    if sorted(versions) != sorted(inventory["versions"]) or inventory["head"] != versions[-1]:
        yield f"{folder}: versions are not v1 to {inventory['head']}"
        return
    yield from _states(folder, inventory)
    yield from _files(target, folder, inventory, skip)
    for version in versions:
        try:
            told = _inventory(target, f"{folder}/{version}")
        except (NotStored, ValueError) as error:
            yield f"{folder}/{version}: {error}"
            continue
        if told["head"] != version or (version == versions[-1] and told != inventory):
            yield f"{folder}/{version}: its inventory is of another version"


def _inventory(target: Target, folder: str) -> dict[str, Any]:
    data = b"".join(target.read(f"{folder}/{INVENTORY}"))
    sidecar = b"".join(target.read(f"{folder}/{SIDECAR}"))
    if sidecar.split()[:1] != [hashlib.sha256(data).hexdigest().encode()]:
        raise ValueError("the inventory's digest is not that of its sidecar")
    inventory: dict[str, Any] = json.loads(data)
    return inventory


def _states(folder: str, inventory: dict[str, Any]) -> Iterator[str]:
    for name, version in inventory["versions"].items():
        for digest in version["state"]:
            if digest not in inventory["manifest"]:
                yield f"{folder}: {name} names {digest}, which the manifest lacks"


def _files(
    target: Target, folder: str, inventory: dict[str, Any], skip: str | None
) -> Iterator[str]:
    named = {path: digest for digest, paths in inventory["manifest"].items() for path in paths}
    for key in target.keys(folder):
        path = key.removeprefix(f"{folder}/")
        if "/content/" in path and path not in named:
            yield f"{key}: no inventory names it"
    for path, digest in named.items():
        try:
            if skip is not None and path.split("/content/", 1)[1].startswith(skip):
                target.size(f"{folder}/{path}")
            elif (found := hash_of(target.read(f"{folder}/{path}")).sha256) != digest:
                yield f"{folder}/{path}: reads as {found}"
        except NotStored:
            yield f"{folder}/{path}: missing"
