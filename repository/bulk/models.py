"""A bulk edit, and each record in it: the ledger of what was done to many records at once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class State(StrEnum):
    """Where a bulk edit stands. Nothing changes in records before `running`."""

    PREPARING = "preparing"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"


class ItemState(StrEnum):
    """What became, or would become, of one record."""

    WAITING = "waiting"  # not looked at yet
    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"  # not there, not theirs to edit, or would not be valid
    DONE = "done"
    CONFLICT = "conflict"  # edited by someone since it was looked at
    UNDONE = "undone"
    KEPT = "kept"  # not undone: edited since


class BulkEdit(Base):
    """What was asked for. `selection` says how the records were chosen, `actions` what to do; of
    a table that was uploaded the rows are with the items. `counts` are items by state.
    """

    __tablename__ = "bulk_edits"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default=State.PREPARING.value)
    selection: Mapped[dict[str, Any]]
    actions: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_by: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class BulkItem(Base):
    """One record in a bulk edit, as it was named (`given`) and as it was found.

    `base_revision` is the one that was looked at, `new_revision` the one that was made; `row` the
    cells of a table; `said` a message with its params; `placed` the collections it was put into
    (`added`) and taken out of (`removed`).
    """

    __tablename__ = "bulk_items"
    __table_args__ = (Index("ix_bulk_items_state", "bulk_id", "state", "id"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    bulk_id: Mapped[str] = mapped_column(ForeignKey("bulk_edits.id", ondelete="CASCADE"))
    given: Mapped[str] = mapped_column(String(300))
    version_id: Mapped[str | None] = mapped_column(String(16), index=True)
    state: Mapped[str] = mapped_column(String(10), default=ItemState.WAITING.value)
    base_revision: Mapped[int] = mapped_column(default=0)
    new_revision: Mapped[int] = mapped_column(default=0)
    row: Mapped[dict[str, Any]] = mapped_column(default=dict)
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)
    placed: Mapped[dict[str, Any]] = mapped_column(default=dict)
