"""What is wrong with the structure of a table, in sentences that name the row and the column."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from repository.core.messages import N_

MESSAGES = {
    "short-row": N_(
        "Line %(row)s has fewer cells than there are columns; the last ones count as empty: "
        "%(text)s"
    ),
    "long-row": N_("Line %(row)s has more cells than there are columns, and is left out: %(text)s"),
    "odd-row": N_("Line %(row)s cannot be divided into cells, and is left out: %(text)s"),
    "mixed-type": N_(
        "Row %(row)s of the column %(column)s holds “%(text)s” where other values are of type "
        "%(type)s."
    ),
    "bad-encoding": N_("Line %(row)s holds bytes that are no UTF-8 text."),
    "no-header": N_("The first line does not name the columns."),
    "unnamed-column": N_("Column %(column)s has no name in the first line."),
    "repeated-column": N_("The name %(column)s stands over more than one column."),
}
PLACES = ("row", "column", "text", "type")


@dataclass(frozen=True)
class Fault:
    """`count` is how often this kind was found, where not all of them are named."""

    code: str
    message: str
    params: dict[str, Any]
    count: int


def faults(told: Iterable[dict[str, Any]], limit: int = 50) -> list[Fault]:
    """From what the reader found; kinds that it has no words for are left out."""
    made: list[Fault] = []
    for each in told:
        if each["code"] in MESSAGES and len(made) < limit:
            params = {name: each.get(name, "") for name in PLACES}
            made.append(Fault(each["code"], MESSAGES[each["code"]], params, each.get("count", 1)))
    return made
