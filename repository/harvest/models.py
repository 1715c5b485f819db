"""Sources, what each run did, and what is known of each item."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repository.core.db import Base
from repository.records.collections import Collection
from repository.records.origins import MAX_IDENTIFIER


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ItemState(StrEnum):
    """What became of an item."""

    TAKEN = "taken"
    WAITING = "waiting"  # somebody here has an edit of it open
    REFUSED = "refused"
    DECLINED = "declined"  # somebody here threw its draft away: it does not come back
    GONE = "gone"  # its source deleted it
    MISSING = "missing"  # a whole list of its source was without it


class HarvestSource(Base):
    """Another repository. Its records belong to `owner_id`, go into the collection, and are shown
    to its curators first where `review` is set.

    `prefix` is empty where the best format is to be chosen. Everything that changed there before
    `synced_to` (of its own clock) is here. `every_hours` 0 is: only when somebody asks.
    """

    __tablename__ = "harvest_sources"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(500))
    prefix: Mapped[str] = mapped_column(String(100), default="")
    set_spec: Mapped[str] = mapped_column(String(255), default="")
    collection_id: Mapped[int | None] = mapped_column(
        ForeignKey("collections.id", ondelete="SET NULL")
    )
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    review: Mapped[bool] = mapped_column(default=False)
    every_hours: Mapped[int] = mapped_column(default=24)
    enabled: Mapped[bool] = mapped_column(default=True)
    synced_to: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]

    collection: Mapped[Collection | None] = relationship()


class HarvestRun(Base):
    """One harvest. While it runs, `token` is where it goes on after a crash, `attempts` how often
    in a row the source did not answer, `idle` how many pages in a row brought nothing new.

    `said_at` is the source's clock when it began, `seen_at` ours when it last came further; `size`
    what the source says the list has. `problem` is an English msgid.
    """

    __tablename__ = "harvest_runs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    source_id: Mapped[int] = mapped_column(
        ForeignKey("harvest_sources.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(10), default=RunState.RUNNING.value)
    whole: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime | None]
    prefix: Mapped[str] = mapped_column(String(100), default="")
    by_day: Mapped[bool] = mapped_column(default=False)
    token: Mapped[str] = mapped_column(Text, default="")
    said_at: Mapped[datetime | None]
    pages: Mapped[int] = mapped_column(default=0)
    idle: Mapped[int] = mapped_column(default=0)
    restarts: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None]
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    deleted: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    @property
    def handled(self) -> int:
        return self.created + self.updated + self.unchanged + self.deleted + self.refused


class HarvestedItem(Base):
    """An item of a source. `run_id` is the last run that saw it, `fingerprint` the SHA-256 of what
    it was then, `waiting` that itself while it cannot be taken; `problem` an English msgid.
    """

    __tablename__ = "harvested_items"
    __table_args__ = (
        UniqueConstraint("source_id", "identifier"),
        Index("ix_harvested_items_state", "source_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    source_id: Mapped[int] = mapped_column(ForeignKey("harvest_sources.id", ondelete="CASCADE"))
    identifier: Mapped[str] = mapped_column(String(MAX_IDENTIFIER))
    version_id: Mapped[str | None] = mapped_column(
        ForeignKey("versions.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[str] = mapped_column(String(10))
    datestamp: Mapped[str] = mapped_column(String(40), default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    waiting: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    run_id: Mapped[int] = mapped_column(Integer, default=0)
    at: Mapped[datetime]
