"""Single values in a draft's metadata by JSON Pointer (RFC 6901): read, set, compared, named."""

from typing import Any

from repository.core.errors import Conflict
from repository.core.messages import N_
from repository.deposit.form.schema import FORM

MAX_LEAVES = 400
GONE = N_("This field is not there any more.")
END = "-"
# What a reviewer may add in one text, and the shape that it takes in its list.
ADDITIONS = {"subjects": "subject", "rights": "id", "languages": "id"}
_LABELS = {
    **{part.name: part.label for part in FORM.fields},
    **{group.name: group.label for group in FORM.groups},
    "files": N_("Files"),
    "access": N_("Access"),
}
_PLAIN = {"title", "description", "subject", "id", "name", "date", "identifier"}


def _parts(pointer: str) -> list[str]:
    parts = pointer.removeprefix("/metadata/").split("/")
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _walk(value: Any, way: list[str]) -> Any:
    for part in way:
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value


def value_at(metadata: dict[str, Any], pointer: str) -> Any:
    """What stands in the metadata at `/metadata/…`; None where nothing does."""
    return _walk(metadata, _parts(pointer))


def put(metadata: dict[str, Any], pointer: str, value: Any) -> Any:
    """Set a value, or add it to a list at its end; what stood there. Raises Conflict."""
    *way, last = _parts(pointer)
    if last == END and len(way) == 1:
        metadata.setdefault(way[0], [])
    place = _walk(metadata, way)
    if last == END and isinstance(place, list):
        place.append(value)
        return None
    try:
        key: Any = int(last) if isinstance(place, list) else last
        before = place[key]
        place[key] = value
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Conflict(GONE) from error
    return before


def take_back(metadata: dict[str, Any], pointer: str, value: Any, before: Any) -> None:
    """Undo `put`. Raises Conflict when something else stands there by now."""
    *way, last = _parts(pointer)
    place = _walk(metadata, way)
    if last == END and isinstance(place, list) and value in place:
        place.remove(value)
    elif last != END and value_at(metadata, pointer) == value:
        put(metadata, pointer, before)
    else:
        raise Conflict(N_("The field was changed again since; edit it in the draft."))


def leaves(content: dict[str, Any], start: str = "/metadata") -> list[tuple[str, str]]:
    """Every text by its pointer: what one can speak about."""
    found: list[tuple[str, str]] = []

    def collect(value: Any, pointer: str) -> None:
        if isinstance(value, dict):
            for key, child in value.items():
                collect(child, f"{pointer}/{_escaped(key)}")
        elif isinstance(value, list):
            for index, child in enumerate(value):
                collect(child, f"{pointer}/{index}")
        elif isinstance(value, bool):
            found.append((pointer, str(value).lower()))
        elif isinstance(value, str) and value and len(found) < MAX_LEAVES:
            found.append((pointer, value))

    collect(content, start)
    return found


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Pointer, old and new text of every value that differs; empty where there is none."""
    old, new = dict(leaves(before, "")), dict(leaves(after, ""))
    pointers = dict.fromkeys((*old, *new))
    return [(p, old.get(p, ""), new.get(p, "")) for p in pointers if old.get(p) != new.get(p)]


def spoken(pointer: str) -> tuple[str, str]:
    """A msgid that names the field as the form does, and what tells it from its like: `Titles`,
    `2`; `Files`, `data/a.csv`.
    """
    first, *rest = _parts(pointer.removeprefix("/metadata").removeprefix("/")) if pointer else [""]
    if first == "files":
        return _LABELS["files"], "/".join(rest)
    shown = [str(int(part) + 1) if part.isdigit() else part for part in rest if part != END]
    if shown and shown[-1] in _PLAIN:
        shown.pop()
    return _LABELS.get(first, first), " › ".join(shown)


def as_text(value: Any) -> str:
    """A suggested value as people read it."""
    return value if isinstance(value, str) else ", ".join(text for _, text in leaves(value or {}))
