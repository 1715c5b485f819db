"""The condition that everything visitors find shares."""

from sqlalchemy import ColumnElement, func

from repository.records.models import State, Version


def standing() -> ColumnElement[bool]:
    """Published and not withdrawn, as a condition on `Version`.

    Put so that no database looks it up in the index on `state`, which nearly all rows share:
    SQLite, without statistics, would prefer that index to the one a query is about.
    """
    return func.coalesce(Version.state, "") == State.PUBLISHED.value
