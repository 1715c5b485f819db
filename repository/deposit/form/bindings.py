"""Where in the JSON of a row the text of one field lies.

A binding reads the text out of the JSON, removes it (what is left is what the form does not
show, and is kept), writes it back, and knows which JSON pointers are its own. What cannot be
read as meant is written as it was typed: drafts hold what was typed, valid or not.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from repository.records.metadata.frequencies import as_subject, frequency_in

JSON = dict[str, Any]


class Binding(Protocol):
    def read(self, row: JSON) -> str:
        """The text as the form shows it; empty where there is none, or none it could show."""
        ...

    def remove(self, row: JSON) -> None:
        """Take out what `read` returned."""
        ...

    def write(self, row: JSON, text: str) -> None:
        """Put `text` in; nothing where it is empty."""
        ...

    def covers(self, pointer: str) -> bool:
        """Whether a problem at `pointer` (`a/b/0`, within the row) is this field's to show."""
        ...


def _touches(path: str, pointer: str) -> bool:
    return f"{pointer}/".startswith(f"{path}/") or f"{path}/".startswith(f"{pointer}/")


def _walk(row: JSON, parts: list[str]) -> JSON | None:
    node: Any = row
    for part in parts:
        node = node.get(part) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


@dataclass(frozen=True)
class At:
    """A string (or number) at a path such as `person_or_org/family_name`."""

    path: str

    def read(self, row: JSON) -> str:
        *parents, last = self.path.split("/")
        value = (_walk(row, parents) or {}).get(last)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return ""
        return str(value)

    def remove(self, row: JSON) -> None:
        if self.read(row):
            _delete(row, self.path.split("/"))

    def write(self, row: JSON, text: str) -> None:
        if text:
            *parents, last = self.path.split("/")
            node = row
            for part in parents:
                inner = node.get(part)
                if not isinstance(inner, dict):
                    inner = node[part] = {}
                node = inner
            node[last] = text

    def covers(self, pointer: str) -> bool:
        return _touches(self.path, pointer)


def _delete(node: JSON, parts: list[str]) -> None:
    """Delete a leaf, and the objects that are empty without it."""
    head, *rest = parts
    if rest:
        _delete(node[head], rest)
    if not rest or not node[head]:
        del node[head]


@dataclass(frozen=True)
class AtOr(At):
    """A string that stands for `otherwise` where it is missing."""

    otherwise: str = ""

    def read(self, row: JSON) -> str:
        return super().read(row) or self.otherwise

    def remove(self, row: JSON) -> None:
        if super().read(row):
            _delete(row, self.path.split("/"))


@dataclass(frozen=True)
class Flag:
    """A boolean: `yes` or `no` in words. Written also when it is not ticked."""

    path: str
    no: str = ""

    def read(self, row: JSON) -> str:
        *parents, last = self.path.split("/")
        return "yes" if (_walk(row, parents) or {}).get(last) is True else self.no

    def remove(self, row: JSON) -> None:
        *parents, last = self.path.split("/")
        node = _walk(row, parents)
        if node is not None and isinstance(node.get(last), bool):
            _delete(row, self.path.split("/"))

    def write(self, row: JSON, text: str) -> None:
        *parents, last = self.path.split("/")
        node = row
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = text not in ("", self.no)

    def covers(self, pointer: str) -> bool:
        return _touches(self.path, pointer)


@dataclass(frozen=True)
class Identifier:
    """The identifier of one scheme in a list of `{scheme, identifier}`."""

    path: str
    scheme: str

    def read(self, row: JSON) -> str:
        found = (item.get("identifier") for item in self._items(row) if self._mine(item))
        value = next(found, "")
        return value if isinstance(value, str) else ""

    def remove(self, row: JSON) -> None:
        items = self._items(row)
        mine = next((item for item in items if self._mine(item)), None)
        if mine is None:
            return
        items.remove(mine)
        if not items:
            _delete(row, self.path.split("/"))

    def write(self, row: JSON, text: str) -> None:
        if not text:
            return
        *parents, last = self.path.split("/")
        node = row
        for part in parents:
            node = node.setdefault(part, {})
        node.setdefault(last, []).append({"scheme": self.scheme, "identifier": text})

    def covers(self, pointer: str) -> bool:
        return _touches(self.path, pointer)

    def _mine(self, item: Any) -> bool:
        return isinstance(item, dict) and item.get("scheme") == self.scheme

    def _items(self, row: JSON) -> list[Any]:
        *parents, last = self.path.split("/")
        items = (_walk(row, parents) or {}).get(last)
        return items if isinstance(items, list) else []


def _person(row: JSON) -> JSON:
    return _walk(row, ["person_or_org"]) or {}


