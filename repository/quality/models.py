"""Scores of versions: the present one, those before, and what is to be mended."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base


class QualityScore(Base):
    """A published version's scores, each from 0 to 100, as they were last worked out.

    `fair_letters` are those of F, A, I, R.
    """

    __tablename__ = "quality_scores"
    __table_args__ = (Index("ix_quality_scores_score", "score", "version_id"),)

    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    score: Mapped[int]
    correct: Mapped[int]
    sufficient: Mapped[int]
    clean: Mapped[int]
    alive: Mapped[int]
    unified: Mapped[int]
    shared: Mapped[int]
    fair: Mapped[int]
    fair_letters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(index=True)


class QualityFinding(Base):
    """A check that a version does not pass; `points` of a hundred would be won by mending it."""

    __tablename__ = "quality_findings"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    check: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    points: Mapped[int]


class QualityHistory(Base):
    """What a version's score became, each time that it changed."""

    __tablename__ = "quality_history"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), index=True
    )
    score: Mapped[int]
    fair: Mapped[int]
    at: Mapped[datetime]


class QualityMean(Base):
    """The means of a day over the newest versions that everybody may see: of a collection and all
    below it, or of the whole repository, which is `scope` 0.
    """

    __tablename__ = "quality_means"

    scope: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    records: Mapped[int]
    score: Mapped[int]
    correct: Mapped[int]
    sufficient: Mapped[int]
    clean: Mapped[int]
    alive: Mapped[int]
    unified: Mapped[int]
    shared: Mapped[int]
    fair: Mapped[int]


class LinkCheck(Base):
    """An address that published metadata lead to, by the SHA-256 of its text, and how it answered.

    `failures` are those in a row, a day apart at least; `at` is None before the first look.
    """

    __tablename__ = "link_checks"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None] = mapped_column(index=True)


class ContactCheck(Base):
    """When a record's owner was last asked whether they still answer for it, and what came of it.

    `waiting_since` is the first question that nobody has answered, None once somebody did.
    """

    __tablename__ = "contact_checks"

    record_id: Mapped[str] = mapped_column(
        ForeignKey("records.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    asked_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class ContentSign(Base):
    """What kind of bytes a content is, as a word of `signs`; empty for none at all."""

    __tablename__ = "content_signs"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("contents.sha256", ondelete="CASCADE"), primary_key=True
    )
    sign: Mapped[str] = mapped_column(String(10))


class LikelyDouble(Base):
    """Two records that may be one, by equal files or by titles and creators that nearly agree."""

    __tablename__ = "likely_doubles"
    __table_args__ = (UniqueConstraint("one_id", "other_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    one_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    other_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    files: Mapped[int]
    dismissed_by: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]
