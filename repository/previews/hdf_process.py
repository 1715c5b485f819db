"""Run as a program: prints an HDF5 file's groups, datasets and attributes as JSON.

Stands alone, imports nothing of the repository, and limits itself before it reads.
"""

import json
import resource
import sys
from typing import Any

import h5py

MAX_NODES = 500
MAX_ATTRIBUTES = 40
MAX_TEXT = 300
MEMORY = 2 << 30
CPU_SECONDS = 10
Json = dict[str, Any]


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def attributes_of(item: Any) -> list[Json]:
    found = []
    for name in list(item.attrs)[:MAX_ATTRIBUTES]:
        if name in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid"):
            continue
        try:
            shape = item.attrs.get_id(name).shape
            size = 1
            for length in shape:
                size *= length
            value = f"({size} values)" if size > 20 else item.attrs[name]
        except (OSError, KeyError, TypeError, ValueError):
            continue
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        found.append({"name": name[:MAX_TEXT], "value": str(value)[:MAX_TEXT]})
    return found


def dataset(name: str, item: Any) -> Json:
    shape = "scalar" if item.shape == () else " × ".join(str(each) for each in item.shape or ())
    kind = "string" if h5py.check_string_dtype(item.dtype) else str(item.dtype)
    return {
        "name": name[:MAX_TEXT],
        "type": kind[:MAX_TEXT],
        "shape": shape,
        "attributes": attributes_of(item),
    }


def structure(path: str) -> Json:
    groups: list[Json] = []
    waiting: list[str] = ["/"]
    seen: set[Any] = set()
    left = MAX_NODES
    with h5py.File(path, "r") as file:
        while waiting and left > 0:
            where = waiting.pop(0)
            group = file[where]
            mark = h5py.h5o.get_info(group.id)
            if (mark.fileno, mark.addr) in seen:
                continue
            seen.add((mark.fileno, mark.addr))
            shown: Json = {"path": where[:MAX_TEXT], "variables": []}
            shown["attributes"] = attributes_of(group)
            groups.append(shown)
            for name in group:
                left -= 1
                if left <= 0:
                    break
                # Links out of the file are never followed.
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    continue
                item = group.get(name)
                if isinstance(item, h5py.Group):
                    waiting.append(f"{where.rstrip('/')}/{name}")
                elif isinstance(item, h5py.Dataset):
                    shown["variables"].append(dataset(name, item))
        kind = "NetCDF-4" if "_NCProperties" in file.attrs else "HDF5"
    return {"format": kind, "groups": groups, "is_cut": left <= 0 or bool(waiting)}


if __name__ == "__main__":
    limit()
    json.dump(structure(sys.argv[1]), sys.stdout)
