"""Collections: institutions, projects, themes, and the records and people that belong to them.

Here, at the ground, because search, documents and the access rule read them; what is done with
them is in `curation`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from repository.core.db import Base


class Kind(StrEnum):
    INSTITUTION = "institution"
    COLLECTION = "collection"
    PROJECT = "project"
    THEME = "theme"


class SubmissionPolicy(StrEnum):
    """Who may put a record in: any depositor; any, once a curator accepted it; members alone."""

    OPEN = "open"
    REVIEW = "review"
    MEMBERS = "members"


class CollectionRole(StrEnum):
    """What a member may do, each more than the one before: read what is restricted, submit where
    only members may, review and improve records, say who is a member and what the page says.
    """

    READER = "reader"
    SUBMITTER = "submitter"
    CURATOR = "curator"
    MANAGER = "manager"

    @property
    def and_above(self) -> list[str]:
        order = list(CollectionRole)
        return [role.value for role in order[order.index(self) :]]


class Collection(Base):
    """A curated set. Its page is public; which of its records are shown, the access rule says.

    `checklist` is what a reviewer looks at, a text a line; the terms are for records that bring
    none of their own. The logo is a content of the store.
    """

    __tablename__ = "collections"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default=Kind.COLLECTION.value, index=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("collections.id", ondelete="SET NULL"), index=True
    )
    title_vi: Mapped[str] = mapped_column(String(300))
    title_en: Mapped[str] = mapped_column(String(300), default="")
    description_vi: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    policy: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    ror: Mapped[str] = mapped_column(String(40), default="")
    logo_sha256: Mapped[str | None] = mapped_column(ForeignKey("contents.sha256"))
    logo_type: Mapped[str] = mapped_column(String(20), default="")
    submission: Mapped[str] = mapped_column(String(10), default=SubmissionPolicy.REVIEW.value)
    checklist: Mapped[list[Any]] = mapped_column(default=list)
    terms_vi: Mapped[str] = mapped_column(Text, default="")
    terms_en: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    parent: Mapped[Collection | None] = relationship(remote_side="Collection.id")

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else "") or self.title_vi

    def description(self, language: str) -> str:
        first, other = self.description_vi, self.description_en
        return (other or first) if language == "en" else (first or other)


class CollectionRecord(Base):
    """A record in a collection, with all its versions; `unseen` where it came in without a review
    and the curators were not told yet.
    """

    __tablename__ = "collection_records"

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True
    )
    record_id: Mapped[str] = mapped_column(
        ForeignKey("records.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_by: Mapped[int | None] = mapped_column(Integer)
    added_at: Mapped[datetime]
    unseen: Mapped[bool] = mapped_column(default=False, index=True)


class CollectionMember(Base):
    """A user's role in a collection; it does not reach into collections below it."""

    __tablename__ = "collection_members"
    __table_args__ = (UniqueConstraint("collection_id", "user_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime]
