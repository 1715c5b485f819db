"""OCFL 1.1 objects (https://ocfl.io/1.1/spec/), so that files outlive the program that kept them.

Whoever has the folder and the specification can read it: the object's newest inventory says which
file under `content/` has which name and SHA-256. Storage layout: the community extension
0003-hash-and-id-n-tuple-storage-layout. The digest algorithm is SHA-256, which section 3.2 allows
and which is known of every file already; SHA-512 would mean hashing everything twice.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.backup.targets import Source, Target
from storage.base import NotStored, StorageError

ROOT = "ocfl"
LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
INVENTORY, SIDECAR = "inventory.json", "inventory.json.sha256"
TUPLES, TUPLE_SIZE, LONGEST_NAME = 3, 3, 100


@dataclass(frozen=True)
class Entry:
    """One file of an object's state: how to read it, and what it must be."""

    path: str
    sha256: str
    source: Source


@dataclass(frozen=True)
class Revision:
    """What a version of an object says of itself (section 3.5.3)."""

    message: str
    created: datetime
    user: str
    address: str


def prepare_root(target: Target) -> None:
    """Declare the storage root; one that is there is left alone, but for its lock's days."""
    description = {
        "extension": LAYOUT,
        "description": "Objects below three levels of the digest of their id",
    }
    layout = {
        "extensionName": LAYOUT,
        "digestAlgorithm": "sha256",
        "tupleSize": TUPLE_SIZE,
        "numberOfTuples": TUPLES,
    }
    declared = {
        f"{ROOT}/0=ocfl_1.1": b"ocfl_1.1\n",
        f"{ROOT}/ocfl_layout.json": _json(description),
        f"{ROOT}/extensions/{LAYOUT}/config.json": _json(layout),
    }
    for key, data in declared.items():
        _put(target, key, data)
        target.renew(key)


def object_path(object_id: str) -> str:
    """The object's folder by layout 0003."""
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    name = "".join(
        c if (c.isalnum() and c.isascii()) or c in "-_" else _escaped(c) for c in object_id
    )
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}-{digest}"
    tuples = [digest[n * TUPLE_SIZE : (n + 1) * TUPLE_SIZE] for n in range(TUPLES)]
    return "/".join([ROOT, *tuples, name])


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02x}" for byte in character.encode())


def write_version(
    target: Target, object_id: str, entries: list[Entry], revision: Revision
) -> dict[str, str]:
    """Add a state to an object, or begin it; the key of each digest's file, by digest.

    Files that an earlier version holds are pointed at and not copied (section 3.5.2). The
    inventory is written after the files, the root's last, so that a run that was killed leaves
    an object as it was, and the next one goes on where it ended.
    """
    root = object_path(object_id)
    before = read_inventory(target, object_id)
    inventory = before or _first_inventory(object_id)
    head = f"v{len(inventory['versions']) + 1}"
    state: dict[str, list[str]] = {}
    for entry in entries:
        state.setdefault(entry.sha256, []).append(entry.path)
        if entry.sha256 not in inventory["manifest"]:
            place = f"{head}/content/{entry.path}"
            target.put(f"{root}/{place}", entry.source, sha256=entry.sha256)
            inventory["manifest"][entry.sha256] = [place]
    inventory["head"] = head
    inventory["versions"][head] = {
        "created": revision.created.isoformat(timespec="seconds"),
        "message": revision.message,
        "user": {"name": revision.user, "address": revision.address},
        "state": state,
    }
    data = _json(inventory)
    _write_inventory(target, f"{root}/{head}", data)
    _put(target, f"{root}/0=ocfl_object_1.1", b"ocfl_object_1.1\n")
    _write_inventory(target, root, data)
    return locations(object_id, inventory)


def locations(object_id: str, inventory: Mapping[str, Any]) -> dict[str, str]:
    """The key of each digest's file in the target."""
    root = object_path(object_id)
    return {digest: f"{root}/{paths[0]}" for digest, paths in inventory["manifest"].items()}


def head_message(inventory: Mapping[str, Any]) -> str:
    return str(inventory["versions"][inventory["head"]]["message"])


def read_inventory(target: Target, object_id: str) -> dict[str, Any] | None:
    """The object's inventory; None where it is not there.

    One that was damaged, or written when the run was killed, is put right from the copy that the
    newest version keeps. Raises StorageError when neither can be trusted.
    """
    root = object_path(object_id)
    data = _sound_inventory(target, root)
    if data is None:
        for number in range(_versions(target, root), 0, -1):
            if (data := _sound_inventory(target, f"{root}/v{number}")) is not None:
                _put(target, f"{root}/0=ocfl_object_1.1", b"ocfl_object_1.1\n")
                _write_inventory(target, root, data)
                break
    if data is None:
        if _exists(target, f"{root}/{INVENTORY}"):
            raise StorageError(f"the inventory of {object_id} is damaged, and so are its copies")
        return None
    inventory: dict[str, Any] = json.loads(data)
    return inventory


def _versions(target: Target, root: str) -> int:
    numbers = 0
    while _exists(target, f"{root}/v{numbers + 1}/{INVENTORY}"):
        numbers += 1
    return numbers


def _sound_inventory(target: Target, folder: str) -> bytes | None:
    try:
        data = b"".join(target.read(f"{folder}/{INVENTORY}"))
        sidecar = b"".join(target.read(f"{folder}/{SIDECAR}"))
    except NotStored:
        return None
    good = sidecar.split(maxsplit=1)[:1] == [hashlib.sha256(data).hexdigest().encode()]
    return data if good else None


def _write_inventory(target: Target, folder: str, data: bytes) -> None:
    target.replace(f"{folder}/{INVENTORY}", data)
    sidecar = f"{hashlib.sha256(data).hexdigest()} {INVENTORY}\n"
    target.replace(f"{folder}/{SIDECAR}", sidecar.encode())


def _first_inventory(object_id: str) -> dict[str, Any]:
    return {
        "id": object_id,
        "type": "https://ocfl.io/1.1/spec/#inventory",
        "digestAlgorithm": "sha256",
        "head": "v0",
        "manifest": {},
        "versions": {},
    }


def _exists(target: Target, key: str) -> bool:
    try:
        target.size(key)
    except NotStored:
        return False
    return True


def _put(target: Target, key: str, data: bytes) -> None:
    target.put(key, lambda: iter([data]), sha256=hashlib.sha256(data).hexdigest())


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
