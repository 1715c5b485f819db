"""What is typed into a form with repeated groups, and the ways between it and JSON.

An input's name is a path: `creators/0/affiliations/2/name`. The numbers only tell rows apart;
their order is that of the inputs in the page, so a script may add, remove and move rows without
renaming any. What the form does not show of a row travels with it in a hidden input, so that
editing here loses nothing that came through the API or an import.
"""

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_
from repository.deposit.form.bindings import At, Binding

JSON = dict[str, Any]
REST = "_rest"
MAX_DEPTH = 8
MAX_INPUTS = 20_000


@dataclass(frozen=True)
class Field:
    """One input. `name` is its key in the row; `at` says where its text lies in the row's JSON.

    `weak` inputs (a language, a type) do not by themselves make a row worth keeping. `when` names
    another input of the row and the values of it with which this one is shown. `suggests` is the
    kind of list whose terms are offered.
    """

    name: str
    label: str
    at: Binding
    kind: str = "text"
    help: str = ""
    choices: str = ""
    default: str = ""
    placeholder: str = ""
    weak: bool = False
    when: tuple[str, tuple[str, ...]] | None = None
    suggests: str = ""


def text(name: str, label: str, path: str = "", **options: Any) -> Field:
    """A field whose text lies at `path`, by default at its name."""
    return Field(name, label, At(path or name), **options)


@dataclass(frozen=True)
class Group:
    """Fields that repeat. `path` is where the list of rows lies in the JSON around it.

    `begins` are rows that are offered, empty, while none has the same values: a title in each
    language side by side. `tidy` prepares the JSON of a row for being shown.
    """

    name: str
    label: str
    path: str
    fields: tuple[Field, ...] = ()
    groups: "tuple[Group, ...]" = ()
    one: str = ""
    help: str = ""
    begins: tuple[dict[str, str], ...] = ({},)
    layout: str = "rows"
    tidy: Callable[[JSON], JSON] = dict


@dataclass
class Row:
    """What is typed in one row, or in the whole form. `key` tells it apart in its group.

    `rest` is what the row's JSON holds beyond the fields of the form.
    """

    key: str = ""
    values: dict[str, str] = field(default_factory=dict)
    groups: "dict[str, list[Row]]" = field(default_factory=dict)
    rest: JSON = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def is_shown(part: Field, row: Row) -> bool:
    return part.when is None or row.get(part.when[0]) in part.when[1]


def is_blank(row: Row, shape: Group) -> bool:
    """Whether nothing in the row is worth keeping: empty, or chosen in `weak` inputs only."""
    return (
        not row.rest
        and all(f.weak or not row.get(f.name) for f in shape.fields)
        and all(is_blank(inner, g) for g in shape.groups for inner in row.groups.get(g.name, ()))
    )


def encode(content: JSON, shape: Group, key: str = "") -> Row:
    """JSON as the form shows it, with the empty rows that each group begins with."""
    rest = copy.deepcopy(content)
    row = Row(key)
    for part in shape.fields:
        row.values[part.name] = part.at.read(rest)
    for part in shape.fields:
        part.at.remove(rest)
    for group in shape.groups:
        items = _take(rest, group.path.split("/"))
        inner = [encode(group.tidy(item), group, str(index)) for index, item in enumerate(items)]
        row.groups[group.name] = inner + _beginnings(inner, group)
    row.rest = rest
    return row