@dataclass(frozen=True)
class PartOfName:
    """`family_name` or `given_name`; half of "Family, Given" where only that is told."""

    part: str

    def read(self, row: JSON) -> str:
        person = _person(row)
        told = person.get(self.part)
        parts = person.get("family_name") or person.get("given_name")
        if person.get("type") == "personal" and isinstance(person.get("name"), str) and not parts:
            family, _comma, given = person["name"].partition(",")
            told = family if self.part == "family_name" else given.strip()
        return told if isinstance(told, str) else ""

    def remove(self, row: JSON) -> None:
        if isinstance(_person(row).get(self.part), str):
            _delete(row, ["person_or_org", self.part])

    def write(self, row: JSON, text: str) -> None:
        At(f"person_or_org/{self.part}").write(row, text)

    def covers(self, pointer: str) -> bool:
        whole = self.part == "family_name" and _touches("person_or_org/name", pointer)
        return whole or _touches(f"person_or_org/{self.part}", pointer)


@dataclass(frozen=True)
class WholeName:
    """`person_or_org.name` of an organisation, or of what is not known to be one.

    A person's name follows from its parts, so the one that stands there is never kept.
    """

    def read(self, row: JSON) -> str:
        person = _person(row)
        name = "" if person.get("type") == "personal" else person.get("name")
        return name if isinstance(name, str) else ""

    def remove(self, row: JSON) -> None:
        if isinstance(_person(row).get("name"), str):
            _delete(row, ["person_or_org", "name"])

    def write(self, row: JSON, text: str) -> None:
        At("person_or_org/name").write(row, text)

    def covers(self, pointer: str) -> bool:
        return _touches("person_or_org/name", pointer)


@dataclass(frozen=True)
class Coordinates:
    """A point as `21.03, 105.85` (latitude first, as maps say it), or two opposite corners of an
    area with a semicolon between; GeoJSON (RFC 7946, longitude first) in the metadata.
    """

    path: str = "geometry"

    def read(self, row: JSON) -> str:
        geometry = row.get(self.path)
        if isinstance(geometry, str):
            return geometry
        if not isinstance(geometry, dict):
            return ""
        return _point_text(geometry) or _box_text(geometry)

    def remove(self, row: JSON) -> None:
        if self.read(row):
            del row[self.path]

    def write(self, row: JSON, text: str) -> None:
        if text:
            row[self.path] = _geometry(text) or text

    def covers(self, pointer: str) -> bool:
        return _touches(self.path, pointer)


def _geometry(text: str) -> JSON | None:
    try:
        corners = [[float(part) for part in corner.split(",")] for corner in text.split(";")]
    except ValueError:
        return None
    if not 1 <= len(corners) <= 2 or any(len(corner) != 2 for corner in corners):
        return None
    if len(corners) == 1:
        return {"type": "Point", "coordinates": corners[0][::-1]}
    (south, west), (north, east) = sorted(corners)
    west, east = sorted((west, east))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    bounds = [west, south, east, north]
    return {"type": "Polygon", "bbox": bounds, "coordinates": [ring]}


@dataclass(frozen=True)
class Frequency:
    """How often the data are renewed: the code of the subject that says so. See
    `records.metadata.frequencies`.
    """

    path: str

    def read(self, row: JSON) -> str:
        return next(filter(None, map(self._code, self._items(row))), "")

    def remove(self, row: JSON) -> None:
        items = self._items(row)
        items[:] = [item for item in items if not self._code(item)]

    def write(self, row: JSON, text: str) -> None:
        if text:
            *parents, last = self.path.split("/")
            node = row
            for part in parents:
                node = node.setdefault(part, {})
            node.setdefault(last, []).append(as_subject(text))

    def covers(self, pointer: str) -> bool:
        return False  # the group of all subjects does

    def _items(self, row: JSON) -> list[Any]:
        *parents, last = self.path.split("/")
        items = (_walk(row, parents) or {}).get(last)
        return items if isinstance(items, list) else []

    @staticmethod
    def _code(item: Any) -> str:
        return frequency_in(item) if isinstance(item, dict) else ""


def _point_text(geometry: JSON) -> str:
    match geometry:
        case {"type": "Point", "coordinates": [int() | float() as east, int() | float() as north]}:
            return f"{north}, {east}"
    return ""


def _box_text(geometry: JSON) -> str:
    """Rectangles along the meridians; other polygons are kept but not shown as text."""
    try:
        (ring,) = geometry["coordinates"]
        east = sorted({float(position[0]) for position in ring})
        north = sorted({float(position[1]) for position in ring})
    except (KeyError, TypeError, ValueError, IndexError):
        return ""
    if geometry.get("type") != "Polygon" or len(ring) != 5 or len(east) != 2 or len(north) != 2:
        return ""
    return f"{north[0]}, {east[0]}; {north[1]}, {east[1]}"
