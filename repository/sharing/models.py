"""Asking for access: what owners want to know, and who asked."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class Takers(StrEnum):
    """From whom an owner takes requests."""

    EVERYONE = "everyone"
    USERS = "users"  # those with an account
    NOBODY = "nobody"


class RequestPolicy(Base):
    """How a record's owner wants to be asked; without a row everyone may, and nothing is asked."""

    __tablename__ = "request_policies"

    record_id: Mapped[str] = mapped_column(
        ForeignKey("records.id", ondelete="CASCADE"), primary_key=True
    )
    takers: Mapped[str] = mapped_column(String(10))
    terms: Mapped[str] = mapped_column(Text, default="")
    questions: Mapped[list[Any]] = mapped_column(default=list)


class RequestStatus(StrEnum):
    UNVERIFIED = "unverified"  # a guest has not yet followed the mailed link
    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # nobody decided


class AccessRequest(Base):
    """Somebody's request for the files of a record: a user's, or a guest's with their address.

    `terms` are those agreed to, as they were then. `secret_hash` belongs to a guest's link.
    """

    __tablename__ = "access_requests"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    affiliation: Mapped[str] = mapped_column(String(300), default="")
    message: Mapped[str] = mapped_column(Text)
    answers: Mapped[list[Any]] = mapped_column(default=list)
    terms: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(5))
    status: Mapped[str] = mapped_column(String(10), index=True)
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")
    access_until: Mapped[datetime | None]
    ending_told_at: Mapped[datetime | None]
