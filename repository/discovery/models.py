"""What readers keep an eye on: searches, and records; and what large folders hold."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class Frequency(StrEnum):
    """How often somebody is told of what is new in a search."""

    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class SavedSearch(Base):
    """`arguments` is the query string of the search page. What was published until `told_until`
    was told; `checked_at` is when that was last looked at.
    """

    __tablename__ = "saved_searches"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    arguments: Mapped[str] = mapped_column(String(2000))
    frequency: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    told_until: Mapped[datetime]
    checked_at: Mapped[datetime] = mapped_column(index=True)


class Follow(Base):
    """A reader who wants to be told of new versions of a record; `told` is a version's number."""

    __tablename__ = "follows"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    record_id: Mapped[str] = mapped_column(
        ForeignKey("records.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    told: Mapped[int]
    created_at: Mapped[datetime]


class FolderSum(Base):
    """How many files and bytes lie below a folder of a published version of many files, counted
    once: for each folder of more than `tree.LARGE` files, and each that lies in such a one. The
    top's path is empty and it has no parent.
    """

    __tablename__ = "folder_sums"
    __table_args__ = (Index("ix_folder_sums_parent", "version_id", "parent", "path"),)

    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    parent: Mapped[str | None] = mapped_column(String(1024))
    files: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
