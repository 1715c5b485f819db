"""Alembic's entry: runs migrations over the connection that `repository.migrate` hands in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from repository.core.capabilities import import_each
from repository.core.db import Base, UTCDateTime
from repository.core.feed import Change  # noqa: F401 - with the outbox, the tables of the core


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types by name into new migrations."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "UTCDateTime()"
    if kind == "type" and isinstance(item, JSON):
        return "JSONType"
    return False


list(import_each("models"))
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