def _take(content: JSON, path: list[str]) -> list[JSON]:
    """Take the rows out of the JSON around them; what is no list of objects stays there."""
    *parents, last = path
    node: Any = content
    for part in parents:
        node = node.get(part) if isinstance(node, dict) else None
    items = node.get(last) if isinstance(node, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return []
    del node[last]
    return items


def _beginnings(rows: list[Row], group: Group) -> list[Row]:
    missing = [
        values
        for values in group.begins
        if not any(all(row.get(n) == v for n, v in values.items()) for row in rows)
    ]
    return [new_row(group, str(len(rows) + i), values) for i, values in enumerate(missing)]


def new_row(group: Group, key: str, values: dict[str, str] | None = None) -> Row:
    """An empty row with its defaults."""
    defaults = {part.name: part.default for part in group.fields}
    inner = {g.name: _beginnings([], g) for g in group.groups}
    return Row(key, {**defaults, **(values or {})}, inner)


def decode(row: Row, shape: Group) -> JSON:
    """What is typed as JSON, over what the form does not show. Empty rows are left out."""
    content = copy.deepcopy(row.rest)
    for group in shape.groups:
        items = [decode(inner, group) for inner in kept(row, group)]
        if items:
            _put(content, group.path.split("/"), items)
    for part in shape.fields:
        part.at.write(content, row.get(part.name))
    return content


def kept(row: Row, group: Group) -> list[Row]:
    """The rows of a group that are in the JSON, in the JSON's order."""
    return [inner for inner in row.groups.get(group.name, ()) if not is_blank(inner, group)]


def _put(content: JSON, path: list[str], items: list[JSON]) -> None:
    *parents, last = path
    node = content
    for part in parents:
        inner = node.get(part)
        if not isinstance(inner, dict):
            inner = node[part] = {}
        node = inner
    node[last] = items


def parse(pairs: Iterable[tuple[str, str]], shape: Group) -> Row:
    """The names and values of the inputs, in the page's order, as rows. Unknown names are ignored.

    Raises ValidationFailed when there are more than a person could have typed.
    """
    tree: JSON = {}
    for count, (name, value) in enumerate(pairs):
        parts = name.split("/")
        if count >= MAX_INPUTS or len(parts) > MAX_DEPTH:
            raise ValidationFailed(errors=[FieldError("/", N_("The form is too large."))])
        node = tree
        for part in parts[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                break
        else:
            node[parts[-1]] = value
    return _row(tree, shape, "")


def _row(tree: JSON, shape: Group, key: str) -> Row:
    row = Row(key)
    for part in shape.fields:
        typed = tree.get(part.name, "")
        row.values[part.name] = _clean(typed) if isinstance(typed, str) else ""
    for group in shape.groups:
        inner = tree.get(group.name)
        rows = inner.items() if isinstance(inner, dict) else ()
        row.groups[group.name] = [
            _row(node, group, name)
            for name, node in rows
            if isinstance(node, dict) and name.isascii() and name.isdigit()
        ]
    row.rest = _rest(tree.get(REST))
    return row


def _clean(typed: str) -> str:
    """Browsers send line ends as CRLF; a NUL cannot be stored in PostgreSQL's JSON."""
    return typed.replace("\r\n", "\n").replace("\0", "").strip()


def _rest(typed: object) -> JSON:
    try:
        rest = json.loads(typed) if isinstance(typed, str) and "\\u0000" not in typed else {}
    except ValueError:
        return {}
    return rest if isinstance(rest, dict) else {}


def name_of(pointer: str, row: Row, shape: Group) -> str:
    """The name of the input, or of the group, that a JSON pointer into the decoded JSON means."""
    return _locate(pointer.strip("/"), row, shape).strip("/")


def _locate(pointer: str, row: Row, shape: Group, prefix: str = "") -> str:
    for group in shape.groups:
        if f"{pointer}/".startswith(f"{group.path}/"):
            inside = pointer[len(group.path) + 1 :]
            index, _, deeper = inside.partition("/")
            rows = kept(row, group)
            if not index.isdigit() or int(index) >= len(rows):
                return f"{prefix}{group.name}"
            found = rows[int(index)]
            return _locate(deeper, found, group, f"{prefix}{group.name}/{found.key}/")
    candidates = [p for p in shape.fields if p.at.covers(pointer) and is_shown(p, row)]
    best = [part for part in candidates if row.get(part.name)] or candidates
    return f"{prefix}{best[0].name}" if best else prefix
