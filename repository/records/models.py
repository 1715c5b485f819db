"""Records, versions, drafts, files and the content they point at."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

import repository.records.collections  # more tables, in files of their own
import repository.records.origins  # the same
import repository.records.reviews  # noqa: F401 - the same
from repository.core.db import Base


def _where_set(name: str, column: str, condition: str) -> Index:
    """An index of the few rows that a column tells apart; the many others cost nothing."""
    where = text(condition)
    return Index(name, column, sqlite_where=where, postgresql_where=where)


class State(StrEnum):
    """Where a version stands in its life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Record(Base):
    """One dataset through time. `latest_id` is its newest version that was published."""

    __tablename__ = "records"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    doi: Mapped[str | None] = mapped_column(String(255), unique=True)
    latest_id: Mapped[str | None] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime]

    grants: Mapped[list[Grant]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class Permission(StrEnum):
    """What a grant allows, each more than the one before: to read about a record, to have its
    files, to change its drafts, to publish, withdraw and give access to others.
    """

    VIEW = "view"
    DOWNLOAD = "download"
    EDIT = "edit"
    MANAGE = "manage"


class Grant(Base):
    """Access to all versions of a record, until `expires_at` if that is set: given to one user; to
    everyone with a verified address at a `domain`, with `subdomains` those below it too; or to
    everyone whom the identity provider `issuer` signed in, with a `claim` those of whom it says
    `claim_value`.
    """

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint("user_id", "record_id"),
        UniqueConstraint("domain", "record_id"),
        UniqueConstraint("issuer", "claim", "claim_value", "record_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    domain: Mapped[str | None] = mapped_column(String(253))
    subdomains: Mapped[bool] = mapped_column(default=False)
    issuer: Mapped[str | None] = mapped_column(String(255))
    claim: Mapped[str] = mapped_column(String(100), default="")
    claim_value: Mapped[str] = mapped_column(String(255), default="")
    permission: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime | None]
    granted_by: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]


class Version(Base):
    """One fixed state of a record. Its columns say what is published; a draft says what will be.

    `metadata_json` and the access columns are empty or without meaning until the first
    publication; `file_count` and `file_bytes` are kept from the first file on. `revision` counts
    published edits and guards against stale writes.
    """

    __tablename__ = "versions"
    __table_args__ = (
        UniqueConstraint("record_id", "number"),
        # All that the access rule reads of a row, for lists that need nothing else of it.
        Index("ix_versions_access", "id", "state", "record_access", "embargo_until", "data_class"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=State.DRAFT.value, index=True)
    doi: Mapped[str | None] = mapped_column(String(255), unique=True)
    metadata_json: Mapped[dict[str, Any]] = mapped_column(default=dict)
    record_access: Mapped[str] = mapped_column(String(10), default="public")
    files_access: Mapped[str] = mapped_column(String(10), default="public")
    embargo_until: Mapped[date | None] = mapped_column(Date, index=True)
    embargo_reason: Mapped[str] = mapped_column(Text, default="")
    files_enabled: Mapped[bool] = mapped_column(default=True)
    own_file_access: Mapped[bool] = mapped_column(default=False)  # a file differs from the rest
    delete_files_at: Mapped[date | None] = mapped_column(Date, index=True)
    delete_files_reason: Mapped[str] = mapped_column(Text, default="")
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by language, in Markdown
    terms_sha256: Mapped[str] = mapped_column(String(64), default="")  # which text; empty: none
    data_class: Mapped[str] = mapped_column(String(10), default="ordinary")
    personal_data_ground: Mapped[str] = mapped_column(String(40), default="")
    withdrawal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    file_count: Mapped[int] = mapped_column(default=0)
    file_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None] = mapped_column(index=True)

    record: Mapped[Record] = relationship()

    @property
    def is_latest(self) -> bool:
        return self.record.latest_id == self.id


