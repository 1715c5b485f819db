"""Why a table cannot be shown, in sentences for people."""

from typing import Any

from repository.core.errors import RepositoryError
from repository.core.messages import N_

MESSAGES = {
    "empty": N_("The file holds no table: it is empty."),
    "unreadable": N_("The file could not be read as a table; it may be damaged."),
    "long-line": N_("Line %(row)s is longer than %(limit)s bytes, more than a table's row may be."),
    "columns": N_("The table has %(columns)s columns; at most %(limit)s can be shown."),
    "unpacks-too-large": N_("The workbook unpacks to far more than its size; it is not opened."),
    "no-sheet": N_("The workbook has no such sheet; it has %(sheets)s."),
    "memory": N_("Reading the table takes more memory than is set aside for one table."),
    "time": N_("Reading the table takes longer than is set aside for one table."),
    "disk": N_("Reading the table takes more disk space than is set aside for one table."),
    "too-large": N_("Tables of more than %(limit)s bytes are not looked into; download the file."),
    "gone": N_("The file's bytes could not be read just now."),
}
# What may be otherwise when it is tried again; the rest stays as it is.
PASSING = frozenset({"gone"})


class TableRefused(RepositoryError):
    """A table that is not shown. `reason` is a key of MESSAGES."""

    status = 422
    code = "table-not-readable"
    title = N_("This table cannot be shown")

    def __init__(self, reason: str, **params: Any) -> None:
        self.reason = reason if reason in MESSAGES else "unreadable"
        super().__init__(MESSAGES[self.reason], **params)


class TableBusy(RepositoryError):
    status = 503
    code = "tables-busy"
    title = N_("Too many tables at once")
    message = N_("Other tables are being read just now. Try again in a few seconds.")


class TableUnprepared(RepositoryError):
    """A table that is large, and has been handed to a job to be read first."""

    status = 503
    code = "table-being-read"
    title = N_("The table is being read")
    message = N_("This table is large and is being read for the first time. Try again in a minute.")
