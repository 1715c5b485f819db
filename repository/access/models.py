"""Links that give access to those who need no account, and the log of who had what."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base

REVIEW = "review"


class ShareLink(Base):
    """A secret address that opens a record. Only the SHA-256 of its secret is kept.

    `permission` is a `Permission` but `manage`, for all versions of the record; or `review`: one
    version, `version_id`, shown without anything that names its people. `uses` counts openings,
    of which there may be `max_uses`.
    """

    __tablename__ = "share_links"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[str | None] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    permission: Mapped[str] = mapped_column(String(10))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    max_uses: Mapped[int | None] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer, default=0)
    last_used_at: Mapped[datetime | None]


class AccessEntry(Base):
    """That somebody had bytes which are not for everyone: who, what, when, and by what right.

    One row an hour for the same reader and file, with how often. `path` is empty where it was a
    whole version. `user_id` is empty for whoever came by a link.
    """

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_record_id_at", "record_id", "at"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(index=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    version_id: Mapped[str] = mapped_column(String(16))
    path: Mapped[str] = mapped_column(String(1024), default="")
    act: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(Integer)
    link_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(20))
    times: Mapped[int] = mapped_column(Integer, default=1)


class TermsText(Base):
    """Terms as somebody accepted them: kept when the record has others by now."""

    __tablename__ = "terms_texts"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    texts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class TermsAcceptance(Base):
    """That somebody accepted one text of terms of a record; it holds for every version with it.

    `holder` is `user:NUMBER`, or `guest:` and the SHA-256 of a guest's secret; `link_id` the share
    link that a guest came by. `version_id` is where it was accepted.
    """

    __tablename__ = "terms_acceptances"
    __table_args__ = (UniqueConstraint("record_id", "terms_sha256", "holder"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    version_id: Mapped[str] = mapped_column(String(16))
    terms_sha256: Mapped[str] = mapped_column(ForeignKey("terms_texts.sha256"))
    holder: Mapped[str] = mapped_column(String(80), index=True)
    user_id: Mapped[int | None] = mapped_column(Integer)
    link_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]
