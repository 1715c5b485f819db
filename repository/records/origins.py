"""Where harvested records come from. A table of its own: few records have an origin elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base

MAX_IDENTIFIER = 500


class Origin(Base):
    """The item at another repository that a record repeats: its identifiers are that one's, and
    none is minted here. What is told of it follows the OAI-PMH provenance schema (Implementation
    Guidelines, section 2.5).

    `source` is the other repository's name for readers, `url` its landing page or empty, `said` the
    metadata it gave last, as published here: a field that differs from it was edited here.
    """

    __tablename__ = "record_origins"
    __table_args__ = (Index("ix_record_origins_item", "base_url", "identifier"),)

    record_id: Mapped[str] = mapped_column(
        ForeignKey("records.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(String(200))
    base_url: Mapped[str] = mapped_column(String(500))
    identifier: Mapped[str] = mapped_column(String(MAX_IDENTIFIER))
    datestamp: Mapped[str] = mapped_column(String(40))
    namespace: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(2100), default="")
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)
    harvested_at: Mapped[datetime]
