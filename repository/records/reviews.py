"""Drafts submitted to collections, and what is said of them.

Here, at the ground, because the access rule lets a collection's curators see what was submitted.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repository.core.db import Base
from repository.records.collections import Collection


class ReviewStatus(StrEnum):
    CREATED = "created"  # a collection was chosen; nobody was asked yet
    SUBMITTED = "submitted"  # the curators' turn
    CHANGES = "changes"  # the depositor's turn
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


UNDER_REVIEW = (ReviewStatus.SUBMITTED.value, ReviewStatus.CHANGES.value)
STANDING = (ReviewStatus.CREATED.value, *UNDER_REVIEW)


class Review(Base):
    """A draft on its way into a collection.

    `fingerprint` is that of the draft as it was last submitted; `checked` are the numbers of the
    checklist's lines that a reviewer ticked; `reminded_for` the due day that people were reminded
    of already.
    """

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collections.id", ondelete="CASCADE"), index=True
    )
    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(10), index=True)
    submitted_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    checked: Mapped[list[Any]] = mapped_column(default=list)
    due_on: Mapped[date | None] = mapped_column(Date)
    reminded_for: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)

    collection: Mapped[Collection] = relationship()


class ReviewEvent(Base):
    """A comment, a suggestion, or a step of a review. `pointer` names the field (RFC 6901, into
    the draft) or the file (`/files/PATH`) that it is about; `suggestion` holds the new `value`,
    and once it was applied the one `before`.
    """

    __tablename__ = "review_events"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text, default="")
    pointer: Mapped[str] = mapped_column(String(1100), default="")
    suggestion: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default="")
    at: Mapped[datetime]


class ReviewLook(Base):
    """The draft as a person last saw it on the review's page."""

    __tablename__ = "review_looks"

    review_id: Mapped[int] = mapped_column(
        ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]
    seen: Mapped[dict[str, Any]]
