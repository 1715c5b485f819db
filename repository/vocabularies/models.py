"""Vocabularies, their terms, and the versions in which both came."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from repository.core.db import Base

MAX_CODE, MAX_LABEL, MAX_FOLDED = 200, 500, 500


class Kind(StrEnum):
    """What the terms of a vocabulary name, and so where in the metadata they may stand."""

    SUBJECTS = "subjects"
    AFFILIATIONS = "affiliations"
    FUNDERS = "funders"
    AWARDS = "awards"
    CODES = "codes"  # lists that the metadata model itself knows: types, languages, licences


class Vocabulary(Base):
    """One list. `scheme` and `scheme_uri` are what metadata say of a term's origin.

    `closed` lists follow the program: nobody imports into them. `digest` is that of the file of
    ours the list came from, so that a release brings its newer one.
    """

    __tablename__ = "vocabularies"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    title_vi: Mapped[str] = mapped_column(String(MAX_LABEL))
    title_en: Mapped[str] = mapped_column(String(MAX_LABEL))
    scheme: Mapped[str] = mapped_column(String(200), default="", index=True)
    scheme_uri: Mapped[str] = mapped_column(String(500), default="")
    source: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[str] = mapped_column(String(100), default="")
    closed: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[str] = mapped_column(String(64), default="")
    terms: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else "") or self.title_vi


class VocabularyVersion(Base):
    """One import: what it brought, and who did it (empty: the program)."""

    __tablename__ = "vocabulary_versions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    vocabulary_id: Mapped[str] = mapped_column(
        ForeignKey("vocabularies.id", ondelete="CASCADE"), index=True
    )
    version: Mapped[str] = mapped_column(String(100))
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    retired: Mapped[int] = mapped_column(default=0)
    user_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]


class ImportState(StrEnum):
    READING = "reading"  # a job compares the file with the list
    READY = "ready"  # to be looked at
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


class VocabularyImport(Base):
    """A file that a curator sent, compared with the list first and brought in when they say so.

    `told` is what they said of the list, `found` the counts of what changes, with examples;
    `failure` a msgid with its parameters. The file stays in the store: where a version came from.
    """

    __tablename__ = "vocabulary_imports"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    vocabulary_id: Mapped[str] = mapped_column(String(40), index=True)  # it may not be there yet
    version: Mapped[str] = mapped_column(String(100))
    told: Mapped[dict[str, Any]]
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(ForeignKey("contents.sha256"))
    state: Mapped[str] = mapped_column(String(20))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failure: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]


class Term(Base):
    """One value. A term that a newer version lacks is retired, never deleted: records name it.

    `folded` holds the words by which it is found, without marks; `props` what only some kinds have
    (country, acronym, other names, other identifiers, the funder of an award).
    """

    __tablename__ = "vocabulary_terms"
    __table_args__ = (
        UniqueConstraint("vocabulary_id", "code"),
        Index("ix_vocabulary_terms_folded", "vocabulary_id", "retired", "folded"),
        Index("ix_vocabulary_terms_label_en", "label_en"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    vocabulary_id: Mapped[str] = mapped_column(ForeignKey("vocabularies.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(MAX_CODE))
    uri: Mapped[str] = mapped_column(String(500), default="", index=True)
    parent: Mapped[str] = mapped_column(String(MAX_CODE), default="")
    label_vi: Mapped[str] = mapped_column(String(MAX_LABEL), default="")
    label_en: Mapped[str] = mapped_column(String(MAX_LABEL), default="")
    folded: Mapped[str] = mapped_column(String(MAX_FOLDED), default="")
    retired: Mapped[bool] = mapped_column(default=False)
    replaced_by: Mapped[str] = mapped_column(String(MAX_CODE), default="")
    props: Mapped[dict[str, Any]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    since: Mapped[str] = mapped_column(String(100), default="")
    until: Mapped[str] = mapped_column(String(100), default="")
    seen: Mapped[int] = mapped_column(default=0)  # the last import that brought it

    def label(self, language: str) -> str:
        """In the language of the reader where there is one, else in the other."""
        first, second = self.label_vi, self.label_en
        if language == "en":
            first, second = second, first
        return first or second or self.code

    @property
    def labels(self) -> dict[str, str]:
        told = (("vi", self.label_vi), ("en", self.label_en))
        return {language: text for language, text in told if text}