class Draft(Base):
    """The working copy of a version: of one not yet published, or an edit of one that is.

    `metadata_json` holds whatever the depositor has typed so far, valid or not. `revision` grows
    with each save; a save names the revision it started from.
    """

    __tablename__ = "drafts"

    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    metadata_json: Mapped[dict[str, Any]] = mapped_column(default=dict)
    access: Mapped[dict[str, Any]] = mapped_column(default=dict)
    files_enabled: Mapped[bool] = mapped_column(default=True)
    external_doi: Mapped[str | None] = mapped_column(String(255))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)

    version: Mapped[Version] = relationship()


class Content(Base):
    """Bytes that some file points at, known by their SHA-256; they lie in the object store.

    `crc32` is what a ZIP archive says of them; empty until a job has read what came without it.
    `malware` names what a scanner found in them at `scanned_at`.
    """

    __tablename__ = "contents"
    __table_args__ = (_where_set("ix_contents_without_crc", "sha256", "crc32 IS NULL"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    crc32: Mapped[int | None] = mapped_column(BigInteger)
    scanned_at: Mapped[datetime | None] = mapped_column(index=True)
    malware: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class File(Base):
    """A path inside a version. `sha256` is empty until its bytes have arrived and were checked."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("version_id", "path"),
        _where_set("ix_files_without_puid", "version_id", "puid IS NULL"),
        _where_set("ix_files_embargo_until", "embargo_until", "embargo_until IS NOT NULL"),
        _where_set("ix_files_delete_at", "delete_at", "delete_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"))
    path: Mapped[str] = mapped_column(String(1024))
    sha256: Mapped[str | None] = mapped_column(ForeignKey("contents.sha256"), index=True)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    media_type: Mapped[str] = mapped_column(String(255), default="application/octet-stream")
    puid: Mapped[str | None] = mapped_column(String(20))  # of PRONOM; "" is looked at, and unknown
    committed: Mapped[bool] = mapped_column(default=False)
    # Room taken (see `records.quotas`): none for what an earlier version brought; more while a
    # file arrives in parts.
    carried: Mapped[bool] = mapped_column(default=False)
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    quarantined: Mapped[bool] = mapped_column(default=False)  # malware was found in its bytes
    description: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Its own access; `proposed` holds what an edit of a published version would make of these.
    access: Mapped[str] = mapped_column(String(10), default="default")
    embargo_until: Mapped[date | None] = mapped_column(Date)
    delete_at: Mapped[date | None] = mapped_column(Date)
    delete_reason: Mapped[str] = mapped_column(Text, default="")
    license: Mapped[str] = mapped_column(String(100), default="")
    proposed: Mapped[dict[str, Any] | None]
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Revision(Base):
    """What a version said after one publication: the history of its metadata and access."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("version_id", "revision"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), index=True)
    revision: Mapped[int]
    metadata_json: Mapped[dict[str, Any]]
    access: Mapped[dict[str, Any]]
    user_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]


class TableProfile(Base):
    """What is known of the table in some bytes, whichever files hold them.

    `variables` are its columns by name and type, for every description of a record; `statistics`
    the same with ranges and sketches, for its own page. `refusal` says in a word why it could not
    be read. `details`: rows, structural problems, encoding, sheets; or what fills the refusal.
    """

    __tablename__ = "table_profiles"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("contents.sha256", ondelete="CASCADE"), primary_key=True
    )
    refusal: Mapped[str] = mapped_column(String(30), default="")
    variables: Mapped[list[Any]] = mapped_column(default=list)
    statistics: Mapped[list[Any]] = mapped_column(default=list)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Scope(StrEnum):
    """Whose room it is, in the order in which rows are locked."""

    COLLECTION = "collection"
    RECORD = "record"
    USER = "user"


class Quota(Base):
    """What one holder (`key` is its id as text) may hold and holds.

    A limit that is None is the one in the settings; 0 is no limit.
    """

    __tablename__ = "quotas"

    scope: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    max_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_files: Mapped[int | None] = mapped_column(BigInteger)
    used_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    used_files: Mapped[int] = mapped_column(BigInteger, default=0)
