"""The closed language in which rows are asked for: columns, operators, values, nothing else."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_

OPERATORS = {
    "eq": N_("is"),
    "ne": N_("is not"),
    "lt": N_("is less than"),
    "le": N_("is at most"),
    "gt": N_("is more than"),
    "ge": N_("is at least"),
    "contains": N_("contains"),
    "starts": N_("begins with"),
    "empty": N_("is empty"),
    "filled": N_("is filled in"),
}
WITHOUT_VALUE = frozenset(("empty", "filled"))
AS_TEXT = frozenset(("contains", "starts"))
MAX_FILTERS = 10
MAX_VALUE = 500
MAX_ROWS = 1000
MAX_EXPORT = 1_000_000
MAX_OFFSET = 1_000_000


@dataclass(frozen=True)
class Filter:
    column: str
    operator: str
    value: str = ""


@dataclass(frozen=True)
class Query:
    """What to show of a table. `sort` is a column, with a minus before it for descending."""

    filters: tuple[Filter, ...] = ()
    sort: str = ""
    columns: tuple[str, ...] = ()
    limit: int = 100
    offset: int = 0
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def sort_column(self) -> str:
        return self.sort.removeprefix("-") if self.sort not in self.types else self.sort

    @property
    def descending(self) -> bool:
        return bool(self.sort) and self.sort not in self.types


def parse(
    arguments: Mapping[str, Sequence[str]], types: Mapping[str, str], *, limit: int, most: int
) -> Query:
    """From repeated `column`, `op`, `value` (one of each for every filter), `sort`, `show`,
    `limit` and `offset`; `types` are the table's columns. Raises ValidationFailed.
    """
    errors: list[FieldError] = []
    filters = _filters(arguments, types, errors)
    sort = next(iter(arguments.get("sort", ())), "")
    if sort and sort not in types and (sort[0] != "-" or sort[1:] not in types):
        errors.append(_unknown("/sort", sort))
    shown = tuple(dict.fromkeys(each for each in arguments.get("show", ()) if each))
    errors += [_unknown("/show", each) for each in shown if each not in types]
    limit = _number(arguments, "limit", limit, 0, most, errors)
    offset = _number(arguments, "offset", 0, 0, MAX_OFFSET, errors)
    if errors:
        raise ValidationFailed(errors=errors)
    return Query(filters, sort, shown or tuple(types), limit, offset, types)


def _filters(
    arguments: Mapping[str, Sequence[str]], types: Mapping[str, str], errors: list[FieldError]
) -> tuple[Filter, ...]:
    names, operators = arguments.get("column", ()), arguments.get("op", ())
    values = arguments.get("value", ())
    if len(names) > MAX_FILTERS:
        message = N_("At most %(limit)s filters at once.")
        errors.append(FieldError("/column", message, {"limit": MAX_FILTERS}))
        return ()
    made = []
    for at, column in enumerate(names):
        operator = operators[at] if at < len(operators) else "eq"
        value = values[at] if at < len(values) else ""
        if not column or (not value and operator not in WITHOUT_VALUE):
            continue  # a row of the form that was left empty
        problem = _problem(at, column, operator, value, types)
        if problem:
            errors.append(problem)
        else:
            made.append(Filter(column, operator, value))
    return tuple(made)


def _problem(
    at: int, column: str, operator: str, value: str, types: Mapping[str, str]
) -> FieldError | None:
    if column not in types:
        return _unknown(f"/column/{at}", column)
    if operator not in OPERATORS:
        known = {"known": ", ".join(OPERATORS)}
        return FieldError(f"/op/{at}", N_("Choose one of: %(known)s."), known)
    if len(value) > MAX_VALUE or "\0" in value:
        return FieldError(f"/value/{at}", N_("This value is not understood."))
    if operator in WITHOUT_VALUE or operator in AS_TEXT or _fits(value, types[column]):
        return None
    message = N_("The column %(column)s holds values of type %(type)s; this is none.")
    return FieldError(f"/value/{at}", message, {"column": column, "type": types[column]})


def _fits(value: str, word: str) -> bool:
    try:
        if word in ("integer", "number"):
            return math.isfinite(float(value)) and "_" not in value
        if word == "date":
            return bool(date.fromisoformat(value))
        if word == "datetime":
            return bool(datetime.fromisoformat(value))
    except ValueError:
        return False
    return word != "boolean" or value in ("true", "false")


def _unknown(pointer: str, column: str) -> FieldError:
    return FieldError(pointer, N_("The table has no column %(column)s."), {"column": column[:100]})


def _number(
    arguments: Mapping[str, Sequence[str]],
    name: str,
    default: int,
    least: int,
    most: int,
    errors: list[FieldError],
) -> int:
    text = next(iter(arguments.get(name, ())), "")
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    message = N_("Must be a whole number from %(least)s to %(most)s.")
    errors.append(FieldError(f"/{name}", message, {"least": least, "most": most}))
    return default
