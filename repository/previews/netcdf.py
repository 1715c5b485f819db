"""The header of NetCDF classic files (CDF-1, CDF-2, CDF-5): dimensions, variables, attributes.

After "NetCDF Classic Format Specification" of Unidata. Written in Python alone, so that a
hostile header can at worst be refused. NetCDF-4 is HDF5 and shown by `hdf`.
"""

import struct
from typing import Any

from repository.previews.base import NOT_WHAT_IT_SAYS, CannotShow, Preview, Source

HEADER = 1 << 20
MAX_ITEMS = 5000
MAX_VALUES = 20
DIMENSIONS, VARIABLES, ATTRIBUTES = 10, 11, 12
# nc_type: struct's letter and how people call it
TYPES = {
    1: ("b", "byte"), 2: ("c", "char"), 3: ("h", "short"), 4: ("i", "int"), 5: ("f", "float"),
    6: ("d", "double"), 7: ("B", "ubyte"), 8: ("H", "ushort"), 9: ("I", "uint"),
    10: ("q", "int64"), 11: ("Q", "uint64"),
}  # fmt: skip
Json = dict[str, Any]


class NetCdf:
    name = "structure"

    def knows(self, source: Source) -> bool:
        return source.ending in ("nc", "nc3", "cdf", "netcdf") and not source.member

    def show(self, source: Source) -> Preview:
        head = source.head(HEADER)
        if head.startswith(b"\x89HDF"):
            from repository.previews.hdf import Hdf

            return Hdf().show(source)
        try:
            return Preview("structure", _Reader(head).structure())
        except (struct.error, IndexError, KeyError, UnicodeDecodeError, ValueError) as error:
            raise CannotShow(NOT_WHAT_IT_SAYS) from error


class _Reader:
    def __init__(self, head: bytes) -> None:
        if head[:3] != b"CDF" or head[3] not in (1, 2, 5):
            raise ValueError("no NetCDF classic file")
        self._head = head
        self._at = 4
        self._wide = head[3] == 5
        self._offset = ">i" if head[3] == 1 else ">q"

    def structure(self) -> Json:
        records = self._count()
        dimensions = [(self._name(), self._count()) for _ in range(self._list(DIMENSIONS))]
        attributes = self._attributes()
        variables = [self._variable(dimensions, records) for _ in range(self._list(VARIABLES))]
        return {
            "format": "NetCDF classic",
            "groups": [{"path": "/", "attributes": attributes, "variables": variables}],
        }

    def _variable(self, dimensions: list[tuple[str, int]], records: int) -> Json:
        name = self._name()
        ids = [self._count() for _ in range(self._checked(self._count()))]
        attributes = self._attributes()
        kind = TYPES[self._number(">i")][1]
        self._count()  # vsize
        self._number(self._offset)  # where it begins
        shape = [(dimensions[each][0], dimensions[each][1] or records) for each in ids]
        return {
            "name": name,
            "type": kind,
            "shape": " × ".join(f"{label} {length}" for label, length in shape),
            "attributes": attributes,
        }

    def _attributes(self) -> list[Json]:
        return [self._attribute() for _ in range(self._list(ATTRIBUTES))]

    def _attribute(self) -> Json:
        name = self._name()
        letter, _label = TYPES[self._number(">i")]
        count = self._count()
        size = struct.calcsize(f">{letter}") * count
        content = self._bytes(size)
        if letter == "c":
            value = content.decode("utf-8", "replace").rstrip("\0")[:500]
        else:
            shown = struct.unpack_from(f">{min(count, MAX_VALUES)}{letter}", content)
            value = ", ".join(f"{each:g}" for each in shown) + (" …" * (count > MAX_VALUES))
        return {"name": name, "value": value}

    def _list(self, tag: int) -> int:
        """How many elements a list has; ABSENT is two zeros."""
        found, count = self._number(">i"), self._count()
        if found not in (0, tag) or (found == 0 and count):
            raise ValueError("not a list of the kind that stands here")
        return self._checked(count)

    def _checked(self, count: int) -> int:
        if not 0 <= count <= MAX_ITEMS:
            raise ValueError("more than is shown")
        return count

    def _count(self) -> int:
        return self._number(">q" if self._wide else ">i")

    def _number(self, layout: str) -> int:
        (value,) = struct.unpack_from(layout, self._head, self._at)
        self._at += struct.calcsize(layout)
        return int(value)

    def _name(self) -> str:
        return self._bytes(self._count()).decode("utf-8")[:256]

    def _bytes(self, length: int) -> bytes:
        """`length` bytes, which are padded to a multiple of four."""
        if not 0 <= length <= len(self._head) - self._at:
            raise ValueError("longer than the header")
        content = self._head[self._at : self._at + length]
        self._at += -(-length // 4) * 4
        return content
