"""Adding, removing and moving rows without a script: the buttons of a form send `what:where`."""

from collections.abc import Callable

from repository.deposit.form.rows import Group, Row, new_row

MAX_ROWS = 1000


def change(form: Row, shape: Group, action: str) -> str | None:
    """Do what a button says, such as `add:creators/0/affiliations` or `up:creators/2`.

    Returns the name of the row or group to show next; None for anything that is no such button.
    """
    what, _, where = action.partition(":")
    parts = where.split("/")
    if what == "add":
        return _add(form, shape, parts)
    if what in MOVES and len(parts) >= 2:
        *around, group_name, key = parts
        row, inner = _descend(form, shape, around)
        rows = row.groups.get(group_name) if row and inner else None
        index = next((i for i, r in enumerate(rows or ()) if r.key == key), None)
        if rows is None or index is None:
            return None
        return "/".join([*around, group_name, *MOVES[what](rows, index)])
    return None


def _add(form: Row, shape: Group, parts: list[str]) -> str | None:
    *around, group_name = parts
    row, inner = _descend(form, shape, around)
    group = next((g for g in inner.groups if g.name == group_name), None) if inner else None
    if row is None or group is None:
        return None
    rows = row.groups.setdefault(group_name, [])
    if len(rows) < MAX_ROWS:
        rows.append(new_row(group, str(max((int(r.key) for r in rows), default=-1) + 1)))
    return "/".join([*parts, rows[-1].key])


def row_at(form: Row, shape: Group, name: str) -> tuple[Row | None, Group | None]:
    """The row called `name`, such as `creators/0/affiliations/2`, and its shape."""
    return _descend(form, shape, name.split("/"))


def _descend(form: Row, shape: Group, path: list[str]) -> tuple[Row | None, Group | None]:
    """The row that `creators/0` names, and its shape."""
    row: Row | None = form
    group: Group | None = shape
    for name, key in zip(path[::2], path[1::2], strict=False):
        group = next((g for g in group.groups if g.name == name), None) if group else None
        rows = row.groups.get(name, []) if row else []
        row = next((r for r in rows if r.key == key), None)
    return row, group


def _remove(rows: list[Row], index: int) -> list[str]:
    del rows[index]
    return [rows[min(index, len(rows) - 1)].key] if rows else []


def _up(rows: list[Row], index: int) -> list[str]:
    return _swap(rows, index, max(index - 1, 0))


def _down(rows: list[Row], index: int) -> list[str]:
    return _swap(rows, index, min(index + 1, len(rows) - 1))


def _swap(rows: list[Row], index: int, other: int) -> list[str]:
    rows[index], rows[other] = rows[other], rows[index]
    return [rows[other].key]


MOVES: dict[str, Callable[[list[Row], int], list[str]]] = {
    "remove": _remove,
    "up": _up,
    "down": _down,
}
